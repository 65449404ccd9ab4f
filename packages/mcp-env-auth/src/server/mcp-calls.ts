import { createMcpHandler, type McpServerFactory } from "@modelcontextprotocol/server";
import type { Logger } from "../logger.ts";
import { createMcpExchange, type McpExchangeOptions } from "../sdk/mcp-exchange.ts";
import type { ChangeBus } from "../sdk/subscription.ts";
import type { SessionStreams } from "../sessions/session-streams.ts";
import type { McpCalls } from "./calls-source.ts";

export { checkProtections } from "../sdk/check-protections.ts";
export { mayUseFastPath } from "../sdk/fast-path.ts";
export { createRequestServers } from "./offer/request-servers.ts";

export interface McpCallsOptions extends Omit<McpExchangeOptions, "handler" | "direct" | "changes"> {
  /** Builds the SDK's server for one request. */
  readonly factory: McpServerFactory;
  /** What streams are subscribed to. */
  readonly bus: ChangeBus;
  /** Those of sessions; absent where there are none. */
  readonly sessionStreams: SessionStreams | undefined;
  /** Whether one of those may have scope challenges of the SDK's, which only its handler knows how to answer. */
  readonly challenges: boolean;
  readonly logger: Logger;
}

/** Loaded once the server listens: the SDK takes longer than all that comes before. */
export function createMcpCalls({
  factory,
  bus,
  sessionStreams,
  challenges,
  logger,
  ...options
}: McpCallsOptions): McpCalls {
  const handler = createMcpHandler(factory, {
    bus,
    // Ours is the limit (`../http/open-streams.ts`): the SDK answers one too many with 200 and logs nothing.
    maxSubscriptions: Number.POSITIVE_INFINITY,
    onerror: (error) => logger.debug({ err: error }, "The MCP handler reports an error"),
  });
  const changes = sessionStreams && { factory, bus, sessionStreams };
  const exchange = createMcpExchange({ ...options, handler, direct: challenges ? undefined : factory, changes });
  return { exchange, close: () => handler.close() };
}

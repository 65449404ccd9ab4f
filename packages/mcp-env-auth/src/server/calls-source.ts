import type { Endpoint } from "../endpoint.ts";
import type { McpExchange } from "../http/mcp-endpoint.ts";
import type { SessionService } from "../http/session-requests.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../logger.ts";
import type { Authentication } from "../providers/auth-provider.ts";
import type { Reception } from "./reception.ts";

/** What answers requests that were found to be good. */
export interface McpCalls {
  readonly exchange: McpExchange;
  /** Served beside the provider's. Absent: none. */
  readonly endpoints?: readonly Endpoint[] | undefined;
  /** Whether calls can be answered now. Absent: always. */
  readonly ready?: (() => boolean) | undefined;
  close(): Promise<void>;
}

/** What is there when what answers calls is made. */
export interface CallsContext {
  readonly settings: { readonly mcpPath: string; readonly sdkFastPath: boolean };
  readonly reception: Reception;
  /** `undefined` for a server that was asked to be open. */
  readonly authentication: Authentication | undefined;
  /** `undefined` where sessions are not ours. */
  readonly sessions: SessionService | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Where answers come from: the MCP SDK in this process, or an upstream behind the gateway. */
export interface CallsSource {
  /** Whether sessions of clients are ours: an upstream has its own. */
  readonly ownSessions: boolean;
  /** Loads the modules that calls need, beside the provider's own. The function makes what answers calls. */
  load(): Promise<(context: CallsContext) => Promise<McpCalls>>;
}

import type { McpExchange } from "../http/mcp-endpoint.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../logger.ts";
import type { Sealer } from "../sessions/session-id.ts";
import type { SchemesOf } from "./filter-lists.ts";
import type { ForeignPolicy } from "./foreign-policy.ts";
import { createProcessPool } from "./process-pool.ts";
import { createProcessSealer } from "./process-sealer.ts";
import { createStdioForwarder } from "./stdio-forward.ts";
import { createUpstreamSessions } from "./upstream-session.ts";

export interface StdioCallsOptions {
  readonly command: readonly [string, ...string[]];
  /** What the command inherits, but for this server's own settings. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The most processes at once. */
  readonly maxProcesses: number;
  /** Seconds until a request must be answered. */
  readonly timeout: number;
  readonly policy: ForeignPolicy | undefined;
  readonly schemesOf: SchemesOf;
  readonly sealer: Sealer | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Calls that processes of a command answer, one process for each user. */
export async function createStdioCalls(options: StdioCallsOptions): Promise<{
  readonly exchange: McpExchange;
  close(): Promise<void>;
}> {
  const pool = createProcessPool({ ...options, limit: options.maxProcesses });
  const sessions = createUpstreamSessions(options.sealer ?? (await createProcessSealer()));
  return {
    exchange: createStdioForwarder({ ...options, pool, sessions }),
    async close() {
      pool.close();
    },
  };
}

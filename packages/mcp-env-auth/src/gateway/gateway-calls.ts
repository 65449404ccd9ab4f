import type { Endpoint } from "../endpoint.ts";
import type { McpExchange } from "../http/mcp-endpoint.ts";
import type { OpenStreams } from "../http/open-streams.ts";
import type { Logger } from "../logger.ts";
import type { Sealer } from "../sessions/session-id.ts";
import type { SchemesOf } from "./filter-lists.ts";
import type { ForeignPolicy } from "./foreign-policy.ts";
import { createForwarder } from "./forward.ts";
import { createHttpUpstream } from "./http-upstream.ts";
import { createIdentity, type IdentityOptions } from "./identity.ts";
import { createProcessSealer } from "./process-sealer.ts";
import { watchUpstream } from "./upstream-health.ts";
import { createUpstreamSessions } from "./upstream-session.ts";

export interface GatewayCallsOptions {
  readonly url: URL;
  /** Seconds until the upstream must begin to answer. */
  readonly timeout: number;
  /** Absent: everyone with a good token may use everything. */
  readonly policy: ForeignPolicy | undefined;
  readonly schemesOf: SchemesOf;
  readonly identity: IdentityOptions;
  /** Absent: the provider has no signing key, so sessions end with this process. */
  readonly sealer: Sealer | undefined;
  readonly streams: OpenStreams;
  readonly logger: Logger;
}

/** Calls that an upstream answers over HTTP. */
export async function createGatewayCalls(options: GatewayCallsOptions): Promise<{
  readonly exchange: McpExchange;
  readonly endpoints: readonly Endpoint[];
  ready(): boolean;
  close(): Promise<void>;
}> {
  const { url, timeout, sealer, logger } = options;
  const client = createHttpUpstream({ url, timeout });
  const health = watchUpstream(url, logger);
  const sessions = createUpstreamSessions(sealer ?? (await createProcessSealer()));
  const identity = createIdentity(options.identity);
  return {
    exchange: createForwarder({ ...options, client, health, sessions, identity }),
    endpoints: identity.endpoints,
    ready: health.isUp,
    async close() {
      health.close();
      client.close();
    },
  };
}

import { type AuthorizationCodeClientOptions, createAuthorizationCodeClient } from "./authorization-code-client.ts";
import type { DiscoveredMetadata } from "./discovery.ts";
import type { UpstreamClient } from "./upstream-client.ts";

export interface OidcUpstreamClientOptions extends AuthorizationCodeClientOptions {
  /** What discovery found. */
  readonly metadata: DiscoveredMetadata;
}

/** Our client at an OpenID Connect provider. */
export function createOidcUpstreamClient(options: OidcUpstreamClientOptions): UpstreamClient {
  return createAuthorizationCodeClient(options);
}

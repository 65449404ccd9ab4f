import type { AuthProvider } from "../auth-provider.ts";
import { forwardMetadata } from "./forwarded-metadata.ts";
import type { OrganizationSettings } from "./organizations.ts";
import { type TokenVerifierSettings, tokenVerifier } from "./token-verifier.ts";

export interface RemoteAuthorizationServerSettings
  extends OrganizationSettings,
    Pick<TokenVerifierSettings, "createVerifier" | "requiredScopes" | "resourceBaseUrl" | "scopesSupported"> {
  readonly baseUrl: URL;
  /**
   * The issuer identifiers of the provider's authorization servers, exactly as their own metadata spells them (RFC 8414
   * section 2).
   */
  readonly authorizationServers: readonly string[];
  /** Where its metadata is, to be served at our own address too. */
  readonly metadataUrl?: string | undefined;
}

/**
 * Kind: a provider at which MCP clients register themselves. The protected resource metadata names it, and this server
 * accepts the tokens that it issues for this server.
 */
export function remoteAuthorizationServer(settings: RemoteAuthorizationServerSettings): AuthProvider {
  const { metadataUrl } = settings;
  return tokenVerifier({
    ...settings,
    ...(metadataUrl !== undefined && { createEndpoints: (context) => forwardMetadata(metadataUrl, context) }),
  });
}

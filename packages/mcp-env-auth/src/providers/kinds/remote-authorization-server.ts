import type { AuthProvider } from "../auth-provider.ts";
import { type TokenVerifierSettings, tokenVerifier } from "./token-verifier.ts";

export interface RemoteAuthorizationServerSettings
  extends Pick<TokenVerifierSettings, "createVerifier" | "requiredScopes"> {
  readonly baseUrl: URL;
  /** The issuer identifier of the provider's authorization server, exactly as its own metadata spells it (RFC 8414 section 2). */
  readonly issuer: string;
}

/**
 * Kind: a provider at which MCP clients register themselves. The protected resource
 * metadata names it, and this server accepts the tokens that it issues for this server.
 */
export function remoteAuthorizationServer(settings: RemoteAuthorizationServerSettings): AuthProvider {
  return tokenVerifier({ ...settings, authorizationServers: [settings.issuer] });
}

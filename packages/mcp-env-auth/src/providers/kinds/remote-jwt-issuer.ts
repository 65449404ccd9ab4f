import type { AuthProvider } from "../auth-provider.ts";
import { resourceIdentifier } from "./base-url.ts";
import { type IssuedJwtOptions, verifyIssuedJwts } from "./issued-jwts.ts";
import { type RemoteAuthorizationServerSettings, remoteAuthorizationServer } from "./remote-authorization-server.ts";

export interface RemoteJwtIssuerSettings
  extends Omit<RemoteAuthorizationServerSettings, "authorizationServers" | "createVerifier">,
    Pick<
      IssuedJwtOptions,
      "advice" | "algorithms" | "audienceVariable" | "impliedScopes" | "jwksUri" | "scopeClaims" | "subject"
    > {
  /** The `iss` of its tokens, to the letter. */
  readonly issuer: string;
  /** The `aud` of its tokens. Absent: the URL of the MCP endpoint, which clients name as `resource` (RFC 8707). */
  readonly audience?: string | readonly string[] | undefined;
  /** Where it is not the issuer of the tokens itself. */
  readonly authorizationServers?: readonly string[];
}

/** Kind: a remote authorization server whose access tokens are JWTs, bound to this server by their audience. */
export function remoteJwtIssuer(settings: RemoteJwtIssuerSettings): AuthProvider {
  const { baseUrl, requiredScopes, metadataUrl, issuer, audience, authorizationServers = [issuer] } = settings;
  const { jwksUri, advice, algorithms, audienceVariable, impliedScopes, scopeClaims, subject } = settings;
  const { organizationClaim, organizationNameClaim, allowedOrganizations } = settings;
  return remoteAuthorizationServer({
    baseUrl,
    requiredScopes,
    metadataUrl,
    authorizationServers,
    ...(organizationClaim !== undefined && { organizationClaim, organizationNameClaim }),
    ...(allowedOrganizations !== undefined && { allowedOrganizations }),
    createVerifier(context) {
      const rules = { issuer, jwksUri, advice, algorithms, audienceVariable, impliedScopes, scopeClaims, subject };
      return verifyIssuedJwts(
        { ...rules, audience: audience ?? resourceIdentifier(baseUrl, context.mcpPath) },
        context,
      );
    },
  });
}

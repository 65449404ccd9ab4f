import type { AuthProvider } from "../auth-provider.ts";
import { resourceIdentifier } from "../fields/base-url.ts";
import { type IssuedJwtOptions, verifyIssuedJwts } from "./issued-jwts.ts";
import { type RemoteAuthorizationServerSettings, remoteAuthorizationServer } from "./remote-authorization-server.ts";

export interface RemoteJwtIssuerSettings
  extends Omit<RemoteAuthorizationServerSettings, "authorizationServers" | "createVerifier">,
    Pick<
      IssuedJwtOptions,
      "advice" | "algorithms" | "audienceVariable" | "impliedScopes" | "jwksUri" | "scopeClaims" | "subject"
    > {
  /** The `iss` of its tokens, exactly. */
  readonly issuer: string;
  /** All names that it goes by in `iss`, exactly. Its users are the same under each. Default: `issuer`. */
  readonly tokenIssuers?: string | readonly string[] | undefined;
  /** The `aud` of its tokens. Absent: the URL of the MCP endpoint, which clients name as `resource` (RFC 8707). */
  readonly audience?: string | readonly string[] | undefined;
  /** Where it is not the issuer of the tokens itself. */
  readonly authorizationServers?: readonly string[];
}

/** Kind: a remote authorization server whose access tokens are JWTs, bound to this server by their audience. */
export function remoteJwtIssuer(settings: RemoteJwtIssuerSettings): AuthProvider {
  const { baseUrl, requiredScopes, metadataUrl, issuer, audience, authorizationServers = [issuer] } = settings;
  const { tokenIssuers = issuer, resourceBaseUrl = baseUrl, scopesSupported } = settings;
  const { jwksUri, advice, algorithms, audienceVariable, impliedScopes, scopeClaims, subject } = settings;
  const { organizationClaim, organizationNameClaim, allowedOrganizations } = settings;
  return remoteAuthorizationServer({
    baseUrl,
    resourceBaseUrl,
    requiredScopes,
    ...(scopesSupported !== undefined && { scopesSupported }),
    metadataUrl,
    authorizationServers,
    ...(organizationClaim !== undefined && { organizationClaim, organizationNameClaim }),
    ...(allowedOrganizations !== undefined && { allowedOrganizations }),
    createVerifier(context) {
      const rules = {
        issuer: tokenIssuers,
        oneIssuer: true,
        jwksUri,
        advice,
        algorithms,
        audienceVariable,
        impliedScopes,
        scopeClaims,
        subject,
      };
      return verifyIssuedJwts(
        { ...rules, audience: audience ?? resourceIdentifier(resourceBaseUrl, context.mcpPath) },
        context,
      );
    },
  });
}

import { decodeProtectedHeader, type JWTPayload, jwtVerify } from "jose";
import { accessTokenLifetime, createAccessToken } from "../access-token.ts";
import { apiPermissions, grantScopes, OIDC_SCOPES } from "../apis.ts";
import type { Application } from "../applications.ts";
import { OAuthError, type TokenAnswer } from "../oauth-error.ts";
import { requireMember } from "../organizations.ts";
import { type Parameters, required, scopeList } from "../parameters.ts";
import type { Tenant } from "../tenant.ts";

const ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";
const MAX_ACTORS = 5;

/**
 * On-Behalf-Of Token Exchange (RFC 8693): a user's token for this API becomes one for another API, for the same user.
 */
export async function exchangeOnBehalfOf(
  tenant: Tenant,
  application: Application,
  body: Parameters,
): Promise<TokenAnswer> {
  requireType(required(body, "subject_token_type"));
  requireType(body.requested_token_type ?? ACCESS_TOKEN);
  const claims = await readSubjectToken(tenant, application, required(body, "subject_token"));
  const user = [...tenant.users.values()].find(({ id }) => id === claims.sub);
  if (user === undefined || user.blocked) {
    throw new OAuthError(403, "invalid_grant", "user is blocked");
  }
  const organization = typeof claims.org_id === "string" ? claims.org_id : undefined;
  requireMember(user, organization);

  const audience = required(body, "audience");
  const api = tenant.apis.get(audience);
  if (api === undefined) {
    throw new OAuthError(403, "access_denied", `Service not found: ${audience}`);
  }
  const delegated = application.userGrants === undefined ? api.scopes : application.userGrants[audience];
  if (delegated === undefined) {
    const message = `Client is not authorized to access resource server "${audience}".`;
    throw new OAuthError(403, "unauthorized_client", message);
  }
  const asked = scopeList(body.scope).filter((scope) => !OIDC_SCOPES.includes(scope));
  const wanted = asked.length === 0 ? delegated : asked.filter((scope) => delegated.includes(scope));
  const scopes = grantScopes(wanted, api, user.permissions);
  const accessToken = await createAccessToken(tenant, {
    subject: user.id,
    clientId: application.clientId,
    api,
    scopes,
    permissions: apiPermissions(api, user.permissions).filter((scope) => delegated.includes(scope)),
    organization,
    actor: { sub: application.clientId, act: earlierActor(claims) },
  });
  return {
    access_token: accessToken,
    ...(scopes.length > 0 && { scope: scopes.join(" ") }),
    expires_in: accessTokenLifetime(tenant, api),
    token_type: "Bearer",
    issued_token_type: ACCESS_TOKEN,
  };
}

function requireType(type: string): void {
  if (type !== ACCESS_TOKEN) {
    throw new OAuthError(400, "invalid_request", `Unsupported token type: ${type}`);
  }
}

async function readSubjectToken(tenant: Tenant, { resourceServer }: Application, token: string): Promise<JWTPayload> {
  try {
    const key = tenant.keys.find(decodeProtectedHeader(token).kid);
    if (key === undefined || resourceServer === undefined) {
      throw new Error("No key or no API.");
    }
    const { payload } = await jwtVerify(token, key.publicKey, {
      algorithms: ["RS256"],
      issuer: tenant.issuer,
      audience: resourceServer,
      currentDate: new Date(tenant.clock() * 1000),
    });
    return payload;
  } catch {
    throw new OAuthError(400, "invalid_request", "The subject_token is not a valid access token for this API.");
  }
}

function earlierActor({ act, azp, client_id: clientId }: JWTPayload): unknown {
  const earlier = act ?? { sub: azp ?? clientId };
  let depth = 0;
  for (let actor: unknown = earlier; typeof actor === "object" && actor !== null; depth++) {
    actor = (actor as { act?: unknown }).act;
  }
  if (depth < MAX_ACTORS) {
    return earlier;
  }
  throw new OAuthError(
    400,
    "invalid_request",
    "Delegation chain (`act` claim) depth exceeds the maximum allowed limit of 4",
  );
}

import { accessTokenLifetime, createAccessToken } from "../access-token.ts";
import type { Api } from "../apis.ts";
import type { Application } from "../applications.ts";
import { OAuthError, type TokenAnswer } from "../oauth-error.ts";
import { findOrganization } from "../organizations.ts";
import { type Parameters, required, scopeList } from "../parameters.ts";
import type { Tenant } from "../tenant.ts";

/** Tokens for a machine, without a user (RFC 6749 section 4.4). */
export async function exchangeClientCredentials(
  tenant: Tenant,
  application: Application,
  body: Parameters,
): Promise<TokenAnswer> {
  const audience = required(body, "audience");
  const api = tenant.apis.get(audience);
  if (api === undefined) {
    throw new OAuthError(403, "access_denied", `Service not enabled within domain: ${audience}`);
  }
  const allowed = machinePermissions(application, api);
  if (allowed === undefined) {
    const message = `Client is not authorized to access "${audience}". You need to create a "client-grant" associated to this API.`;
    throw new OAuthError(403, "access_denied", message);
  }
  const organization = machineOrganization(tenant, application, body.organization);
  const asked = scopeList(body.scope);
  const scopes = asked.length === 0 ? allowed : allowed.filter((scope) => asked.includes(scope));
  const accessToken = await createAccessToken(tenant, {
    subject: machineSubject(application.clientId),
    clientId: application.clientId,
    api,
    scopes,
    permissions: scopes,
    organization,
    machine: true,
  });
  return {
    access_token: accessToken,
    ...(scopes.length > 0 && { scope: scopes.join(" ") }),
    expires_in: accessTokenLifetime(tenant, api),
    token_type: "Bearer",
  };
}

/** The `sub` of a machine's tokens. */
export function machineSubject(clientId: string): string {
  return `${clientId}@clients`;
}

function machineOrganization(
  tenant: Tenant,
  { clientId, machineOrganizationUsage: usage = "allow", machineOrganizations: associated }: Application,
  parameter: string | undefined,
): string | undefined {
  if (parameter === undefined) {
    if (usage !== "require") {
      return undefined;
    }
    throw new OAuthError(400, "invalid_request", "parameter organization is required for this client");
  }
  if (usage === "deny") {
    throw new OAuthError(400, "invalid_request", "parameter organization is not allowed for this client");
  }
  const { id } = findOrganization(tenant, parameter);
  if (associated?.includes(id) === false) {
    throw new OAuthError(403, "access_denied", `Client ${clientId} is not authorized to access resources of ${id}.`);
  }
  return id;
}

/** What the application may do at the API by itself; `undefined` without a client grant. */
function machinePermissions(application: Application, api: Api): readonly string[] | undefined {
  const { clientGrants, type } = application;
  if (clientGrants === undefined) {
    return type === "machine" ? api.scopes : undefined;
  }
  return clientGrants[api.identifier]?.filter((scope) => api.scopes.includes(scope));
}

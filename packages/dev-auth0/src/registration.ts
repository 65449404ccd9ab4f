import type { RequestHandler } from "express";
import { readClientMetadata, thirdPartyApplication } from "./client-metadata.ts";
import { OAuthError } from "./oauth-error.ts";
import { randomToken } from "./random.ts";
import type { Tenant } from "./tenant.ts";

/** How many applications may register. */
const MAX_APPLICATIONS = 10_000;

/** POST /oidc/register (OpenID Connect Dynamic Client Registration 1.0 section 3): open to anybody where it is on. */
export function registrationEndpoint(tenant: Tenant): RequestHandler {
  return (request, response) => {
    if (!tenant.dynamicRegistration) {
      throw new OAuthError(404, "not_found", "Dynamic Client Registration is off: set dynamicRegistration.");
    }
    if (tenant.applications.size >= MAX_APPLICATIONS) {
      throw new OAuthError(403, "too_many_entities", "There are too many applications.");
    }
    const metadata = readClientMetadata(request.body);
    const { client_name: name, redirect_uris, token_endpoint_auth_method: method } = metadata;
    if (method === "private_key_jwt") {
      throw new OAuthError(400, "invalid_client_metadata", "private_key_jwt takes an application of the tenant's own.");
    }
    const clientId = `tpc_${randomToken()}`;
    const clientSecret = method === "none" ? undefined : randomToken();
    const application = thirdPartyApplication(clientId, metadata, clientSecret);
    tenant.applications.set(clientId, application);
    response
      .status(201)
      .set("Cache-Control", "no-store")
      .json({
        ...(name !== undefined && { client_name: name }),
        client_id: clientId,
        ...(clientSecret !== undefined && { client_secret: clientSecret }),
        client_secret_expires_at: 0,
        redirect_uris,
        grant_types: application.grantTypes,
        response_types: ["code"],
        token_endpoint_auth_method: method,
      });
  };
}

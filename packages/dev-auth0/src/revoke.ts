import type { RequestHandler } from "express";
import { authenticateClient } from "./client-authentication.ts";
import { errorFault } from "./faults.ts";
import { OAuthError } from "./oauth-error.ts";
import { bodyParameters, required } from "./parameters.ts";
import type { Tenant } from "./tenant.ts";

/**
 * POST /oauth/revoke (RFC 7009): ends a refresh token and all that came from the same login. Access tokens can't be
 * revoked at Auth0; unknown tokens are answered with 200.
 */
export function revokeEndpoint(tenant: Tenant): RequestHandler {
  return async (request, response) => {
    const fault = errorFault(tenant.faults.revoke);
    if (fault !== undefined) {
      throw fault;
    }

    const body = bodyParameters(request);
    const application = await authenticate(tenant, request.headers.authorization, body);
    tenant.refreshTokens.revoke(required(body, "token"), application.clientId);
    response.status(200).end();
  };
}

/** Unlike the token endpoint, this one answers `invalid_client`. */
async function authenticate(
  ...[tenant, authorization, body]: [Tenant, string | undefined, ReturnType<typeof bodyParameters>]
) {
  try {
    return await authenticateClient(tenant, authorization, body);
  } catch (error) {
    if (error instanceof OAuthError) {
      throw new OAuthError(401, "invalid_client", error.message);
    }
    throw error;
  }
}

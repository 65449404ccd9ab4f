import type { RequestHandler } from "express";
import { type Application, type GrantType, grantTypes, TOKEN_EXCHANGE } from "./applications.ts";
import { authenticateClient } from "./client-authentication.ts";
import { errorFault } from "./faults.ts";
import { exchangeCode } from "./grants/authorization-code.ts";
import { exchangeClientCredentials } from "./grants/client-credentials.ts";
import { exchangeRefreshToken } from "./grants/refresh-token.ts";
import { exchangeOnBehalfOf } from "./grants/token-exchange.ts";
import { OAuthError, type TokenAnswer } from "./oauth-error.ts";
import { bodyParameters, type Parameters, required } from "./parameters.ts";
import type { Tenant } from "./tenant.ts";

const GRANTS: Readonly<
  Record<GrantType, (tenant: Tenant, application: Application, body: Parameters) => Promise<TokenAnswer>>
> = {
  authorization_code: exchangeCode,
  refresh_token: exchangeRefreshToken,
  client_credentials: exchangeClientCredentials,
  [TOKEN_EXCHANGE]: exchangeOnBehalfOf,
};

/** POST /oauth/token. Who asks is settled before what they ask with is looked at. */
export function tokenEndpoint(tenant: Tenant): RequestHandler {
  return async (request, response) => {
    response.set({ "Cache-Control": "no-store", Pragma: "no-cache" });
    const fault = errorFault(tenant.faults.token);
    if (fault !== undefined) {
      throw fault;
    }

    const body = bodyParameters(request);
    const grantType = required(body, "grant_type");
    const application = await authenticateClient(tenant, request.headers.authorization, body);
    if (!isGrantType(grantType)) {
      throw new OAuthError(403, "unsupported_grant_type", `Unsupported grant type: ${grantType}`);
    }
    if (!grantTypes(application).includes(grantType)) {
      throw new OAuthError(403, "unauthorized_client", `Grant type '${grantType}' not allowed for the client.`);
    }
    response.json(await GRANTS[grantType](tenant, application, body));
  };
}

function isGrantType(value: string): value is GrantType {
  return Object.hasOwn(GRANTS, value);
}

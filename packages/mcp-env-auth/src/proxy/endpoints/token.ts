import type { Endpoint, EndpointRequest } from "../../endpoint.ts";
import { OAuthError } from "../../errors.ts";
import type { ProxyContext } from "../context.ts";
import { requireProvider } from "../context.ts";
import { redeemCode } from "../grants/authorization-code.ts";
import { authenticateClient } from "../grants/client-authentication.ts";
import { CLIENT_CREDENTIALS, grantClientCredentials, offersClientCredentials } from "../grants/client-credentials.ts";
import { grantByAssertion, JWT_BEARER } from "../grants/jwt-bearer.ts";
import { readTokenProof } from "../grants/proof-of-possession.ts";
import { createRefreshGrant } from "../grants/refresh-token.ts";
import { answeringStoreOutages } from "../protocol/outages.ts";
import { readUniqueParameters, requireParameter } from "../protocol/parameters.ts";
import { checkResource } from "../protocol/resource-indicator.ts";
import type { TokenResponse } from "../tokens/sealed-tokens.ts";

/** The token endpoint (RFC 6749 section 3.2). */
export function createTokenEndpoint(context: ProxyContext): Endpoint {
  const refresh = createRefreshGrant(context);
  return {
    path: "/token",
    methods: ["POST"],
    body: "form",
    crossOrigin: true,
    limit: "failures",
    headers: { "Cache-Control": "no-store", Pragma: "no-cache" },
    handle: answeringStoreOutages(async (request) => ({ status: 200, body: { json: await grantTokens(request) } })),
  };

  async function grantTokens(request: EndpointRequest): Promise<TokenResponse> {
    const parameters = readUniqueParameters(request);
    const grantType = requireParameter(parameters, "grant_type");
    if (grantType === CLIENT_CREDENTIALS && offersClientCredentials(context)) {
      checkResource(parameters.get("resource"), context.options.resource);
      return grantClientCredentials(context, requireProvider(context), request, parameters);
    }
    const client = await authenticateClient(context, context.urls.token, request, parameters);
    checkResource(parameters.get("resource"), context.options.resource);
    const proof = await readTokenProof(context, request, client);
    switch (grantType) {
      case "authorization_code":
        return redeemCode(context, requireProvider(context), client, parameters, proof);
      case "refresh_token":
        return refresh(requireProvider(context), client, parameters, proof);
      case JWT_BEARER:
        if (context.options.enterprise !== undefined) {
          return grantByAssertion(
            context,
            context.options.enterprise,
            requireProvider(context),
            client,
            parameters,
            proof,
          );
        }
        throw unsupported();
      default:
        throw unsupported();
    }
  }
}

function unsupported(): OAuthError {
  return new OAuthError("unsupported_grant_type", "Use grant_type authorization_code or refresh_token.");
}

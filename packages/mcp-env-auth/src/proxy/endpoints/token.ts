import type { Endpoint, EndpointRequest } from "../../endpoint.ts";
import { OAuthError } from "../../errors.ts";
import { type ProxyContext, requireProvider } from "../context.ts";
import { authenticateClient } from "../grants/client-authentication.ts";
import type { Grant } from "../grants/grant.ts";
import { readTokenProof } from "../grants/proof-of-possession.ts";
import { answeringStoreOutages } from "../protocol/outages.ts";
import { readUniqueParameters, requireParameter } from "../protocol/parameters.ts";
import { checkResources } from "../protocol/resource-indicator.ts";
import type { TokenResponse } from "../tokens/sealed-tokens.ts";

/** The token endpoint (RFC 6749 section 3.2). @param grants what is offered. */
export function createTokenEndpoint(context: ProxyContext, grants: readonly Grant[]): Endpoint {
  return {
    path: "/token",
    methods: ["POST"],
    body: "form or json",
    crossOrigin: true,
    limit: "failures",
    headers: { "Cache-Control": "no-store", Pragma: "no-cache" },
    handle: answeringStoreOutages(async (request) => ({
      status: 200,
      body: { json: await grantTokens(context, grants, request) },
    })),
  };
}

async function grantTokens(
  context: ProxyContext,
  grants: readonly Grant[],
  request: EndpointRequest,
): Promise<TokenResponse> {
  const parameters = readUniqueParameters(request);
  const grantType = requireParameter(parameters, "grant_type");
  const grant = grants.find(({ type }) => type === grantType);
  if (grant?.authenticates === "machine") {
    checkResources(parameters.getAll("resource"), context.options.resource);
    return grant.grant(context, { provider: requireProvider(context), request, parameters });
  }
  const { client, useAssertion } = await authenticateClient(
    context,
    context.urls.token,
    request,
    parameters,
    grant?.recognize,
  );
  checkResources(parameters.getAll("resource"), context.options.resource);
  const proof = await readTokenProof(context, request, client);
  if (grant === undefined) {
    throw new OAuthError("unsupported_grant_type", `Use grant_type ${alternatives(grants.map(({ type }) => type))}.`);
  }
  const provider = requireProvider(context);
  await useAssertion();
  return grant.grant(context, { provider, client, parameters, proof });
}

/** Such as `a, b or c`. */
function alternatives(names: readonly string[]): string {
  return [names.slice(0, -1).join(", "), ...names.slice(-1)].filter((part) => part !== "").join(" or ");
}

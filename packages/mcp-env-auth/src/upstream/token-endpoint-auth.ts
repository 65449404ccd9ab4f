import type { ClientAuth } from "openid-client";
import type { OpenIdClient } from "./openid-client.ts";
import { basicCredentials } from "./provider-http.ts";
import type { UpstreamMetadata } from "./upstream-client.ts";

/** How our client proves itself at the token and revocation endpoints (OpenID Connect Core 1.0 section 9). */
export type TokenEndpointAuthMethod = "client_secret_basic" | "client_secret_post" | "none";

/** `client_assertion_type` of a JWT (RFC 7523 section 2.2). */
export const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

const SECRET_METHODS = ["client_secret_basic", "client_secret_post"] as const;

/**
 * The methods worth trying, best first: what the provider's metadata points to, then the others. Applications often
 * accept one method only, and which one is a setting that metadata does not show.
 */
export function candidateMethods(metadata: UpstreamMetadata, hasSecret: boolean): readonly TokenEndpointAuthMethod[] {
  if (!hasSecret) {
    return ["none"];
  }
  const listed = metadata.tokenEndpointAuthMethodsSupported;
  const first = SECRET_METHODS.find((method) => listed.includes(method)) ?? SECRET_METHODS[0];
  return [first, ...SECRET_METHODS.filter((method) => method !== first), "none"];
}

/** The library's form of `method`. */
export function clientAuthentication(
  { ClientSecretPost, None }: OpenIdClient,
  method: TokenEndpointAuthMethod,
  clientSecret: string | undefined,
): ClientAuth {
  if (method === "none" || clientSecret === undefined) {
    return None();
  }
  return method === "client_secret_post" ? ClientSecretPost(clientSecret) : basic(clientSecret);
}

/**
 * RFC 6749 section 2.3.1. The library's own also encodes `-`, `_` and `.`, which are in most secrets and trip up
 * providers that skip the decoding.
 */
function basic(clientSecret: string): ClientAuth {
  return (_server, { client_id }, _body, headers) => {
    headers.set("authorization", basicCredentials(client_id, clientSecret));
  };
}

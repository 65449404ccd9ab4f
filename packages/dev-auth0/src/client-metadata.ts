import type { JWK } from "jose";
import type { Application, ClientAuthenticationMethod, GrantType } from "./applications.ts";
import { OAuthError } from "./oauth-error.ts";

/** What a client says of itself (RFC 7591 section 2). */
export interface ClientMetadata {
  readonly client_name?: string;
  readonly redirect_uris: readonly string[];
  readonly token_endpoint_auth_method: ClientAuthenticationMethod;
  readonly jwks?: { readonly keys: readonly JWK[] };
}

/** What Auth0 lets third-party applications have of what they ask for. */
const GRANT_TYPES: readonly GrantType[] = ["authorization_code", "refresh_token"];
const METHODS: readonly string[] = ["none", "client_secret_post", "client_secret_basic", "private_key_jwt"];

/** @throws OAuthError that names what is wrong (RFC 7591 section 3.2.2). */
export function readClientMetadata(value: unknown): ClientMetadata {
  const members = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  const { client_name: name, redirect_uris: redirectUris, token_endpoint_auth_method: method, jwks } = members;
  if (!isListOfUrls(redirectUris)) {
    throw new OAuthError(400, "invalid_redirect_uri", "redirect_uris must be a list of absolute URLs.");
  }
  if (method !== undefined && !METHODS.includes(String(method))) {
    throw new OAuthError(400, "invalid_client_metadata", `token_endpoint_auth_method must not be ${method}.`);
  }
  return {
    redirect_uris: redirectUris,
    token_endpoint_auth_method: (method ?? "client_secret_post") as ClientAuthenticationMethod,
    ...(typeof name === "string" && name !== "" && { client_name: name }),
    ...(hasKeys(jwks) && { jwks }),
  };
}

/** The strict third-party application that a client becomes. */
export function thirdPartyApplication(clientId: string, metadata: ClientMetadata, clientSecret?: string): Application {
  const { client_name: name, redirect_uris: callbacks, token_endpoint_auth_method: method, jwks } = metadata;
  return {
    clientId,
    type: method === "none" ? "native" : "regular_web",
    tokenEndpointAuthMethod: method,
    callbacks,
    grantTypes: GRANT_TYPES,
    firstParty: false,
    securityMode: "strict",
    ...(name !== undefined && { name }),
    ...(jwks !== undefined && { publicKeys: jwks.keys }),
    ...(clientSecret !== undefined && { clientSecret }),
  };
}

function isListOfUrls(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every((url) => typeof url === "string" && URL.canParse(url));
}

function hasKeys(value: unknown): value is { keys: JWK[] } {
  return typeof value === "object" && value !== null && "keys" in value && Array.isArray(value.keys);
}

import type { ClientAuthMethod, Registration } from "../tokens/sealed-tokens.ts";
import { readClientKeys } from "./client-keys.ts";
import { type ClientMetadataRules, invalidMetadata, presentValue, readClientMetadata } from "./client-metadata.ts";

/** How a client may authenticate at the token and the revocation endpoint. */
export const CLIENT_AUTH_METHODS: readonly ClientAuthMethod[] = [
  "none",
  "client_secret_post",
  "client_secret_basic",
  "private_key_jwt",
];

export interface RegistrationRules extends ClientMetadataRules {
  /** Seconds since the Unix epoch. */
  readonly issuedAt: number;
}

/**
 * Validates the metadata of a client that registers (RFC 7591 section 2). An absent `token_endpoint_auth_method` counts
 * as `none`: what MCP clients without one can do.
 *
 * @throws OAuthError `invalid_client_metadata` or `invalid_redirect_uri`.
 */
export function readRegistration(body: unknown, rules: RegistrationRules): Registration {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw invalidMetadata("Send the client metadata as a JSON object.");
  }
  const fields = body as Readonly<Record<string, unknown>>;
  const metadata = readClientMetadata(fields, rules);
  const authMethod = readAuthMethod(presentValue(fields.token_endpoint_auth_method) ?? "none");
  return {
    ...metadata,
    authMethod,
    issuedAt: rules.issuedAt,
    ...(authMethod === "private_key_jwt" && { keys: readClientKeys(fields) }),
  };
}

function readAuthMethod(value: unknown): ClientAuthMethod {
  const method = CLIENT_AUTH_METHODS.find((known) => known === value);
  if (method === undefined) {
    throw invalidMetadata(`token_endpoint_auth_method must be one of ${CLIENT_AUTH_METHODS.join(", ")}.`);
  }
  return method;
}

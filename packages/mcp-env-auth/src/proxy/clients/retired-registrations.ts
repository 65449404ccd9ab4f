import { OAuthError } from "../../errors.ts";
import type { Keyring } from "../../sealing/keyring.ts";
import { openToken, type Registration } from "../tokens/sealed-tokens.ts";
import { type ClientResolver, MAX_CLIENT_ID_LENGTH, registeredClient } from "./client.ts";
import type { ClientMetadataRules } from "./client-metadata.ts";
import { readRegistration } from "./registration-request.ts";

/**
 * Resolves client ids that were sealed under a retired signing key, for clients that never register again. Whoever has
 * that key can make such client ids, so they count for no more than a registration does, which anybody may make: only
 * public clients, and each is validated like a new registration at every use.
 *
 * @param rules what a new registration is held to now
 */
export function createRetiredClientResolver(keyring: Keyring, rules: () => ClientMetadataRules): ClientResolver {
  return async (clientId) => {
    if (clientId.length > MAX_CLIENT_ID_LENGTH) {
      return undefined;
    }
    const sealed = (await openToken(keyring, "client", clientId))?.contents;
    const registration = sealed?.authMethod === "none" ? revalidated(sealed, rules()) : undefined;
    return registration && registeredClient(clientId, registration);
  };
}

/** `undefined` where a client could not register so today. */
function revalidated(sealed: Registration, rules: ClientMetadataRules): Registration | undefined {
  const { redirectUris, applicationType, name, scopes, issuedAt, dpopBound } = sealed;
  const metadata = {
    redirect_uris: redirectUris,
    token_endpoint_auth_method: "none",
    application_type: applicationType,
    client_name: name,
    // Those that the server no longer has don't count against its length.
    scope: Array.isArray(scopes) ? rules.offeredScopes.filter((scope) => scopes.includes(scope)).join(" ") : scopes,
    dpop_bound_access_tokens: dpopBound,
  };
  const present = Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== undefined));
  try {
    return readRegistration(present, { ...rules, issuedAt });
  } catch (error) {
    if (error instanceof OAuthError) {
      return undefined;
    }
    throw error;
  }
}

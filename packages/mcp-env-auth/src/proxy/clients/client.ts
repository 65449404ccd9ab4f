import type { Keyring } from "../../sealing/keyring.ts";
import { identityHash } from "../tokens/identity-hash.ts";
import { type ClientAuthMethod, type ClientKeys, openToken } from "../tokens/sealed-tokens.ts";
import type { ClientMetadata } from "./client-metadata.ts";
import { isUrlClientId } from "./documents/document-url.ts";

/** The longest client id there is: a sealed registration. */
export const MAX_CLIENT_ID_LENGTH = 2600;

/** A client that this server knows. */
export interface Client extends ClientMetadata {
  readonly id: string;
  /** SHA-256 of the id, shortened: what tokens and denials name the client by. */
  readonly hash: string;
  /** How it may authenticate: any of these. */
  readonly authMethods: readonly ClientAuthMethod[];
  /** By which it signs assertions, if it may. */
  readonly keys?: ClientKeys;
  /** The host that its metadata document was fetched from; a registered client has none. */
  readonly metadataHost?: string;
}

/** Whether nothing but its tokens shows who it is: it may come without credentials (RFC 6749 section 2.1). */
export function isPublic({ authMethods }: Client): boolean {
  return authMethods.includes("none");
}

/**
 * The client with this id, or `undefined` when there is none.
 *
 * @throws OAuthError `invalid_client` with the reason, where an id names a document that can't be used;
 * `temporarily_unavailable` where it can't be had now.
 */
export type ClientResolver = (clientId: string) => Promise<Client | undefined>;

/** Takes client ids that are URLs to `byDocument`, and all others to `byRegistration`. */
export function createClientResolver(byRegistration: ClientResolver, byDocument: ClientResolver): ClientResolver {
  return (clientId) => (isUrlClientId(clientId) ? byDocument(clientId) : byRegistration(clientId));
}

/**
 * Resolves the client ids that `/register` issues: registrations sealed by `keyring`, which opens one spelling of each
 * only.
 */
export function createRegisteredClientResolver(keyring: Keyring): ClientResolver {
  return async (clientId) => {
    if (clientId.length > MAX_CLIENT_ID_LENGTH) {
      return undefined;
    }
    const registration = (await openToken(keyring, "client", clientId))?.contents;
    return (
      registration && {
        ...registration,
        id: clientId,
        hash: identityHash(clientId),
        authMethods: [registration.authMethod],
      }
    );
  };
}

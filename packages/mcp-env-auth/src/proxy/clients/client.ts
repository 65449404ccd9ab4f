import { type Dialect, knownClient } from "../../client-dialects.ts";
import type { Keyring } from "../../sealing/keyring.ts";
import {
  type ClientAuthMethod,
  type ClientKeys,
  identityHash,
  openToken,
  type Registration,
} from "../tokens/sealed-tokens.ts";
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

/** What operators read of a client: its name, else the host of its document. Not verified. */
export function clientName({ name, metadataHost }: Client): string | undefined {
  return name ?? metadataHost;
}

/** How a client is told of refusals, by its document or its registration; `undefined` for as most are. */
export function dialectOf({ id, name, metadataHost }: Client): Dialect | undefined {
  const known = knownClient({ document: metadataHost === undefined ? undefined : id, name });
  return known?.dialect === "sdk" ? undefined : known?.dialect;
}

/**
 * The client with this id, or `undefined` when there is none.
 *
 * @param from the address of who asks: how many documents are fetched for one is limited.
 * @throws OAuthError `invalid_client` with the reason, where an id names a document that can't be used;
 * `temporarily_unavailable` where it can't be had now.
 */
export type ClientResolver = (clientId: string, from: string) => Promise<Client | undefined>;

/** Asks each of `resolvers` until one knows the client. */
export function firstOf(...resolvers: readonly ClientResolver[]): ClientResolver {
  return async (clientId, from) => {
    for (const resolve of resolvers) {
      const client = await resolve(clientId, from);
      if (client !== undefined) {
        return client;
      }
    }
    return undefined;
  };
}

/** Takes client ids that are URLs to `byDocument`, and all others to `byRegistration`. */
export function createClientResolver(byRegistration: ClientResolver, byDocument: ClientResolver): ClientResolver {
  return (clientId, from) => (isUrlClientId(clientId) ? byDocument(clientId, from) : byRegistration(clientId, from));
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
    return registration && registeredClient(clientId, registration);
  };
}

/** The client that a registration describes. */
export function registeredClient(clientId: string, registration: Registration): Client {
  return { ...registration, id: clientId, hash: identityHash(clientId), authMethods: [registration.authMethod] };
}

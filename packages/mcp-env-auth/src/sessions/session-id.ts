import { sha256Base64url } from "../lib/secrets.ts";
import { createKeyring, type Keyring } from "../sealing/keyring.ts";
import { packPayload, unpackPayload } from "../sealing/payload.ts";
import { createRootKeys } from "../sealing/root-keys.ts";

/** What seals session ids and answers. */
export type Sealer = Pick<Keyring, "seal" | "open">;

/** What a session id holds. */
export interface SessionFields {
  /** The revision that was negotiated, such as `2025-11-25`. */
  readonly revision: string;
  /** As `client-capabilities.ts` writes them. */
  readonly capabilities: number;
  readonly clientInfo: ClientInfo;
  /** A hash of the subject that the session belongs to. */
  readonly user: string;
  /** A hash of the client id. */
  readonly client: string;
  /** Seconds since the Unix epoch. */
  readonly issuedAt: number;
  /** Seconds since the Unix epoch. */
  readonly expiresAt: number;
  /** Which process issued it. */
  readonly issuer: string;
}

/** What a client calls itself. */
export interface ClientInfo {
  readonly name: string;
  readonly version: string;
  readonly title?: string;
}

/** No session id of ours is longer, in characters. */
export const MAX_SESSION_ID = 2000;

/** Bytes of JSON that one text about the client may take. */
const MAX_TEXT_BYTES = 300;

/** Characters of a hash of a user or client. */
const HASH_CHARACTERS = 22;

/** What stands for a user or client in a session id: 128 bits of a hash, since ids are short. */
export function hashOf(text: string): string {
  return sha256Base64url(text).slice(0, HASH_CHARACTERS);
}

/** Characters of a revision, and of what stands for a process. */
const MAX_WORD = 64;

/** Seals `fields` as a session id: visible ASCII (MCP 2025-11-25, Session Management), at most 2,000 characters. */
export function sealSessionId(sealer: Sealer, fields: SessionFields): Promise<string> {
  const { revision, capabilities, clientInfo, user, client, issuedAt, expiresAt, issuer } = fields;
  const { name, version, title } = clientInfo;
  const texts = [name, version, title ?? ""].map(shorten);
  const payload = packPayload([revision, capabilities, ...texts, user, client, issuedAt, expiresAt, issuer]);
  return sealer.seal("session", payload);
}

/**
 * What `id` holds; `undefined` for anything that {@link sealSessionId} did not make. Where the key is public, anybody
 * can make one: nothing in it is larger than ours.
 */
export async function openSessionId(sealer: Sealer, id: string): Promise<SessionFields | undefined> {
  const opened = id.length > MAX_SESSION_ID ? undefined : await sealer.open("session", id);
  const fields = opened && unpackPayload(opened.payload, { maxBytes: MAX_SESSION_ID })?.fields;
  if (fields === undefined || !isOurs(fields)) {
    return undefined;
  }
  const [revision, capabilities, name, version, title, user, client, issuedAt, expiresAt, issuer] = fields;
  const clientInfo = { name, version, ...(title !== "" && { title }) };
  return { revision, capabilities, clientInfo, user, client, issuedAt, expiresAt, issuer };
}

type Payload = readonly [string, number, string, string, string, string, string, number, number, string];

function isOurs(fields: readonly unknown[]): fields is Payload {
  const [revision, capabilities, name, version, title, user, client, issuedAt, expiresAt, issuer] = fields;
  const isText = (value: unknown, most: number) => typeof value === "string" && value.length <= most;
  return (
    [revision, issuer].every((word) => isText(word, MAX_WORD)) &&
    [name, version, title].every((text) => isText(text, MAX_TEXT_BYTES)) &&
    [user, client].every((hash) => typeof hash === "string" && hash.length === HASH_CHARACTERS) &&
    [capabilities, issuedAt, expiresAt].every((number) => Number.isSafeInteger(number))
  );
}

/** The beginning of `text` that takes few bytes in JSON, where a character may take six. */
function shorten(text: string): string {
  const characters = Array.from(text.slice(0, MAX_TEXT_BYTES));
  while (Buffer.byteLength(JSON.stringify(characters.join(""))) > MAX_TEXT_BYTES) {
    characters.length -= Math.ceil(characters.length / 8);
  }
  return characters.join("");
}

/**
 * What stands for a sealer where there is no signing key. Anybody can make what it opens: sessions authenticate
 * nothing, so all they gain is what `initialize` gives them.
 */
export async function encodingSealer(): Promise<Sealer> {
  return createKeyring(await createRootKeys({ secret: "this key is public, and keeps nothing secret" }), []);
}

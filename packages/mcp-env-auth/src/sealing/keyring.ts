import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";
import { deriveKey } from "./derive-key.ts";

/** What a token of the authorization server is for. */
export type TokenPurpose = "client" | "consent" | "login" | "code" | "access" | "refresh" | "answer" | "exchange";

/**
 * What is sealed: such a token, an MCP session id of ours or of an upstream behind the gateway, what replicas tell each
 * other of a session, or the record of a login. Each has its own key, so that no type passes for another.
 */
export type SealPurpose = TokenPurpose | "session" | "upstream session" | "reply" | "record";

/** What {@link Keyring.open} found. */
export interface Opened {
  readonly payload: Uint8Array;
  /** Which root key sealed it: the `kid`. */
  readonly keyId: string;
}

/** Seals and opens tokens, and computes MACs, under keys derived from one root. */
export interface Keyring {
  /**
   * Encrypts `payload` with the current key of `purpose`: a JWE in compact form (RFC 7516 section 7.1, `dir` and
   * `A256GCM`).
   */
  seal(purpose: SealPurpose, payload: Uint8Array): Promise<string>;
  /**
   * The payload, or `undefined` when the token is damaged, foreign, of another purpose, or under an unknown key. Never
   * throws for bad input.
   */
  open(purpose: SealPurpose, token: string): Promise<Opened | undefined>;
  /**
   * HMAC-SHA256 (32 bytes) of `data` under a key derived for `label`. `keyId` picks a root key; default the current
   * one.
   */
  mac(label: string, data: string, keyId?: string): Uint8Array;
  /** The same under each root key, the current one first. */
  macs(label: string, data: string): readonly Uint8Array[];
  /** Whether `mac` is that of `data` under the current or a previous key, compared in constant time. */
  verifyMac(label: string, data: string, mac: Uint8Array): boolean;
  /** The `kid` of the key that seals now. */
  readonly currentKeyId: string;
}

export interface RootKeyOptions {
  /** JWT_SIGNING_KEY, else the client secret. */
  readonly secret: string;
  /** Keys still accepted while rotating. */
  readonly previousSecrets?: readonly string[];
}

/** Root keys, stretched once per process. Opaque to everyone but {@link createKeyring}. */
export type RootKeys = readonly { readonly keyId: string; readonly key: Uint8Array }[];

/** No token of ours comes near this; a longer one is refused unread. */
const MAX_TOKEN_CHARACTERS = 64 * 1024;

const CIPHER = "aes-256-gcm";

/** Bytes of the initialization vector and the tag of A256GCM (RFC 7518 section 5.3). */
const IV_BYTES = 12;
const TAG_BYTES = 16;
const NOTHING = Buffer.alloc(0);

/** The same in base64url. */
const IV = /^[A-Za-z0-9_-]{16}$/;
const TAG = /^[A-Za-z0-9_-]{21}[AQgw]$/;

/**
 * A keyring whose keys are all bound to `context`: a token sealed under another context, a purpose or a root key of its
 * own does not open.
 *
 * Each purpose and each label has a key of its own, by HKDF-SHA256 over the format version, the context and the
 * purpose. `seal` throws `RangeError` for a payload whose token would be too long to open again (64 KiB); `mac` throws
 * for a `keyId` that names no root key.
 */
export function createKeyring(roots: RootKeys, context: readonly string[]): Keyring {
  const current = roots[0];
  if (current === undefined) {
    throw new RangeError("A keyring needs at least one root key.");
  }
  const byHeader = new Map(roots.map((root) => [encodeHeader(root.keyId), root]));
  const header = encodeHeader(current.keyId);
  const sealKeys = new Map<string, KeyObject>();
  const macKeys = new Map<string, Uint8Array>();

  function sealKey(root: RootKey, purpose: SealPurpose): KeyObject {
    return cached(sealKeys, `${root.keyId} ${purpose}`, () =>
      createSecretKey(deriveKey(root.key, { algorithm: "seal", name: purpose, context })),
    );
  }

  function macUnder(root: RootKey, label: string, data: string): Uint8Array {
    const key = cached(macKeys, `${root.keyId} ${label}`, () =>
      deriveKey(root.key, { algorithm: "mac", name: label, context }),
    );
    return createHmac("sha256", key).update(data, "utf8").digest();
  }

  return {
    currentKeyId: current.keyId,

    async seal(purpose, payload) {
      const token = encrypt(payload, sealKey(current, purpose), header);
      if (token.length > MAX_TOKEN_CHARACTERS) {
        throw new RangeError(`A sealed ${purpose} token of ${token.length} characters is too long to be opened again.`);
      }
      return token;
    },

    async open(purpose, token) {
      const root = isCanonical(token) ? byHeader.get(token.slice(0, token.indexOf("."))) : undefined;
      if (root === undefined) {
        return undefined;
      }
      const payload = decrypt(token, sealKey(root, purpose));
      return payload === undefined ? undefined : { payload, keyId: root.keyId };
    },

    mac(label, data, keyId = current.keyId) {
      const root = roots.find((candidate) => candidate.keyId === keyId);
      if (root === undefined) {
        throw new RangeError("No root key has this key id. Take it from what open() returned.");
      }
      return macUnder(root, label, data);
    },

    macs: (label, data) => roots.map((root) => macUnder(root, label, data)),

    verifyMac(label, data, mac) {
      let found = false;
      for (const root of roots) {
        const expected = macUnder(root, label, data);
        found = (mac.length === expected.length && timingSafeEqual(mac, expected)) || found;
      }
      return found;
    },
  };
}

type RootKey = RootKeys[number];

/** The first part of every token under this key: the only spelling of the header that is accepted. */
function encodeHeader(keyId: string): string {
  return Buffer.from(JSON.stringify({ alg: "dir", enc: "A256GCM", kid: keyId })).toString("base64url");
}

/**
 * A compact JWE whose key is shared: the header is what GCM authenticates in addition, and the encrypted key is empty
 * (RFC 7516 section 5.1). By node:crypto, which takes a fraction of WebCrypto's time for so few bytes.
 */
function encrypt(payload: Uint8Array, key: KeyObject, header: string): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(header));
  const ciphertext = cipher.update(payload);
  cipher.final();
  const parts = [iv, ciphertext, cipher.getAuthTag()].map((bytes) => bytes.toString("base64url"));
  return `${header}..${parts.join(".")}`;
}

/** The payload of a token of the right shape (RFC 7516 section 5.2), or `undefined` when its tag is wrong. */
function decrypt(token: string, key: KeyObject): Uint8Array | undefined {
  const [header = "", , ...parts] = token.split(".");
  const [iv = NOTHING, ciphertext = NOTHING, tag = NOTHING] = parts.map((part) => Buffer.from(part, "base64url"));
  const decipher = createDecipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(header)).setAuthTag(tag);
  try {
    const payload = decipher.update(ciphertext);
    // Verifies the tag. GCM has no bytes left to give by then.
    decipher.final();
    return new Uint8Array(payload.buffer, payload.byteOffset, payload.length);
  } catch {
    return undefined;
  }
}

/**
 * Whether a token has the shape and the only base64url spelling that `seal` gives it: a stray bit in a last character
 * or an added `=` makes a foreign token.
 */
function isCanonical(token: string): boolean {
  if (typeof token !== "string" || token.length > MAX_TOKEN_CHARACTERS) {
    return false;
  }
  const [, encryptedKey, iv, ciphertext, tag, ...rest] = token.split(".", 6);
  return (
    encryptedKey === "" &&
    iv !== undefined &&
    IV.test(iv) &&
    ciphertext !== undefined &&
    Buffer.from(ciphertext, "base64url").toString("base64url") === ciphertext &&
    tag !== undefined &&
    TAG.test(tag) &&
    rest.length === 0
  );
}

function cached<T>(cache: Map<string, T>, name: string, create: () => T): T {
  const known = cache.get(name);
  if (known !== undefined) {
    return known;
  }
  const created = create();
  cache.set(name, created);
  return created;
}

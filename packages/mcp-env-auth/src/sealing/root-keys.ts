import { hkdfSync, type ScryptOptions, scrypt } from "node:crypto";
import { promisify } from "node:util";
import { ConfigError } from "../errors.ts";
import { KEY_BYTES } from "./derive-key.ts";
import type { RootKeyOptions, RootKeys } from "./keyring.ts";

/**
 * Secrets of fewer bytes than this (in UTF-8) are stretched: random hex of 128 bits reaches it, a passphrase rarely
 * does.
 */
const SHORT_SECRET_BYTES = 32;

const stretch = promisify<Uint8Array, string, number, ScryptOptions, Buffer>(scrypt);

/** About 32 MiB and a few hundred milliseconds, once per short secret at start, beside all else that is done then. */
const SCRYPT = { N: 2 ** 15, r: 8, p: 3, maxmem: 64 * 1024 * 1024 };

/** Public and fixed, so that every replica derives the same keys from the same secret. */
const SALT = "mcp-env-auth root key 1";

const KEY_ID_BYTES = 6;

/**
 * Turns secrets into root keys of 256 bits: the first seals, all of them open. Repeated secrets count once.
 *
 * A secret of 32 bytes or more goes straight into HKDF-SHA256 (RFC 5869); a shorter one goes through scrypt first (RFC
 * 7914, N = 2^15, r = 8, p = 3), which makes guessing it from a token expensive. The key id, 8 characters of base64url,
 * is an HKDF output of its own and tells nothing about the key.
 *
 * @throws ConfigError when a secret is empty.
 */
export async function createRootKeys({ secret, previousSecrets = [] }: RootKeyOptions): Promise<RootKeys> {
  const secrets = new Set([secret, ...previousSecrets]);
  if (secrets.has("")) {
    throw new ConfigError(
      "A signing key is empty. Set JWT_SIGNING_KEY (32 or more random characters) or the client secret, and leave no empty entry among the previous keys.",
    );
  }
  return Promise.all([...secrets].map(createRootKey));
}

async function createRootKey(secret: string): Promise<RootKeys[number]> {
  const bytes = Buffer.from(secret, "utf8");
  const material = bytes.length < SHORT_SECRET_BYTES ? await stretch(bytes, SALT, KEY_BYTES, SCRYPT) : bytes;
  return {
    keyId: Buffer.from(hkdfSync("sha256", material, SALT, "key id", KEY_ID_BYTES)).toString("base64url"),
    key: new Uint8Array(hkdfSync("sha256", material, SALT, "key", KEY_BYTES)),
  };
}

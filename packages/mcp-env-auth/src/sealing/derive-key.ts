import { createHash, hkdfSync } from "node:crypto";

/** Part of every derivation: a new token format gets new keys. */
const FORMAT_VERSION = "mcp-env-auth 1";

export const KEY_BYTES = 32;

/** What a derived key is for. */
export interface KeyUse {
  /** `seal` encrypts, `mac` authenticates: no key does both. */
  readonly algorithm: "seal" | "mac";
  /** The purpose or label. */
  readonly name: string;
  /** What the key is bound to beyond its use, such as issuer and epoch. */
  readonly context: readonly string[];
}

/**
 * A key of 256 bits for one use, by HKDF-SHA256 (RFC 5869).
 *
 * `info` is the SHA-256 of the format version, the use and the context, each preceded by its length: two different
 * lists never meet, and a long context stays within the 1024 bytes that Node.js takes.
 */
export function deriveKey(rootKey: Uint8Array, { algorithm, name, context }: KeyUse): Uint8Array {
  const info = createHash("sha256");
  for (const part of [FORMAT_VERSION, algorithm, name, ...context]) {
    const bytes = Buffer.from(part, "utf8");
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    info.update(length).update(bytes);
  }
  return new Uint8Array(hkdfSync("sha256", rootKey, "", info.digest(), KEY_BYTES));
}

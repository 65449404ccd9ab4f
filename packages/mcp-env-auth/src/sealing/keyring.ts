/** What a sealed token is for. Each purpose has its own key, so that no type passes for another. */
export type SealPurpose = "client" | "consent" | "login" | "code" | "access" | "refresh" | "answer";

/** What {@link Keyring.open} found. */
export interface Opened {
  readonly payload: Uint8Array;
  /** Which root key sealed it: the `kid`. */
  readonly keyId: string;
}

/** Seals and opens tokens, and computes MACs, under keys derived from one root. */
export interface Keyring {
  /** Encrypts `payload` with the current key of `purpose`: a JWE in compact form (RFC 7516 section 7.1, `dir` and `A256GCM`). */
  seal(purpose: SealPurpose, payload: Uint8Array): Promise<string>;
  /** The payload, or `undefined` when the token is damaged, foreign, of another purpose, or under an unknown key. Never throws for bad input. */
  open(purpose: SealPurpose, token: string): Promise<Opened | undefined>;
  /** HMAC-SHA256 (32 bytes) of `data` under a key derived for `label`. `keyId` picks a root key; default the current one. */
  mac(label: string, data: string, keyId?: string): Uint8Array;
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

import { randomUUID } from "node:crypto";
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, importJWK, type JWK } from "jose";

/** An RSA key that signs tokens. */
export interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  /** As it stands in the JWKS. */
  readonly jwk: JWK;
  /** As it is kept for a restart. */
  readonly privateJwk: JWK;
  /** Public key, PEM. */
  readonly pem: string;
}

/** The tenant's signing keys: one signs, some are published. */
export class SigningKeys {
  #current: SigningKey;
  #published: readonly SigningKey[];
  #unpublished: SigningKey | undefined;

  private constructor(current: SigningKey) {
    this.#current = current;
    this.#published = [current];
  }

  static async generate(): Promise<SigningKeys> {
    return new SigningKeys(await generateSigningKey());
  }

  /** The keys that {@link saved} gave. */
  static async restore(saved: readonly JWK[]): Promise<SigningKeys> {
    const [current, ...others] = await Promise.all(saved.map(importSigningKey));
    if (current === undefined) {
      throw new Error("There is no key to sign with.");
    }
    const keys = new SigningKeys(current);
    keys.#published = [current, ...others];
    return keys;
  }

  /** The private keys of those that are published; the first one signs. */
  saved(): JWK[] {
    return this.#published.map(({ privateJwk }) => privateJwk);
  }

  get current(): SigningKey {
    return this.#current;
  }

  /** RFC 7517 section 5. */
  jwks(): { keys: JWK[] } {
    return { keys: this.#published.map((key) => key.jwk) };
  }

  /** The published key of that id. */
  find(kid: string | undefined): SigningKey | undefined {
    return this.#published.find((key) => key.kid === kid);
  }

  /** Signs with a new key. The old one leaves the JWKS, unless it is kept as Auth0 does until it is revoked. */
  async rotate(keepPrevious: boolean): Promise<void> {
    const next = await generateSigningKey();
    this.#published = keepPrevious ? [next, ...this.#published] : [next];
    this.#current = next;
  }

  /** A key that is never published: a forger's. */
  async unpublished(): Promise<SigningKey> {
    this.#unpublished ??= await generateSigningKey();
    return this.#unpublished;
  }
}

async function generateSigningKey(): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair("RS256", { modulusLength: 2048, extractable: true });
  return toSigningKey(randomUUID(), privateKey, publicKey);
}

async function importSigningKey(jwk: JWK): Promise<SigningKey> {
  const { kid = randomUUID(), kty = "", n = "", e = "" } = jwk;
  const read = async (key: JWK) => (await importJWK(key, "RS256", { extractable: true })) as CryptoKey;
  return toSigningKey(kid, await read(jwk), await read({ kty, n, e }));
}

async function toSigningKey(kid: string, privateKey: CryptoKey, publicKey: CryptoKey): Promise<SigningKey> {
  const jwk = { ...(await exportJWK(publicKey)), kid, use: "sig", alg: "RS256" };
  const privateJwk = { ...(await exportJWK(privateKey)), kid };
  return { kid, privateKey, publicKey, jwk, privateJwk, pem: await exportSPKI(publicKey) };
}

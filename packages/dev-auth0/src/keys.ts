import { randomUUID } from "node:crypto";
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, type JWK } from "jose";

/** An RSA key that signs tokens. */
export interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  /** As it stands in the JWKS. */
  readonly jwk: JWK;
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
  const kid = randomUUID();
  const jwk = { ...(await exportJWK(publicKey)), kid, use: "sig", alg: "RS256" };
  return { kid, privateKey, publicKey, jwk, pem: await exportSPKI(publicKey) };
}

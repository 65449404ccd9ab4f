import { randomBytes } from "node:crypto";
import type { Clock } from "../../lib/clock.ts";
import { randomId, sha256Base64url } from "../../lib/secrets.ts";
import type { Logger } from "../../logger.ts";
import type { Keyring } from "../../sealing/keyring.ts";
import { type GuardStore, GuardStoreUnavailable } from "../../store/guard-store.ts";
import { identityHash, openToken, type SealedContents, sealToken } from "./sealed-tokens.ts";

/** What a client holds: the sealed token itself, or a reference to it, which is 47 characters long. */
export type TokenFormat = "sealed" | "reference";

type Purpose = "access" | "refresh";

/** A grant that has no id yet. */
export type NewGrant<P extends Purpose> = Omit<SealedContents[P], "tokenId">;

/** The access and refresh tokens that clients hold. */
export interface IssuedTokens {
  /** @throws RangeError when the grant is too large to be opened again. */
  issue<P extends Purpose>(keyring: Keyring, purpose: P, grant: NewGrant<P>): Promise<string>;
  /**
   * The grant of a token of either format, so that a change of format ends no session; `undefined` when it is none.
   * Expiry is the caller's to check.
   *
   * @throws GuardStoreUnavailable for a reference, when the store can't answer
   */
  open<P extends Purpose>(keyring: Keyring, purpose: P, token: string): Promise<SealedContents[P] | undefined>;
}

export interface IssuedTokensOptions {
  readonly tokenFormat: TokenFormat;
  /** Where references lead: shared by all replicas, and kept over restarts. */
  readonly store: GuardStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

const REFERENCE_BYTES = 32;
const REFERENCE = /^ref_[\w-]{43}$/;

/**
 * Issues tokens in a format. Of a reference, the store keeps the sealed grant under a hash, for as long as the token
 * lives: who reads the store can neither use nor read it. The grant's id comes from the reference, so that one grant
 * can't be put in the place of another.
 */
export function createIssuedTokens({ tokenFormat, store, clock, logger }: IssuedTokensOptions): IssuedTokens {
  async function issueReference<P extends Purpose>(keyring: Keyring, purpose: P, grant: NewGrant<P>): Promise<string> {
    const reference = `ref_${randomBytes(REFERENCE_BYTES).toString("base64url")}`;
    const sealed = await seal(keyring, purpose, grant, identityHash(reference));
    try {
      await store.set("token", storageId(purpose, reference), sealed, grant.expiresAt - clock());
      return reference;
    } catch (error) {
      if (!(error instanceof GuardStoreUnavailable)) {
        throw error;
      }
      // The provider may have rotated its refresh token already: to give the client nothing would end the session.
      logger.warn(
        { event: "reference-not-kept", login: grant.family, reason: error.message },
        "The store can't keep a token now, so the client gets a sealed one, which is longer",
      );
      return sealed;
    }
  }

  return {
    issue: (keyring, purpose, grant) =>
      tokenFormat === "reference" ? issueReference(keyring, purpose, grant) : seal(keyring, purpose, grant, randomId()),

    async open(keyring, purpose, token) {
      if (!REFERENCE.test(token)) {
        return (await openToken(keyring, purpose, token))?.contents;
      }
      const sealed = await store.get("token", storageId(purpose, token));
      const grant = sealed === undefined ? undefined : (await openToken(keyring, purpose, sealed))?.contents;
      return grant?.tokenId === identityHash(token) ? grant : undefined;
    },
  };
}

function seal<P extends Purpose>(keyring: Keyring, purpose: P, grant: NewGrant<P>, tokenId: string): Promise<string> {
  return sealToken(keyring, purpose, { ...grant, tokenId } as SealedContents[P]);
}

function storageId(purpose: Purpose, reference: string): string {
  return sha256Base64url(`${purpose} ${reference}`);
}

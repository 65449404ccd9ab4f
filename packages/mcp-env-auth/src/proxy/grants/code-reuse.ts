import { setTimeout as sleep } from "node:timers/promises";
import type { Keyring } from "../../sealing/keyring.ts";
import { type GuardStore, GuardStoreUnavailable } from "../../store/guard-store.ts";
import type { ProviderSession } from "../context.ts";
import type { OAuthProxyOptions } from "../options.ts";
import { unavailable } from "../protocol/outages.ts";
import { denyFamily } from "../tokens/denials.ts";
import { openToken, sealToken, type TokenResponse } from "../tokens/sealed-tokens.ts";

/** One use of an authorization code. */
export interface CodeUse {
  readonly loginId: string;
  /** What a request must have in common with another to get the same answer, hashed. */
  readonly answerId: string;
  readonly family: string;
  /** Seconds since the Unix epoch. */
  readonly loginTime: number;
  /** Seconds for which the code is remembered as used. */
  readonly ttl: number;
}

/** In a store of this process, followed by the hash of the user. */
const ISSUED = "issued";
const FAILED = "failed";

/** How often, and how many times, a request looks for what another replica does for it. */
export const POLL_MILLISECONDS = 100;
export const POLLS = 100;

/** Seconds for which other replicas find the answer to a request that waits there. */
const ANSWER_TTL = 15;

/** How the claim of a code ended. */
export type CodeClaim =
  /** The caller exchanges it. */
  | { readonly outcome: "claimed" }
  /** Another replica was exchanging it when this request came. */
  | { readonly outcome: "answered elsewhere"; readonly response: TokenResponse }
  /** It came again after its answer, or for something else. */
  | { readonly outcome: "used" };

/**
 * Claims a code, or waits for the replica that is exchanging it.
 *
 * @throws OAuthError 503 when that takes too long
 */
export async function claimCode(
  { store }: OAuthProxyOptions,
  { keyring }: ProviderSession,
  { loginId, answerId, ttl }: CodeUse,
): Promise<CodeClaim> {
  for (let polls = 0; polls < POLLS; polls++) {
    if (await store.claim("code", loginId, ttl)) {
      return { outcome: "claimed" };
    }
    const state = (await store.get("code", loginId))?.split(" ")[0];
    if (state === ISSUED || state === FAILED) {
      // Only who came while the exchange was under way gets its answer.
      const response = polls > 0 && state === ISSUED ? await findAnswer(store, keyring, answerId) : undefined;
      return response === undefined ? { outcome: "used" } : { outcome: "answered elsewhere", response };
    }
    await sleep(POLL_MILLISECONDS);
  }
  throw unavailable("Another request with this code is still under way. Try again in a moment.");
}

/** The answer that another replica, or an earlier request, kept under `answerId`. */
export async function findAnswer(
  store: GuardStore,
  keyring: Keyring,
  answerId: string,
): Promise<TokenResponse | undefined> {
  const sealed = await store.get("answer", answerId);
  const kept = sealed === undefined ? undefined : (await openToken(keyring, "answer", sealed))?.contents;
  return kept?.answerId === answerId ? kept.response : undefined;
}

/** Remembers that a code gave nothing and never will, so that nobody waits for it. */
export async function recordFailure({ store }: OAuthProxyOptions, { loginId, ttl }: CodeUse): Promise<void> {
  // A code that stays claimed gives nothing either.
  await store.set("code", loginId, FAILED, ttl).catch(() => undefined);
}

/**
 * Ends the login of a code that came again (RFC 6749 section 4.1.2): the tokens that it gave. {@link claimCode} waits
 * for an exchange under way, so they are known by then.
 *
 * Where it gave none there is nothing that lives on, and so nothing that has to be remembered for the life of a
 * session: anybody can bring that about, as often as they like, with codes that the provider never gave.
 */
export async function endLoginOfUsedCode(options: OAuthProxyOptions, use: CodeUse): Promise<void> {
  const { store, sessionTtl } = options;
  const [state, subjectHash] = (await store.get("code", use.loginId))?.split(" ") ?? [];
  if (state === ISSUED) {
    await denyFamily(options, use.family, use.loginTime + sessionTtl, subjectHash);
  }
}

/**
 * Remembers that a code gave tokens, before its client gets them, and keeps the answer for requests that wait for it at
 * other replicas.
 */
export async function recordIssue(
  { store, logger }: OAuthProxyOptions,
  { keyring }: ProviderSession,
  use: CodeUse,
  response: TokenResponse,
): Promise<void> {
  try {
    const { answerId } = use;
    await store.set("answer", answerId, await sealToken(keyring, "answer", { answerId, response }), ANSWER_TTL);
    // Replicas of an earlier version read no more than the word.
    const access = store.isShared ? undefined : await openToken(keyring, "access", response.access_token);
    const state = access === undefined ? ISSUED : `${ISSUED} ${access.contents.subjectHash}`;
    await store.set("code", use.loginId, state, use.ttl);
  } catch (error) {
    if (!(error instanceof GuardStoreUnavailable)) {
      throw error;
    }
    // The provider has taken the code: withholding its answer would end the login.
    logger.warn(
      { event: "code-not-recorded", login: use.family, reason: error.message },
      "The guard store failed during a login; a replay of its code can't be told",
    );
  }
}

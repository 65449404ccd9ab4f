/** Says where entries are kept. */
export const STORAGE_VARIABLE = "FASTMCP_STORAGE_URL";

/**
 * The kinds of things that the guard store remembers. Each has a bounded space of its own, so that nobody can flood one
 * through another.
 *
 * - `login`, `code`: ids that were used.
 * - `refresh`: how far the refresh tokens of a login were used, one entry for each login.
 * - `lock`: a refresh in progress.
 * - `answer`: sealed answers to a refresh, for the grace period.
 * - `exchange`: sealed answers of the provider that no client has got yet.
 * - `assertion`: client assertions that were used.
 * - `id-jag`: assertions of enterprises that were used.
 * - `proof`: DPoP proofs that were used.
 * - `token`: sealed tokens that clients hold a reference to.
 * - `setting`: what clients have set for their sessions: levels of logs, and sealed subscriptions.
 * - `deny-token`, `deny-family`, `deny-subject`, `deny-client`, `deny-session`: what is no longer good. Never evicted.
 */
export type GuardClass =
  | "login"
  | "code"
  | "refresh"
  | "lock"
  | "answer"
  | "exchange"
  | "assertion"
  | "id-jag"
  | "proof"
  | "token"
  | "setting"
  | "deny-token"
  | "deny-family"
  | "deny-subject"
  | "deny-client"
  | "deny-session";

/**
 * What may be denied, and when it began, seconds since the Unix epoch: some denials are of what was there before only.
 */
export type DenialQuery = readonly [kind: GuardClass, id: string, since?: number];

/** A count, and how far it may go. */
export interface Quota {
  /** What tells it from others: hashed where it leaves the process. */
  readonly id: string;
  readonly limit: number;
}

/** Passes messages among the processes that share a store. Nobody keeps them. */
export interface MessageBus {
  /**
   * Has `listener` called with each message to `channel`, in whichever process it was sent. Returns what ends it.
   *
   * @throws GuardStoreUnavailable
   */
  subscribe(channel: string, listener: (message: string) => void): Promise<() => void>;
  /** Resolves with the number of processes that got the message. @throws GuardStoreUnavailable */
  publish(channel: string, message: string): Promise<number>;
}

/** What a {@link Directory} keeps under an id. */
export interface DirectoryEntry {
  readonly id: string;
  readonly value: string;
  /** What was marked last. */
  readonly mark?: string | undefined;
}

/** Entries that can be listed. Ids and values as in {@link GuardStore}. Every method rejects as its methods do. */
export interface Directory {
  /** Keeps `value` for `ttl` seconds, over any earlier one. */
  put(id: string, value: string, ttl: number): Promise<void>;
  /** Keeps `mark` next to the entry for `ttl` seconds, over any earlier one. */
  mark(id: string, mark: string, ttl: number): Promise<void>;
  /** Those that have not ended, page by page, in no order that means anything. */
  pages(): AsyncIterable<readonly DirectoryEntry[]>;
}

/**
 * The only state of the proxy: which ids were used and which are denied.
 *
 * Ids are random or hashes, never secrets; values are sealed by the caller. Every method rejects with {@link
 * GuardStoreUnavailable} when the store can't answer, or can't keep a new entry without forgetting a denial.
 */
export interface GuardStore {
  /** Whether other processes see what this one keeps. Absent: no. */
  readonly isShared?: boolean;
  /** Reaches those processes. Absent: there are none. */
  readonly bus?: MessageBus | undefined;
  /** What operators list. Absent: nobody could reach it. */
  readonly directory?: Directory | undefined;
  /**
   * Takes `id`. True for the first caller within `ttl` seconds, false for all others. `ticket`, random, says whose
   * claim it is; `owner` whose share of the store it takes from, where that is bounded.
   *
   * @throws GuardShareUsedUp
   */
  claim(kind: GuardClass, id: string, ttl: number, ticket?: string, owner?: string): Promise<boolean>;
  /**
   * Gives a claimed `id` back. With a `ticket`, only a claim by that ticket: it may have ended, and be somebody else's
   * by now.
   */
  release(kind: GuardClass, id: string, ticket?: string): Promise<void>;
  get(kind: GuardClass, id: string): Promise<string | undefined>;
  /**
   * Keeps `value` for `ttl` seconds, over any earlier one. The value of a denial is one of guard-entry.ts. `owner` as
   * for {@link GuardStore.claim}.
   *
   * @throws GuardShareUsedUp
   */
  set(kind: GuardClass, id: string, value: string, ttl: number, owner?: string): Promise<void>;
  /**
   * Which of these are denied, in one round trip: the first match, or `undefined`. On the path of every request, so it
   * may answer from a cache at most 2 s old, and answers from what it last knew while a shared store is down.
   */
  denied(entries: readonly DenialQuery[]): Promise<GuardClass | undefined>;
  /**
   * Counts `cost` in each of `quotas`, where there is room in all of them: in windows of `window` seconds that begin
   * with the first that is counted. Resolves with the seconds until there may be room, or 0 when it was counted.
   *
   * While a shared store is down, this process counts what comes to it: a quota neither ends calls then nor has no end.
   */
  take(quotas: readonly Quota[], cost: number, window: number): Promise<number>;
  /** Whether the store can answer now. */
  healthy(): Promise<boolean>;
  close(): Promise<void>;
}

/** The guard store can't answer now, or is full of denials. `/token` answers 503. */
export class GuardStoreUnavailable extends Error {
  override readonly name = "GuardStoreUnavailable";
}

/** The store has room, and one owner has used up its share of it. */
export class GuardShareUsedUp extends GuardStoreUnavailable {}

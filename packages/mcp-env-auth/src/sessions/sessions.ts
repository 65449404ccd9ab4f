import type { AccessToken } from "../access-token.ts";
import { OAuthError, TOO_MANY_REQUESTS } from "../errors.ts";
import { BoundedMap } from "../lib/bounded-map.ts";
import { type Clock, REPLICA_SKEW } from "../lib/clock.ts";
import { randomId, sha256Base64url } from "../lib/secrets.ts";
import { createWindowCounts } from "../lib/window-counts.ts";
import { DENIAL_OF_ALL } from "../store/guard-entry.ts";
import type { GuardStore } from "../store/guard-store.ts";
import { type ClientCapabilities, decodeCapabilities, encodeCapabilities } from "./client-capabilities.ts";
import { SessionNotFound, unlessDown } from "./refusals.ts";
import {
  type ClientInfo,
  hashOf,
  openSessionId,
  type Sealer,
  type SessionFields,
  sealSessionId,
} from "./session-id.ts";

/** What is known of a client, of what it said at `initialize`. */
export interface Session {
  /** A hash of the session id. It stands for its user and client as well: nobody else finds the session. */
  readonly key: string;
  /** A hash of its user's subject. */
  readonly user: string;
  readonly revision: string;
  readonly capabilities: ClientCapabilities;
  readonly clientInfo: ClientInfo;
  /** Seconds since the Unix epoch. */
  readonly expiresAt: number;
  /**
   * Whether another process that runs now issued it, and so gets requests of it as well. Only known of processes that
   * issued it after this one started.
   */
  readonly isSpread: boolean;
}

/** A session that an `initialize` begins. */
export interface BegunSession {
  readonly id: string;
  /** Whether its client declared that it can be asked for something. Otherwise it may go without a session. */
  readonly canBeAsked: boolean;
}

/** The sessions of clients up to 2025-11-25 (MCP 2025-11-25, Streamable HTTP, Session Management). */
export interface Sessions {
  /** The id of a new session for the params of an `initialize`; `undefined` where they are not valid. */
  begin(params: unknown, caller: AccessToken): Promise<BegunSession | undefined>;
  /** @throws SessionNotFound for whatever is not a session of this caller's that still lasts. */
  find(id: string, caller: AccessToken): Promise<Session>;
  /** Denies a session. @throws SessionNotFound, OAuthError when the guard store can't keep that now. */
  end(id: string, caller: AccessToken): Promise<void>;
}

export interface SessionsOptions {
  readonly sealer: Sealer;
  readonly store: GuardStore;
  /** How long a session lasts, seconds. */
  readonly ttl: number;
  readonly clock: Clock;
}

/** Sessions that a user may end in a minute: Redis remembers each until the session would be over. */
const MAX_ENDED = 60;

/** Users whose ended sessions are counted at once. */
const ENDED_CAPACITY = 10_000;

/** How many opened ids are remembered, so that a call of a session costs a look-up. */
const OPENED_CAPACITY = 2000;

/** The revisions that are negotiated by `initialize`, the latest first. */
const REVISIONS: readonly [string, ...string[]] = [
  "2025-11-25",
  "2025-06-18",
  "2025-03-26",
  "2024-11-05",
  "2024-10-07",
];

export function createSessions({ sealer, store, ttl, clock }: SessionsOptions): Sessions {
  const startedAt = clock();
  const process = randomId();
  const ended = createWindowCounts({ seconds: 60, capacity: ENDED_CAPACITY, clock });
  const opened = new BoundedMap<SessionFields>({ capacity: OPENED_CAPACITY, whenFull: "evict unused", clock });

  async function open(id: string, caller: AccessToken): Promise<SessionFields> {
    const known = opened.get(id);
    const fields = known ?? (await openSessionId(sealer, id));
    const now = clock();
    const isOver = fields === undefined || fields.expiresAt <= now || fields.expiresAt > now + ttl + REPLICA_SKEW;
    if (isOver || !isOf(caller, fields)) {
      throw new SessionNotFound();
    }
    if (known === undefined) {
      opened.set(id, fields, fields.expiresAt);
    }
    return fields;
  }

  async function openLasting(id: string, caller: AccessToken) {
    const fields = await open(id, caller);
    const key = sha256Base64url(id);
    if ((await store.denied([["deny-session", key]])) !== undefined) {
      throw new SessionNotFound();
    }
    return { key, fields };
  }

  return {
    async begin(params, caller) {
      const { protocolVersion, capabilities, clientInfo } = (params ?? {}) as Readonly<Record<string, unknown>>;
      const bits = encodeCapabilities(capabilities);
      const { name, version, title } = (clientInfo ?? {}) as Readonly<Record<string, unknown>>;
      if (typeof protocolVersion !== "string" || typeof name !== "string" || typeof version !== "string") {
        return undefined;
      }
      const issuedAt = Math.floor(clock());
      const id = await sealSessionId(sealer, {
        revision: REVISIONS.includes(protocolVersion) ? protocolVersion : REVISIONS[0],
        capabilities: bits,
        clientInfo: { name, version, ...(typeof title === "string" && { title }) },
        user: hashOf(caller.subject),
        client: hashOf(caller.clientId),
        issuedAt,
        expiresAt: issuedAt + ttl,
        issuer: process,
      });
      return { id, canBeAsked: bits !== 0 };
    },

    async find(id, caller) {
      const { key, fields } = await openLasting(id, caller);
      const { user, revision, clientInfo, expiresAt, issuer, issuedAt } = fields;
      const capabilities = decodeCapabilities(fields.capabilities);
      const isSpread = issuer !== process && issuedAt > startedAt;
      return { key, user, revision, capabilities, clientInfo, expiresAt, isSpread };
    },

    async end(id, caller) {
      const { key, fields } = await openLasting(id, caller);
      if (ended.of(caller.subject) >= MAX_ENDED) {
        throw new OAuthError("temporarily_unavailable", "Too many sessions were ended. Try again later.", {
          status: TOO_MANY_REQUESTS,
          retryAfter: Math.ceil(ended.timeLeft(caller.subject)),
        });
      }
      ended.add(caller.subject);
      const rest = fields.expiresAt - clock();
      await unlessDown(() => store.set("deny-session", key, DENIAL_OF_ALL, rest, caller.subject));
    },
  };
}

/** Tokens come and go; the user and the client stay. */
function isOf({ subject, clientId }: AccessToken, { user, client }: SessionFields): boolean {
  return user === hashOf(subject) && client === hashOf(clientId);
}

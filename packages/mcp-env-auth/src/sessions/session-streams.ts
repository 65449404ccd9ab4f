import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../lib/clock.ts";
import { parseUrl } from "../lib/url.ts";
import { type GuardStore, STORAGE_VARIABLE } from "../store/guard-store.ts";
import type { KeptSubscriptions } from "./kept-subscriptions.ts";
import { NoStream, SubscriptionRefused, unlessDown } from "./refusals.ts";
import type { Session } from "./sessions.ts";
import type { StreamOrder, StreamRelay, StreamReport } from "./stream-relay.ts";

/** Whoever serves a stream on which the client of a session is told of changes. */
export interface StreamOwner {
  /** Whether the token that opened the stream lets its client learn of changes of a resource. */
  mayLearn(uri: string): boolean | Promise<boolean>;
  /** Ends the stream: it was opened again, or its session is over. */
  end(): void;
}

/** The one stream of a session (MCP 2025-11-25, Streamable HTTP, Listening for Messages from the Server). */
export interface SessionStream {
  /** How the client spells `uri`, which it is subscribed to; `undefined` where it is not. */
  spellingOf(uri: string): string | undefined;
  close(): void;
}

/** The streams of sessions, and what their clients are subscribed to (MCP 2025-11-25, Resources, Subscriptions). */
export interface SessionStreams {
  /**
   * Opens the stream of `session`, and ends the one that it had. @throws OAuthError (503) while Redis does not answer
   */
  open(session: Session, owner: StreamOwner): Promise<SessionStream>;
  /**
   * Subscribes the stream of a session, here or at another replica. A stream that the client is about to open is waited
   * for.
   *
   * @throws NoStream, SubscriptionRefused, OAuthError (503) while Redis does not answer
   */
  subscribe(session: Session, uri: string): Promise<void>;
  /** @throws as {@link SessionStreams.subscribe} */
  unsubscribe(session: Session, uri: string): Promise<void>;
  /** Ends the stream of a session that is over: soon, where another replica has it. */
  end(session: Session): void;
  /** Whether a session still lasts. */
  lasts(session: Session): Promise<boolean>;
}

export interface SessionStreamsOptions {
  readonly kept: KeptSubscriptions;
  /** Absent: only requests that come to the process with the stream can subscribe it. */
  readonly relay?: StreamRelay | undefined;
  readonly store: Pick<GuardStore, "denied">;
  readonly clock: Clock;
  /** How long a stream is waited for, in milliseconds; default 5,000. */
  readonly patience?: number;
}

/** What one session may be subscribed to: so many resources, and bytes of their URIs as a list of JSON. */
const MAX_URIS = 200;
const MAX_BYTES = 8000;

/** Clients open their stream at the same time as they send what comes next. */
const DEFAULT_PATIENCE = 5000;

/** Milliseconds until another replica is asked again whether the stream is there; doubled each time. */
const FIRST_PAUSE = 50;

/** A stream of this process. */
interface Held {
  readonly owner: StreamOwner;
  /** As the client spells them. */
  readonly uris: Set<string>;
  /** The same, by each spelling that a change may have. */
  spellings: ReadonlyMap<string, string>;
  /** Settles when all that has changed is kept. */
  saved: Promise<unknown>;
  /** Has it take no orders of other replicas any more. */
  stop(): void;
}

export function createSessionStreams(options: SessionStreamsOptions): SessionStreams {
  const { kept, relay, store, clock, patience = DEFAULT_PATIENCE } = options;
  const streams = new Map<string, Held>();
  /** Those who wait for a stream. */
  const waiting = new Map<string, Set<() => void>>();

  /** Ends the stream that this process has, once its subscriptions are kept. */
  async function retire({ key }: Session): Promise<void> {
    const held = streams.get(key);
    if (held !== undefined) {
      streams.delete(key);
      held.owner.end();
      await held.saved;
    }
  }

  /** Makes the stream of `owner` that of a session, with all that the one before was subscribed to. */
  async function take(session: Session, owner: StreamOwner, stop: () => void): Promise<Held> {
    for (;;) {
      await retire(session);
      const uris = new Set(await kept.load(session));
      // Its client may have opened another one meanwhile: the last one counts.
      if (!streams.has(session.key)) {
        const held = { owner, uris, spellings: spellingsOf(uris), saved: Promise.resolve(), stop };
        streams.set(session.key, held);
        return held;
      }
    }
  }

  async function change(session: Session, held: Held, order: StreamOrder): Promise<StreamReport> {
    if (order.act === "end") {
      await retire(session);
      return {};
    }
    const { uri } = order;
    if (order.act === "unsubscribe") {
      return apply(session, held, (uris) => uris.delete(uri));
    }
    if (!(await held.owner.mayLearn(uri))) {
      return { refused: "The stream was opened with an access token that may not read this. Open the stream again." };
    }
    const uris = new Set([...held.uris, uri]);
    if (uris.size > MAX_URIS || Buffer.byteLength(JSON.stringify([...uris])) > MAX_BYTES) {
      return {
        refused: `A session may be subscribed to ${MAX_URIS} resources, whose URIs have ${MAX_BYTES} bytes in all. Unsubscribe from another one first.`,
      };
    }
    return apply(session, held, (uris) => uris.add(uri));
  }

  /** Counts once it is kept. One change waits for the others, so that the last one to be kept has them all. */
  async function apply(session: Session, held: Held, edit: (uris: Set<string>) => void): Promise<StreamReport> {
    const saved = held.saved.then(async () => {
      const uris = new Set(held.uris);
      edit(uris);
      await kept.save(session, [...uris]);
      edit(held.uris);
      held.spellings = spellingsOf(held.uris);
    });
    held.saved = saved.catch(() => {});
    await saved;
    return {};
  }

  /** What another replica asks for. A stream that has just ended says nothing in the place of the next one. */
  async function obey(session: Session, order: StreamOrder): Promise<StreamReport | undefined> {
    const held = streams.get(session.key);
    if (held === undefined) {
      return order.act === "end" ? {} : undefined;
    }
    try {
      return await change(session, held, order);
    } catch {
      return { refused: "The replica that has the stream can't do this at the moment. Try again." };
    }
  }

  /** Carries out an order where the stream is; `undefined` where there is none. */
  async function attempt(session: Session, order: StreamOrder): Promise<StreamReport | undefined> {
    const held = streams.get(session.key);
    return held === undefined ? relay?.order(session, order) : change(session, held, order);
  }

  async function carryOut(session: Session, order: StreamOrder): Promise<void> {
    const deadline = performance.now() + patience;
    for (let pause = FIRST_PAUSE; ; pause *= 2) {
      const report = await unlessDown(() => attempt(session, order));
      if (report?.refused !== undefined) {
        throw new SubscriptionRefused(report.refused);
      }
      if (report !== undefined) {
        return;
      }
      const left = deadline - performance.now();
      if (left <= 0) {
        throw new NoStream(relay === undefined ? `. With several replicas, set ${STORAGE_VARIABLE}` : "");
      }
      await opened(session, Math.min(left, relay === undefined ? left : pause));
    }
  }

  /** Settles when this process has the stream of a session, or after so many milliseconds. */
  async function opened({ key }: Session, milliseconds: number): Promise<void> {
    const waited = new AbortController();
    const found = waiting.get(key) ?? new Set();
    const go = () => waited.abort();
    waiting.set(key, found.add(go));
    await sleep(milliseconds, undefined, { signal: waited.signal }).catch(() => {});
    found.delete(go);
    if (found.size === 0) {
      waiting.delete(key);
    }
  }

  return {
    async open(session, owner) {
      const { key } = session;
      const held = await unlessDown(async (): Promise<Held> => {
        // A replica that does not answer must not keep the client from its stream.
        await relay?.order(session, { act: "end" }).catch(() => {});
        const stop = (await relay?.listen(session, (order) => obey(session, order))) ?? (() => {});
        try {
          return await take(session, owner, stop);
        } catch (error) {
          stop();
          throw error;
        }
      });
      for (const go of waiting.get(key) ?? []) {
        go();
      }
      return {
        spellingOf: (uri) => held.spellings.get(uri),
        close() {
          held.stop();
          if (streams.get(key) === held) {
            streams.delete(key);
          }
        },
      };
    },

    subscribe: (session, uri) => carryOut(session, { act: "subscribe", uri }),
    unsubscribe: (session, uri) => carryOut(session, { act: "unsubscribe", uri }),

    end(session) {
      void retire(session);
      relay?.order(session, { act: "end" }).catch(() => {});
    },

    async lasts({ key, expiresAt }) {
      return expiresAt > clock() && (await store.denied([["deny-session", key]])) === undefined;
    },
  };
}

/** How changes may spell what clients subscribed to: as lists of `createServer` do, or as clients do. */
function spellingsOf(uris: Iterable<string>): ReadonlyMap<string, string> {
  return new Map([...uris].flatMap((uri) => [[parseUrl(uri)?.href ?? uri, uri] as const, [uri, uri] as const]));
}

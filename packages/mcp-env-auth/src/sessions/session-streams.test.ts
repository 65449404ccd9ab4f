import { describe, expect, it, vi } from "vitest";
import { OAuthError } from "../errors.ts";
import { createKeyring } from "../sealing/keyring.ts";
import { createRootKeys } from "../sealing/root-keys.ts";
import { DENIAL_OF_ALL } from "../store/guard-entry.ts";
import { GuardStoreUnavailable, type MessageBus } from "../store/guard-store.ts";
import { createMemoryGuardStore } from "../store/memory-guard-store.ts";
import { createKeptSubscriptions } from "./kept-subscriptions.ts";
import { NoStream, SubscriptionRefused } from "./refusals.ts";
import { createSealedChannels } from "./sealed-channels.ts";
import { createSessionStreams, type StreamOwner } from "./session-streams.ts";
import type { Session } from "./sessions.ts";
import { createStreamRelay } from "./stream-relay.ts";
import { brokenBus, newBus } from "./testing/message-bus.ts";

const keyring = createKeyring(await createRootKeys({ secret: "a signing key of more than thirty-two bytes" }), []);
const NOW = 1_900_000_000;
const clock = () => NOW;
const [A, B] = ["test://a", "test://b"];

const session = (changes: Partial<Session> = {}): Session => ({
  key: "key",
  user: "alice",
  revision: "2025-11-25",
  capabilities: {},
  clientInfo: { name: "Test", version: "1" },
  expiresAt: NOW + 100,
  isSpread: false,
  ...changes,
});

interface ReplicaOptions {
  readonly bus?: MessageBus;
  readonly store?: ReturnType<typeof createMemoryGuardStore>;
  readonly patience?: number;
}

/** One process. Those of one bus and store share a Redis. */
function replica({ bus, store = createMemoryGuardStore({ clock }), patience = 10_000 }: ReplicaOptions = {}) {
  const kept = createKeptSubscriptions({ store, sealer: keyring, clock });
  const relay = bus && createStreamRelay(createSealedChannels(bus, keyring));
  return createSessionStreams({ kept, relay, store, clock, patience });
}

function owner(mayLearn: StreamOwner["mayLearn"] = () => true) {
  return { mayLearn, end: vi.fn<() => void>() };
}

describe("the stream of a session", () => {
  it("is subscribed to what its client asks for, until it does no more", async () => {
    const streams = replica();
    const stream = await streams.open(session(), owner());
    await streams.subscribe(session(), A);
    await streams.subscribe(session(), B);
    await streams.unsubscribe(session(), A);
    expect([A, B, "test://c"].map(stream.spellingOf)).toEqual([undefined, B, undefined]);
  });

  it("finds a URI as lists spell it, and as its client does", async () => {
    const streams = replica();
    const stream = await streams.open(session(), owner());
    await streams.subscribe(session(), "https://Example.com/a b");
    expect(stream.spellingOf("https://example.com/a%20b")).toBe("https://Example.com/a b");
    expect(stream.spellingOf("https://Example.com/a b")).toBe("https://Example.com/a b");
  });

  it("is waited for, since clients open it while they send what comes next", async () => {
    const streams = replica();
    const subscribed = streams.subscribe(session(), A);
    const stream = await streams.open(session(), owner());
    await subscribed;
    expect(stream.spellingOf(A)).toBe(A);
  });

  it("is not another session's: without one of its own, there is no such method", async () => {
    const streams = replica({ patience: 1 });
    const stream = await streams.open(session({ key: "other" }), owner());
    await expect(streams.subscribe(session(), A)).rejects.toBeInstanceOf(NoStream);
    await expect(streams.subscribe(session(), A)).rejects.toThrow(/^Method not found.+GET/);
    expect(stream.spellingOf(A)).toBeUndefined();
  });

  it("takes the subscriptions of the one before, which ends: the client knows of no loss", async () => {
    const streams = replica();
    const first = owner();
    const before = await streams.open(session(), first);
    await streams.subscribe(session(), A);
    const stream = await streams.open(session(), owner());
    expect(first.end).toHaveBeenCalledOnce();
    before.close();
    expect(stream.spellingOf(A)).toBe(A);
    stream.close();
    expect((await streams.open(session(), owner())).spellingOf(A), "after a pause").toBe(A);
    expect((await streams.open(session({ key: "other" }), owner())).spellingOf(A)).toBeUndefined();
  });

  it("keeps what was subscribed to at the same time", async () => {
    const streams = replica();
    await streams.open(session(), owner());
    await Promise.all([A, B, "test://c"].map((uri) => streams.subscribe(session(), uri)));
    const stream = await streams.open(session(), owner());
    expect([A, B, "test://c"].every((uri) => stream.spellingOf(uri) === uri)).toBe(true);
  });

  it("is one, when its client opens several at once", async () => {
    const streams = replica();
    const owners = Array.from({ length: 5 }, () => owner());
    await Promise.all(owners.map((one) => streams.open(session(), one)));
    expect(owners.filter(({ end }) => end.mock.calls.length === 0)).toHaveLength(1);
  });

  it("is subscribed to nothing that its own token may not read", async () => {
    const streams = replica();
    const stream = await streams.open(
      session(),
      owner((uri) => uri !== A),
    );
    await expect(streams.subscribe(session(), A)).rejects.toThrow(/Open the stream again/);
    expect(stream.spellingOf(A)).toBeUndefined();
  });

  it.each<[string, (index: number) => string, number]>([
    ["200 resources", (index) => `t:${index}`, 200],
    ["8,000 bytes of URIs", (index) => `test://${index}/${"é".repeat(970)}`, 4],
    ["8,000 bytes of them as JSON", (index) => `test://${index}/${"\u0001".repeat(660)}`, 2],
  ])("is subscribed to at most %s", async (_what, uriOf, most) => {
    const streams = replica();
    const stream = await streams.open(session(), owner());
    for (let index = 0; index < most; index++) {
      await streams.subscribe(session(), uriOf(index));
    }
    await streams.subscribe(session(), uriOf(0));
    await expect(streams.subscribe(session(), uriOf(most))).rejects.toBeInstanceOf(SubscriptionRefused);
    await streams.unsubscribe(session(), uriOf(0));
    await streams.subscribe(session(), uriOf(most));
    expect(stream.spellingOf(uriOf(most))).toBe(uriOf(most));
  });

  it("ends with its session", async () => {
    const store = createMemoryGuardStore({ clock });
    const streams = replica({ store });
    const one = owner();
    await streams.open(session(), one);
    expect(await streams.lasts(session())).toBe(true);
    expect(await streams.lasts(session({ expiresAt: NOW }))).toBe(false);
    streams.end(session());
    expect(one.end).toHaveBeenCalledOnce();
    await store.set("deny-session", "key", DENIAL_OF_ALL, 100);
    expect(await streams.lasts(session())).toBe(false);
  });
});

describe("with replicas that share a Redis, the stream of a session", () => {
  const replicas = () => {
    const [{ bus, sent }, store] = [newBus(), createMemoryGuardStore({ clock })];
    return { one: replica({ bus, store }), other: replica({ bus, store }), sent, store };
  };

  it("is subscribed at either of them", async () => {
    const { one, other, sent } = replicas();
    const stream = await one.open(session(), owner());
    await other.subscribe(session(), A);
    await other.subscribe(session(), B);
    await other.unsubscribe(session(), B);
    expect([A, B].map(stream.spellingOf)).toEqual([A, undefined]);
    expect(sent.join()).not.toContain(A);
  });

  it("is waited for at the other one", async () => {
    const { one, other } = replicas();
    const subscribed = other.subscribe(session(), A);
    const stream = await one.open(session(), owner());
    await subscribed;
    expect(stream.spellingOf(A)).toBe(A);
  });

  it("moves with its subscriptions when the client opens it elsewhere", async () => {
    const { one, other } = replicas();
    const first = owner();
    await one.open(session(), first);
    await one.subscribe(session(), A);
    const stream = await other.open(session(), owner());
    expect(first.end).toHaveBeenCalledOnce();
    expect(stream.spellingOf(A)).toBe(A);
    await one.subscribe(session(), B);
    expect(stream.spellingOf(B)).toBe(B);
  });

  it("says at the other one why it can't be subscribed", async () => {
    const { one, other } = replicas();
    await one.open(
      session(),
      owner(() => false),
    );
    await expect(other.subscribe(session(), A)).rejects.toBeInstanceOf(SubscriptionRefused);
    await one.open(
      session(),
      owner(() => Promise.reject(new Error("broken"))),
    );
    await expect(other.subscribe(session(), A)).rejects.toThrow(/Try again/);
  });

  it("ends when the session is ended at the other one", async () => {
    const { one, other } = replicas();
    const first = owner();
    await one.open(session(), first);
    other.end(session());
    await expect.poll(() => first.end.mock.calls.length).toBe(1);
  });

  it("is refused with 503 while Redis does not answer, rather than without its subscriptions", async () => {
    const bus = brokenBus(new GuardStoreUnavailable("down"));
    const streams = replica({ bus });
    await expect(streams.open(session(), owner())).rejects.toBeInstanceOf(OAuthError);
    await expect(streams.subscribe(session(), A)).rejects.toBeInstanceOf(OAuthError);
  });
});

import { describe, expect, it } from "vitest";
import type { AccessToken } from "../access-token.ts";
import { sha256Base64url } from "../lib/secrets.ts";
import { createKeyring } from "../sealing/keyring.ts";
import { type PayloadField, packPayload } from "../sealing/payload.ts";
import { createRootKeys } from "../sealing/root-keys.ts";
import { createMemoryGuardStore } from "../store/memory-guard-store.ts";
import { SessionNotFound } from "./refusals.ts";
import { encodingSealer, MAX_SESSION_ID } from "./session-id.ts";
import { createSessions } from "./sessions.ts";

const TTL = 3600;
const roots = await createRootKeys({ secret: "a signing key of more than thirty-two bytes" });
const time = { now: 1_800_000_000 };
const clock = () => time.now;

const alice: AccessToken = {
  token: "t",
  clientId: "client",
  scopes: [],
  expiresAt: 2_000_000_000,
  claims: {},
  subject: "alice",
};

const newSessions = (store = createMemoryGuardStore({ clock }), context = "one") =>
  createSessions({ sealer: createKeyring(roots, [context]), store, ttl: TTL, clock });

const params = (changes: object = {}) => ({
  protocolVersion: "2025-11-25",
  capabilities: { elicitation: {} },
  clientInfo: { name: "Test", version: "1" },
  ...changes,
});

async function begun(sessions = newSessions(), changes: object = {}): Promise<string> {
  const { id } = (await sessions.begin(params(changes), alice)) ?? {};
  expect(id).toBeDefined();
  return id ?? "";
}

describe("a session", () => {
  it("holds what the client said of itself, for every process that has the key", async () => {
    const capabilities = {
      elicitation: { form: {}, url: {} },
      sampling: { tools: {}, context: {} },
      roots: { listChanged: true },
    };
    const id = await begun(newSessions(), {
      capabilities,
      clientInfo: { name: "Test", version: "1", title: "A test" },
    });
    expect(await newSessions().find(id, alice)).toMatchObject({
      revision: "2025-11-25",
      capabilities,
      clientInfo: { name: "Test", version: "1", title: "A test" },
    });
  });

  it("leaves out what the client can't be asked for, and reads no more into it than is there", async () => {
    const capabilities = {
      elicitation: {},
      roots: { listChanged: "yes" },
      sampling: [],
      experimental: { a: {} },
      __proto__: { sampling: {} },
    };
    const { capabilities: kept } = await newSessions().find(await begun(newSessions(), { capabilities }), alice);
    expect(kept).toEqual({ elicitation: { form: {} }, roots: {} });
  });

  it.each<[string, object]>([
    ["nothing to ask for", { capabilities: {} }],
    ["no capabilities", { capabilities: undefined }],
    ["a list of capabilities", { capabilities: [{ elicitation: {} }] }],
    ["capabilities that are inherited", { capabilities: Object.create({ elicitation: {} }) as object }],
  ])("is for news of changes alone where a client declares %s", async (_what, changes) => {
    expect(await newSessions().begin(params(changes), alice)).toMatchObject({ canBeAsked: false });
    expect(await newSessions().begin(params(), alice)).toMatchObject({ canBeAsked: true });
  });

  it.each<[string, object]>([
    ["no revision", { protocolVersion: undefined }],
    ["no client", { clientInfo: undefined }],
    ["a client without a name", { clientInfo: { version: "1" } }],
  ])("is not begun for %s", async (_what, changes) => {
    expect(await newSessions().begin(params(changes), alice)).toBeUndefined();
  });

  it.each<[string, string]>([
    ["letters", "x".repeat(100_000)],
    ["control characters", "\u0001".repeat(100_000)],
    ["surrogate pairs", "😀".repeat(100_000)],
    ["lone surrogates", "\ud800".repeat(100_000)],
    ["quotes", '"'.repeat(100_000)],
  ])("is short, whatever the client says of itself: %s", async (_what, text) => {
    const id = await begun(newSessions(), {
      clientInfo: { name: text, version: text, title: text, icons: [text] },
      capabilities: { elicitation: { form: { text } }, experimental: { text } },
      protocolVersion: text,
    });
    expect(id.length).toBeLessThanOrEqual(MAX_SESSION_ID);
    expect(id).toMatch(/^[\x21-\x7e]+$/);
    const { revision, clientInfo } = await newSessions().find(id, alice);
    expect(revision).toBe("2025-11-25");
    expect(text.startsWith(clientInfo.name.slice(0, 10))).toBe(true);
  });

  it.each<[string, Partial<AccessToken>]>([
    ["another user", { subject: "bob" }],
    ["another client of its user", { clientId: "other" }],
    ["a user whose name and client run together alike", { subject: "alicecl", clientId: "ient" }],
  ])("is not found by %s", async (_who, changes) => {
    const sessions = newSessions();
    const id = await begun(sessions);
    await expect(sessions.find(id, { ...alice, ...changes })).rejects.toBeInstanceOf(SessionNotFound);
    await expect(sessions.end(id, { ...alice, ...changes })).rejects.toBeInstanceOf(SessionNotFound);
    expect(await sessions.find(id, alice)).toBeDefined();
  });

  it.each<[string, (id: string) => string]>([
    ["nothing", () => ""],
    ["a word", () => "session"],
    ["what is too long", (id) => id + "a".repeat(MAX_SESSION_ID)],
    ["a damaged id", (id) => `${id.slice(0, -2)}AA`],
    ["half an id", (id) => id.slice(0, id.length / 2)],
  ])("is not found by %s", async (_what, change) => {
    const sessions = newSessions();
    await expect(sessions.find(change(await begun(sessions)), alice)).rejects.toBeInstanceOf(SessionNotFound);
  });

  it("is not found under another key", async () => {
    const id = await begun();
    await expect(newSessions(undefined, "two").find(id, alice)).rejects.toBeInstanceOf(SessionNotFound);
  });

  it("ends when its time is over, also where it was found before", async () => {
    const sessions = newSessions();
    const id = await begun(sessions);
    expect(await sessions.find(id, alice)).toBeDefined();
    time.now += TTL;
    await expect(sessions.find(id, alice)).rejects.toBeInstanceOf(SessionNotFound);
  });

  it("that was ended is found nowhere that shares the store", async () => {
    const store = createMemoryGuardStore({ clock });
    const sessions = newSessions(store);
    const [id, other] = [await begun(sessions), await begun(sessions)];
    await sessions.end(id, alice);
    for (const replica of [sessions, newSessions(store)]) {
      await expect(replica.find(id, alice)).rejects.toBeInstanceOf(SessionNotFound);
    }
    await expect(sessions.end(id, alice)).rejects.toBeInstanceOf(SessionNotFound);
    expect(await sessions.find(other, alice)).toBeDefined();
  });

  it("is known to be spread over processes only when another one issued it after this one had started", async () => {
    const [first, second] = [newSessions(), newSessions()];
    const before = await begun(first);
    time.now += 10;
    const after = await begun(first);
    expect((await first.find(after, alice)).isSpread).toBe(false);
    expect((await second.find(after, alice)).isSpread).toBe(true);
    expect((await newSessions().find(before, alice)).isSpread).toBe(false);
  });
});

describe("Security rule 23: an id that anybody can make", () => {
  const hash = (text: string) => sha256Base64url(text).slice(0, 22);
  const forge = async (changes: Readonly<Record<number, unknown>>) => {
    const sealer = await encodingSealer();
    const made = ["2025-11-25", 1, "n", "1", "", hash("alice"), hash("client"), time.now, time.now + TTL, "p"];
    const fields = made.map((field, index) => (index in changes ? changes[index] : field)) as PayloadField[];
    const id = await sealer.seal("session", packPayload(fields, { deflate: true }));
    return createSessions({ sealer, store: createMemoryGuardStore({ clock }), ttl: TTL, clock }).find(id, alice);
  };

  it("counts as ours only where it holds what ours hold", async () => {
    expect(await forge({})).toMatchObject({ revision: "2025-11-25" });
  });

  it.each([
    ["a revision that is large when it is read", { 0: Array.from({ length: 20_000 }, () => ({})) }],
    ["a long text", { 2: "x".repeat(60_000) }],
    ["a number in the place of a text", { 3: 7 }],
    ["a text in the place of a number", { 1: "1" }],
    ["no end", { 8: 1e300 }],
    ["an end that is too far", { 8: time.now + 10 * TTL }],
    ["another user", { 5: hash("bob") }],
  ])("is unknown with %s", async (_what, changes) => {
    await expect(forge(changes)).rejects.toThrow(SessionNotFound);
  });
});

it("Security rule 12: a user ends sixty sessions in a minute at most, and others go on", async () => {
  const sessions = newSessions();
  const bob = { ...alice, subject: "bob" };
  for (let turn = 0; turn < 60; turn++) {
    await sessions.end(await begun(sessions), alice);
  }
  const id = await begun(sessions);
  await expect(sessions.end(id, alice)).rejects.toMatchObject({ status: 429 });
  expect(await sessions.find(id, alice)).toBeDefined();
  const other = (await sessions.begin(params(), bob))?.id ?? "";
  await expect(sessions.end(other, bob)).resolves.toBeUndefined();
});

import { describe, expect, it, onTestFinished, vi } from "vitest";
import { REVISIONS } from "../http/testing/tool-call.ts";
import { SERVERS, startHeld } from "./testing/held-calls.ts";

type Held = Awaited<ReturnType<typeof startHeld>>;

const names = Object.keys(SERVERS);
const cases = names.flatMap((name) => REVISIONS.map((revision) => [name, revision] as const));

const INITIALIZE = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "1" } };

/** What a client needs to go on, by revision. */
const LIGHT = {
  "2025-11-25": [
    ["initialize", INITIALIZE],
    ["ping", {}],
    ["tools/list", {}],
    ["resources/templates/list", {}],
  ],
  "2026-07-28": [
    ["server/discover", {}],
    ["tools/list", {}],
    ["resources/templates/list", {}],
  ],
} as const;

/** Has a user's calls take all places, and one more wait. */
async function fill({ work, call }: Held, user: string, revision: (typeof REVISIONS)[number] = "2025-11-25") {
  const held = Array.from({ length: 4 }, () => call(user, revision, "work"));
  await expect.poll(() => work.underWay()).toBe(4);
  return { held, next: call(user, revision, "work") };
}

/** Has those be refused soon that would be after half a minute. */
function shortenPatience(): void {
  const later = globalThis.setTimeout;
  const spy = vi.spyOn(globalThis, "setTimeout");
  // fetch gives its timers arguments, and goes on with them in other tests.
  spy.mockImplementation(((work: () => void, ms?: number, ...given: []) =>
    later(work, ms === 30_000 ? 50 : ms, ...given)) as never);
  onTestFinished(() => spy.mockRestore());
}

describe("Security rule 22: while the calls of one user wait", () => {
  it.each(cases)("that user's other messages are answered: %s, %s", async (name, revision) => {
    const server = await startHeld(name);
    const { held, next } = await fill(server, "alice", revision);
    for (const [method, params] of LIGHT[revision]) {
      const { status, text } = await server.ask("alice", revision, method, params);
      expect([method, status, text]).toEqual([method, 200, expect.stringContaining('"result"')]);
    }
    expect((await server.notify("alice", "notifications/initialized")).status).toBe(202);
    expect(server.work.begun()).toBe(4);
    server.work.open();
    await Promise.all([...held, next]);
  });

  it.each(cases)("lists take turns of their own: %s, %s", async (name, revision) => {
    const { lists, ask, call } = await startHeld(name);
    const held = Array.from({ length: 6 }, () => ask("alice", revision, "resources/list"));
    await expect.poll(() => lists.underWay()).toBe(4);
    expect((await call("alice", revision, "quick")).text).toContain("quick");
    expect(lists.begun()).toBe(4);
    lists.open();
    for (const { text } of await Promise.all(held)) {
      expect(text).toContain("listed");
    }
    expect(lists.most()).toBe(4);
  });

  it.each(names)("what a token that was revoked meanwhile asks for is refused: %s", async (name) => {
    const server = await startHeld(name);
    const { held, next } = await fill(server, "alice");
    expect((await server.call("bob", "2025-11-25", "quick")).text).toContain("quick");
    server.revoke("alice");
    server.work.open();
    expect((await next).status).toBe(401);
    for (const { text } of await Promise.all(held)) {
      expect(text).toContain("done");
    }
    expect(server.work.begun()).toBe(4);
  });

  it("what a token no longer has the scopes for is refused", async () => {
    const server = await startHeld("app()");
    const { held, next } = await fill(server, "admin");
    const scoped = server.call("admin", "2025-11-25", "forbidden");
    expect((await server.call("bob", "2025-11-25", "quick")).text).toContain("quick");
    server.demote("admin");
    server.work.open();
    expect((await scoped).status).toBe(403);
    await Promise.all([...held, next]);
  });

  it.each(names)("a server that is closed serves none of them: %s", async (name) => {
    const server = await startHeld(name);
    const { held, next } = await fill(server, "alice");
    expect((await server.call("bob", "2025-11-25", "quick")).text).toContain("quick");
    await server.close();
    server.work.open();
    await Promise.all(held);
    expect(await next).toMatchObject({ status: 503, text: expect.stringContaining("closed") });
    expect(server.work.begun()).toBe(4);
  });

  it("what is refused for its scopes does not wait", async () => {
    const server = await startHeld("app()");
    const { held, next } = await fill(server, "alice");
    expect((await server.call("alice", "2025-11-25", "forbidden")).status).toBe(403);
    server.work.open();
    await Promise.all([...held, next]);
  });

  it.each(names)("they are refused with 429 after half a minute, and the log says so: %s", async (name) => {
    shortenPatience();
    const server = await startHeld(name);
    const { held, next } = await fill(server, "alice");
    const refused = await next;
    expect([refused.status, Number(refused.retryAfter) > 0]).toEqual([429, true]);
    expect(JSON.parse(refused.text)).toMatchObject({ error: "temporarily_unavailable" });
    expect(server.events).toContainEqual(expect.objectContaining({ event: "calls-limited", client: "client-1" }));
    expect(server.events).toContainEqual(expect.objectContaining({ event: "tool-called", outcome: "limited" }));
    server.work.open();
    await Promise.all(held);
    expect((await server.call("alice", "2025-11-25", "work")).text).toContain("done");
  });

  it.each(cases)("tools that call their own server as their user end: %s, %s", async (name, revision) => {
    shortenPatience();
    const { call } = await startHeld(name);
    expect((await call("alice", revision, "self")).text).toContain("200");
    const answers = await Promise.all(Array.from({ length: 12 }, () => call("alice", revision, "self")));
    const said = answers.map(({ status, text }) => `${status} ${/(200|429) \S/.exec(text)?.[1]}`);
    expect(said.filter((one) => one === "429 undefined" || /^200 (200|429)$/.test(one))).toHaveLength(12);
    expect(said).toContain("200 429");
    expect((await call("alice", revision, "self")).text).toContain("200");
  });

  it.each(names)("batches whose clients have left begin nothing any more: %s", async (name) => {
    const { work, batch, call } = await startHeld(name);
    const client = new AbortController();
    const left = batch("alice", 50, client.signal).catch(() => {});
    await expect.poll(() => work.underWay()).toBe(4);
    client.abort();
    await left;
    expect((await call("bob", "2025-11-25", "quick")).text).toContain("quick");
    work.open();
    expect((await call("alice", "2025-11-25", "work")).text).toContain("done");
    expect(work.begun()).toBe(5);
  });

  it("methods that only protect() knows take turns", async () => {
    const { work, ask, call } = await startHeld("protect()");
    const asked = Array.from({ length: 6 }, () => ask("alice", "2025-11-25", "somebody/elses"));
    await expect.poll(() => work.underWay()).toBe(4);
    expect((await call("bob", "2025-11-25", "quick")).text).toContain("quick");
    expect(work.begun()).toBe(4);
    work.open();
    await Promise.all(asked);
    expect(work.most()).toBe(4);
  });
});

describe("Security rule 22: calls without a token of what is public", () => {
  it("take turns by address, and together no more than four users", async () => {
    const { work, call } = await startHeld("app()", { FASTMCP_TRUST_PROXY: "1", FASTMCP_MAX_CALLS_PER_USER: "1" });
    const from = (address: number, tool = "public") =>
      call(undefined, "2025-11-25", tool, undefined, { "X-Forwarded-For": `203.0.113.${address}` });
    const calls = [from(1), from(1)];
    await expect.poll(() => work.underWay()).toBe(1);
    calls.push(...[2, 3, 4, 5, 6].map((address) => from(address)));
    await expect.poll(() => work.underWay()).toBe(4);
    expect((await call("alice", "2025-11-25", "quick")).text).toContain("quick");
    expect(work.begun()).toBe(4);
    work.open();
    for (const { text } of await Promise.all(calls)) {
      expect(text).toContain("done");
    }
    expect(work.most()).toBe(4);
  });
});

describe("Security rule 22: at an open server", () => {
  const OPEN = { FASTMCP_SERVER_AUTH: "none", FASTMCP_TRUST_PROXY: "1" };

  it.each(names)("the calls from one address take turns, and nobody elsewhere waits: %s", async (name) => {
    const { work, call } = await startHeld(name, OPEN);
    const from = (address: string) => ({ "X-Forwarded-For": address });
    const calls = Array.from({ length: 10 }, () => call("", "2025-11-25", "work", undefined, from("203.0.113.7")));
    await expect.poll(() => work.underWay()).toBe(4);
    expect((await call("", "2025-11-25", "quick", undefined, from("203.0.113.8"))).text).toContain("quick");
    expect(work.begun()).toBe(4);
    work.open();
    for (const { text } of await Promise.all(calls)) {
      expect(text).toContain("done");
    }
    expect(work.most()).toBe(4);
  });
});

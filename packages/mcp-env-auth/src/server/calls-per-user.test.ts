import { describe, expect, it } from "vitest";
import { REVISIONS } from "../http/testing/tool-call.ts";
import { SERVERS, startHeld } from "./testing/held-calls.ts";

const cases = Object.keys(SERVERS).flatMap((name) => REVISIONS.map((revision) => [name, revision] as const));

describe("Security rule 22: the calls of one user", () => {
  it.each(cases)("all succeed, a limited number at once, and nobody else waits: %s, %s", async (name, revision) => {
    const { work, call } = await startHeld(name);
    const calls = Array.from({ length: 50 }, () => call("alice", revision, "work"));
    await expect.poll(() => work.underWay()).toBe(4);
    expect((await call("bob", revision, "quick")).text).toContain("quick");
    expect(work.begun()).toBe(4);
    work.open();
    const answers = await Promise.all(calls);
    expect(answers.filter(({ status, text }) => status === 200 && text.includes("done"))).toHaveLength(50);
    expect(work.most()).toBe(4);
  });

  it.each(Object.keys(SERVERS))("begin by turns in batches, which are all answered: %s", async (name) => {
    const { work, batch, call } = await startHeld(name);
    const batches = [batch("alice", 50), batch("alice", 50), batch("alice", 50)];
    await expect.poll(() => work.underWay()).toBe(4);
    expect((await call("bob", "2025-11-25", "quick")).text).toContain("quick");
    work.open();
    for (const { text } of await Promise.all(batches)) {
      expect(text.match(/done/g)).toHaveLength(50);
    }
    expect(work.most()).toBe(4);
  });

  it.each(cases)("count for as long as they work, when their clients have gone: %s, %s", async (name, revision) => {
    const { work, call } = await startHeld(name);
    const clients = Array.from({ length: 4 }, () => new AbortController());
    const left = clients.map(({ signal }) => call("alice", revision, "work", signal).catch(() => {}));
    await expect.poll(() => work.underWay()).toBe(4);
    for (const client of clients) {
      client.abort();
    }
    await Promise.all(left);
    const next = call("alice", revision, "work");
    expect((await call("bob", revision, "quick")).text).toContain("quick");
    expect(work.begun()).toBe(4);
    work.open();
    expect((await next).text).toContain("done");
  });

  it.each(cases)("are lost by clients that leave while they wait: %s, %s", async (name, revision) => {
    const { work, call } = await startHeld(name);
    const held = Array.from({ length: 4 }, () => call("alice", revision, "work"));
    await expect.poll(() => work.underWay()).toBe(4);
    const client = new AbortController();
    const left = call("alice", revision, "work", client.signal).catch(() => {});
    expect((await call("bob", revision, "quick")).text).toContain("quick");
    client.abort();
    await left;
    // The server has learned of it by the time that it answers what came later.
    expect((await call("bob", revision, "quick")).text).toContain("quick");
    work.open();
    await Promise.all(held);
    expect((await call("alice", revision, "work")).text).toContain("done");
    expect(work.begun()).toBe(5);
  });

  it("are refused with 429 and Retry-After when too many wait, and none of the others is lost", async () => {
    const { work, batch } = await startHeld("app()");
    const batches = Array.from({ length: 7 }, () => batch("alice", 100));
    await expect.poll(() => work.underWay()).toBe(4);
    const refused = batches.map(async (asked) => (await asked).status === 429);
    expect(await Promise.race([...refused, batch("bob", 1).then(() => false)])).toBe(true);
    work.open();
    const answers = await Promise.all(batches);
    const [served, others] = [200, 429].map((wanted) => answers.filter(({ status }) => status === wanted));
    expect([served?.length, others?.length]).toEqual([5, 2]);
    expect(served?.every(({ text }) => text.match(/done/g)?.length === 100)).toBe(true);
    expect(others?.every(({ retryAfter }) => Number(retryAfter) > 0)).toBe(true);
  });
});

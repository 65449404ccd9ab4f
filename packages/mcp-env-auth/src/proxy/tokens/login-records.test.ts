import { describe, expect, it, vi } from "vitest";
import { silentLogger } from "../../logger.ts";
import { createRootKeys } from "../../sealing/root-keys.ts";
import { DENIAL_OF_ALL } from "../../store/guard-entry.ts";
import {
  type Directory,
  type DirectoryEntry,
  type GuardStore,
  GuardStoreUnavailable,
} from "../../store/guard-store.ts";
import { createMemoryGuardStore } from "../../store/memory-guard-store.ts";
import { createLoginRecords, type LoginRecordsOptions } from "./login-records.ts";
import { identityHash } from "./sealed-tokens.ts";

const LOGIN = {
  ...{ login: "login-1", subject: "auth0|alice", organization: "org_acme", clientHash: identityHash("client") },
  ...{ clientName: "Claude Code", since: 1000, expiresAt: 9000 },
};

/** What tests do with a directory, and see of it. */
interface Kept {
  readonly entries: Map<string, DirectoryEntry>;
  writes: number;
  isDown: boolean;
}

function createDirectory(): { readonly directory: Directory; readonly kept: Kept } {
  const kept: Kept = { entries: new Map(), writes: 0, isDown: false };
  const write = async (id: string, change: Partial<DirectoryEntry>) => {
    kept.writes += 1;
    if (kept.isDown) {
      throw new GuardStoreUnavailable("down");
    }
    kept.entries.set(id, { ...{ id, value: "" }, ...kept.entries.get(id), ...change });
  };
  return {
    kept,
    directory: {
      put: (id, value) => write(id, { value }),
      mark: (id, mark) => write(id, { mark }),
      async *pages() {
        yield [...kept.entries.values()];
      },
    },
  };
}

async function setUp(changes: Partial<LoginRecordsOptions> = {}) {
  const { directory, kept } = createDirectory();
  let now = 1000;
  const clock = () => now;
  const store: GuardStore = { ...createMemoryGuardStore({ clock }), directory };
  const options: LoginRecordsOptions = {
    rootKeys: await createRootKeys({ secret: "a signing key of the tests, long enough" }),
    issuer: "https://mcp.example.com/",
    tokenEpoch: "",
    providerClassPath: "auth0",
    upstreamClientId: "id",
    sessionTtl: 9000,
    store,
    clock,
    logger: silentLogger,
    ...changes,
  };
  const open = (other: Partial<LoginRecordsOptions> = {}) => {
    const records = createLoginRecords({ ...options, ...other });
    if (records === undefined) {
      throw new Error("The store has no directory.");
    }
    return records;
  };
  return { options, store, kept, open, pass: (seconds: number) => (now += seconds) };
}

describe("the records of logins", () => {
  it("say who, by which client, since when, and what was used last", async () => {
    const { open, kept, pass } = await setUp();
    const records = open();
    records.note(LOGIN);
    await vi.waitFor(() => expect(kept.entries.size).toBe(1));
    expect(await records.list()).toEqual({ records: [{ ...LOGIN, lastUse: 1000 }], unreadable: 0 });
    pass(61);
    records.use(LOGIN.login);
    await vi.waitFor(async () => expect((await records.list()).records[0]?.lastUse).toBe(1061));
  });

  it("are written at most once a minute for the calls of a login", async () => {
    const { open, kept, pass } = await setUp();
    const records = open();
    records.note(LOGIN);
    await vi.waitFor(() => expect(kept.writes).toBe(1));
    for (const seconds of [1, 57, 1, 1, 1, 58, 1]) {
      pass(seconds);
      records.use(LOGIN.login);
    }
    await vi.waitFor(() => expect(kept.writes).toBe(3));
    records.use("login-2");
    await vi.waitFor(() => expect(kept.writes).toBe(4));
  });

  it("are not of logins that were ended, by themselves, by user or by client", async () => {
    for (const [kind, id] of [
      ["deny-family", LOGIN.login],
      ["deny-subject", identityHash(LOGIN.subject)],
      ["deny-client", LOGIN.clientHash],
    ] as const) {
      const { open, kept, store } = await setUp();
      const records = open();
      records.note(LOGIN);
      await vi.waitFor(() => expect(kept.entries.size).toBe(1));
      await store.set(kind, id, DENIAL_OF_ALL, 60);
      expect((await records.list()).records, kind).toEqual([]);
    }
  });

  it("keep a login going when the store is down", async () => {
    const { open, kept } = await setUp();
    kept.isDown = true;
    const records = open();
    expect(() => {
      records.note(LOGIN);
      records.use("login-2");
    }).not.toThrow();
    await vi.waitFor(() => expect(kept.writes).toBe(2));
  });

  it("are read with a previous key, and counted under another configuration", async () => {
    const { open, kept, options } = await setUp();
    open().note(LOGIN);
    await vi.waitFor(() => expect(kept.entries.size).toBe(1));
    const rotated = await createRootKeys({
      secret: "the next signing key of the tests",
      previousSecrets: ["a signing key of the tests, long enough"],
    });
    expect((await open({ rootKeys: rotated }).list()).records).toHaveLength(1);
    for (const change of [
      { rootKeys: rotated.slice(0, 1) },
      { tokenEpoch: "2" },
      { upstreamClientId: "other" },
      { issuer: "https://other.example.com/" },
    ]) {
      expect(await open({ ...options, ...change }).list()).toEqual({ records: [], unreadable: 1 });
    }
  });

  it("don't exist where nobody could list them", async () => {
    const { options } = await setUp();
    const store = createMemoryGuardStore({ clock: () => 0 });
    expect(createLoginRecords({ ...options, store })).toBeUndefined();
  });
});

describe("SECURITY.md: a reader or writer of Redis", () => {
  it("learns nothing of a login", async () => {
    const { open, kept } = await setUp();
    const records = open();
    records.note(LOGIN);
    records.use("login-2");
    await vi.waitFor(() => expect(kept.writes).toBe(2));
    const seen = JSON.stringify([...kept.entries.values()]);
    for (const text of [LOGIN.login, LOGIN.subject, LOGIN.organization, LOGIN.clientName, LOGIN.clientHash]) {
      expect(seen).not.toContain(text);
      expect(seen).not.toContain(Buffer.from(text).toString("base64url"));
    }
  });

  it("can't pass one record, or its last use, for another's", async () => {
    const { open, kept, pass } = await setUp();
    const records = open();
    const other = { ...LOGIN, login: "login-2", subject: "auth0|bob" };
    records.note(LOGIN);
    records.note(other);
    await vi.waitFor(() => expect(kept.entries.size).toBe(2));
    pass(100);
    records.use(LOGIN.login);
    await vi.waitFor(() => expect(kept.writes).toBe(3));
    const [mine, theirs] = [identityHash(LOGIN.login), identityHash(other.login)].map((id) => kept.entries.get(id));
    kept.entries.set(theirs?.id ?? "", {
      ...theirs,
      id: theirs?.id ?? "",
      value: theirs?.value ?? "",
      mark: mine?.mark,
    });
    expect((await records.list()).records).toEqual([
      { ...LOGIN, lastUse: 1100 },
      { ...other, lastUse: 1000 },
    ]);
    kept.entries.set(theirs?.id ?? "", { id: theirs?.id ?? "", value: mine?.value ?? "" });
    kept.entries.set("made up", { id: "made up", value: "nonsense" });
    expect(await records.list()).toMatchObject({ records: [{ subject: "auth0|alice" }], unreadable: 2 });
  });
});

import { lookup } from "node:dns/promises";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { openHostsFile } from "./hosts-file.ts";
import { createHostResolver } from "./resolve-host.ts";
import { type NameAnswer, startNameServer } from "./testing/name-server.ts";

const noHosts = { addressesOf: async () => undefined };
const never = () => new AbortController().signal;

async function nameServer(answer: (name: string, type: "A" | "AAAA") => NameAnswer) {
  const server = await startNameServer(answer);
  onTestFinished(() => server.close());
  return { server, resolve: createHostResolver({ servers: [server.address], hosts: noHosts }) };
}

/** A hosts file whose text a test may change. */
async function hostsFile(text: string) {
  const folder = await mkdtemp(join(tmpdir(), "hosts-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "hosts");
  const write = (next: string) => writeFile(path, next);
  await write(text);
  return { path, write, hosts: openHostsFile(path) };
}

describe("names of hosts", () => {
  it("are resolved to all their addresses of both families", async () => {
    const { server, resolve } = await nameServer((_name, type) =>
      type === "A" ? ["192.0.2.1", "192.0.2.2"] : ["2001:db8::1"],
    );
    expect(await resolve("client.example.com", never())).toEqual([
      { address: "192.0.2.1", family: 4 },
      { address: "192.0.2.2", family: 4 },
      { address: "2001:db8::1", family: 6 },
    ]);
    expect(server.queries.sort()).toEqual(["client.example.com A", "client.example.com AAAA"]);
  });

  it.each<[string, NameAnswer]>([
    ["none", []],
    ["an error", "server failure"],
    ["nothing", "silence"],
  ])("are resolved to those of one family when the name server says %s of the other", async (_what, said) => {
    const { resolve } = await nameServer((_name, type) => (type === "A" ? said : ["2001:db8::1"]));
    expect(await resolve("client.example.com", never())).toEqual([{ address: "2001:db8::1", family: 6 }]);
  });

  it.each<[string, NameAnswer]>([
    ["no such name", "no such name"],
    ["a name without addresses", []],
  ])("may have no address: %s", async (_what, said) => {
    const { resolve } = await nameServer(() => said);
    expect(await resolve("client.example.com", never())).toEqual([]);
  });

  it("can't be resolved when the name server fails", async () => {
    const { resolve } = await nameServer(() => "server failure");
    await expect(resolve("client.example.com", never())).rejects.toMatchObject({ code: "ESERVFAIL" });
  });

  it("are no longer waited for after the deadline, nor asked for again", async () => {
    const { server, resolve } = await nameServer(() => "silence");
    const deadline = new AbortController();
    const resolving = resolve("client.example.com", deadline.signal);
    await expect.poll(() => server.queries.length).toBe(2);
    deadline.abort(new Error("too late"));
    await expect(resolving).rejects.toThrow("too late");
    await expect(resolve("client.example.com", deadline.signal)).rejects.toThrow("too late");
    expect(server.queries).toHaveLength(2);
  });

  it("that nobody answers for keep no thread from those who resolve other names", async () => {
    const { server, resolve } = await nameServer(() => "silence");
    const deadlines = Array.from({ length: 50 }, () => new AbortController());
    const resolving = deadlines.map(({ signal }, index) => resolve(`dead-${index}.example.com`, signal));
    await expect.poll(() => server.queries.length).toBe(100);
    expect(await lookup("localhost", { all: true })).not.toEqual([]);
    for (const deadline of deadlines) {
      deadline.abort();
    }
    const outcomes = await Promise.allSettled(resolving);
    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(["rejected"]));
  });
});

describe("a hosts file", () => {
  it("comes before DNS, as for other programs of the machine", async () => {
    const { server } = await nameServer(() => ["192.0.2.1"]);
    const { hosts } = await hostsFile(
      "# a comment\n127.0.0.1 localhost\r\n10.0.0.1\tClient.example.com other.example.com # pinned\n::1 client.example.com\nnonsense x.example.com\n",
    );
    const resolve = createHostResolver({ servers: [server.address], hosts });
    expect(await resolve("client.example.com", never())).toEqual([
      { address: "10.0.0.1", family: 4 },
      { address: "::1", family: 6 },
    ]);
    expect(await resolve("x.example.com", never())).toContainEqual({ address: "192.0.2.1", family: 4 });
    expect(server.queries).not.toContain("client.example.com A");
  });

  it("is read again when it has changed", async () => {
    const { hosts, write } = await hostsFile("10.0.0.1 client.example.com\n");
    expect(await hosts.addressesOf("client.example.com")).toEqual(["10.0.0.1"]);
    await write("10.0.0.22 client.example.com\n");
    expect(await hosts.addressesOf("client.example.com")).toEqual(["10.0.0.22"]);
  });

  it("may be missing, and names of prototypes are not in it", async () => {
    const { path, hosts } = await hostsFile("10.0.0.1 a.example.com\n");
    expect(await hosts.addressesOf("constructor")).toBeUndefined();
    await rm(path);
    expect(await hosts.addressesOf("a.example.com")).toBeUndefined();
  });
});

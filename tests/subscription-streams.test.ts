import { connect } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { ResourceTemplate } from "@modelcontextprotocol/server";
import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import type { ProtectedServer } from "mcp-env-auth";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type InProcessServer, startInProcess, until } from "./support/in-process.ts";

const HEADERS = { "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "subscriptions/listen" };
const META = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "t", version: "1" },
  "io.modelcontextprotocol/clientCapabilities": {},
};
const SECRET = "test://secret";
const ALL = "test://all";
const OPEN = "test://notes/open";

let auth0: DevAuth0;

beforeAll(async () => {
  auth0 = await startDevAuth0();
});

afterAll(() => auth0?.close());

const listening = (resourceSubscriptions: readonly string[]) => ({
  jsonrpc: "2.0",
  id: 1,
  method: "subscriptions/listen",
  params: { _meta: META, notifications: { resourceSubscriptions } },
});

/** A stream as it comes. */
interface Stream {
  readonly status: number;
  readonly headers: Headers;
  /** All that came so far. */
  text(): string;
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

async function subscribe(
  { call }: InProcessServer,
  token: string | undefined,
  uris: readonly string[],
): Promise<Stream> {
  const answer = await call(token, listening(uris), HEADERS);
  const reader = answer.body?.getReader();
  const decoder = new TextDecoder();
  let text = "";
  const read = async () => {
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true };
      if (done) {
        return;
      }
      text += decoder.decode(value, { stream: true });
    }
  };
  const ended = read().catch(() => {});
  const close = async () => reader?.cancel().catch(() => {});
  onTestFinished(close);
  return { status: answer.status, headers: answer.headers, text: () => text, ended, close };
}

interface Started extends InProcessServer {
  readonly notify: ProtectedServer["notify"];
  /** The subscribers that `authorize` was asked about. */
  readonly asked: string[];
}

async function start(env: Record<string, string> = {}): Promise<Started> {
  let server: ProtectedServer | undefined;
  const asked: string[] = [];
  const running = await startInProcess({
    auth0,
    env: { FASTMCP_SERVER_AUTH_AUTH0_ROLES_CLAIM: "https://example.com/roles", ...env },
    register(created) {
      server = created;
      created.registerResource("secret", SECRET, { requiredRoles: ["editor"], visibility: "hidden" }, () => "secret");
      created.registerResource("forbidden", "test://forbidden", { requiredRoles: ["editor"] }, () => "secret");
      created.registerResource("all", ALL, {}, () => "all");
      created.registerResource(
        "notes",
        new ResourceTemplate("test://notes/{owner}", { list: undefined }),
        { authorize: ({ subject }) => asked.push(subject) > 0 },
        () => "note",
      );
    },
  });
  await until(async () => (await fetch(`${running.origin}/readyz`)).ok);
  return { ...running, notify: (server as ProtectedServer).notify, asked };
}

const toldOf = (stream: Stream, uri: string) =>
  stream.text().split(`"method":"notifications/resources/updated","params":{"uri":"${uri}"`).length - 1;

describe("a subscription to what its client may not read", () => {
  it.each(["test://none", SECRET])("is acknowledged and stays silent, as of what does not exist: %s", async (uri) => {
    const server = await start();
    const stream = await subscribe(server, (await server.getSession("bob")).accessToken, [uri, ALL]);
    await until(() => stream.text().includes("acknowledged"));
    expect(stream.status).toBe(200);
    expect(stream.text()).toContain(`"resourceSubscriptions":["${uri}","${ALL}"]`);
    server.notify.resourceUpdated(uri);
    server.notify.resourceUpdated(ALL);
    await until(() => toldOf(stream, ALL) === 1);
    expect(toldOf(stream, uri)).toBe(0);
  });

  it("and which is not hidden is refused, as a read of it is", async () => {
    const server = await start();
    const stream = await subscribe(server, (await server.getSession("bob")).accessToken, ["test://forbidden"]);
    expect(stream.status).toBe(403);
  });
});

describe("authorize of a resource", () => {
  it("is asked about those who subscribed to what changed, and about nobody else", async () => {
    const server = await start();
    const [alice, bob] = await Promise.all(["alice", "bob"].map((name) => server.getSession(name)));
    const streams = [
      await subscribe(server, alice?.accessToken, [OPEN, ALL]),
      await subscribe(server, bob?.accessToken, ["test://notes/other", ALL]),
    ];
    server.notify.resourceUpdated(OPEN);
    server.notify.resourceUpdated("test://notes/third");
    server.notify.resourceUpdated(ALL);
    await until(() => streams.every((stream) => toldOf(stream, ALL) === 1));
    expect(server.asked).toEqual(["auth0|alice"]);
    expect(streams.map((stream) => toldOf(stream, OPEN))).toEqual([1, 0]);
  });
});

describe("a client that does not read its stream", () => {
  it("is told once of each resource that changed meanwhile, when it reads again", async () => {
    const server = await start();
    const { accessToken } = await server.getSession("alice");
    const long = `test://notes/${"n".repeat(2000)}`;
    const body = JSON.stringify(listening([long, ALL]));
    const socket = connect(Number(new URL(server.origin).port), "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    const headers = Object.entries({
      ...HEADERS,
      Host: "127.0.0.1",
      Authorization: `Bearer ${accessToken}`,
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      "Content-Length": Buffer.byteLength(body),
    });
    socket.write(
      `POST /mcp HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n${body}`,
    );
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
    });
    await until(() => text.includes("acknowledged"));
    socket.pause();
    const changes = 20_000;
    for (let count = 1; count <= changes; count += 1) {
      server.notify.resourceUpdated(long);
      if (count % 10 === 0) {
        await nextTurn();
      }
    }
    server.notify.resourceUpdated(ALL);
    const waiting = server.asked.length;
    socket.resume();
    const count = (uri: string) => text.split(`"uri":"${uri}"`).length - 1;
    await until(() => count(ALL) === 1);
    // What the connection itself holds went out as it came.
    expect(count(long)).toBeLessThan(changes / 2);
    expect(count(long)).toBeLessThanOrEqual(waiting + 1);
    server.notify.resourceUpdated(ALL);
    await until(() => count(ALL) === 2);
    expect(count(long)).toBe(server.asked.length);
  });
});

describe("when all subscriptions that a process may have are open", () => {
  it("a user with fewer gets a place, others get 503, and the log names the variable", async () => {
    const server = await start({ FASTMCP_MAX_SUBSCRIPTIONS: "3" });
    const sessions = await Promise.all(["alice", "bob"].map((name) => server.getSession(name)));
    const [alice, bob] = sessions.map((session) => session.accessToken);
    const own = [
      await subscribe(server, alice, [ALL]),
      await subscribe(server, alice, [ALL]),
      await subscribe(server, alice, [ALL]),
    ];
    const refused = await subscribe(server, alice, [ALL]);
    await refused.ended;
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "10"]);
    expect(JSON.parse(refused.text())).toMatchObject({ error: "temporarily_unavailable" });
    const other = await subscribe(server, bob, [ALL]);
    expect(other.status).toBe(200);
    await own[0]?.ended;
    expect((await subscribe(server, bob, [ALL])).status).toBe(503);
    server.notify.resourceUpdated(ALL);
    await until(() => [own[1], own[2], other].every((stream) => stream !== undefined && toldOf(stream, ALL) === 1));
    const warnings = server.lines.filter(({ level }) => level === "warn").map(({ message }) => message);
    expect(warnings).toEqual([expect.stringContaining("FASTMCP_MAX_SUBSCRIPTIONS")]);
    await own[1]?.close();
    await until(async () => (await subscribe(server, bob, [ALL])).status === 200);
  });
});

import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { McpServer, ResourceTemplate } from "@modelcontextprotocol/server";
import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import express from "express";
import { type ProtectedServer, protect } from "mcp-env-auth";
import { freePort } from "test-support/free-port";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { launchInProcess, until } from "./support/in-process.ts";
import { type OAuthSteps, oauthSteps } from "./support/oauth-steps.ts";
import { beginSession, type SessionClient } from "./support/session-client.ts";

const ALL = "test://all";
const SECRET = "test://secret";
const NOTE = "test://notes/auth0%7Calice";
const METHOD_NOT_FOUND = -32601;
const INVALID_PARAMS = -32602;

interface Running {
  readonly origin: string;
  readonly steps: OAuthSteps;
  updated(uri: string, subject?: string): void;
  listChanged(): void;
  close(): Promise<void>;
}

const toSubject = (subject: string | undefined) =>
  subject === undefined ? ("everyone" as const) : (token: { readonly subject: string }) => token.subject === subject;

async function startOwn(auth0: DevAuth0, env: Record<string, string> = {}): Promise<Running> {
  let made: ProtectedServer | undefined;
  const server = await launchInProcess({
    auth0,
    env: { FASTMCP_SERVER_AUTH_AUTH0_ROLES_CLAIM: "https://example.com/roles", ...env },
    register(created) {
      made = created;
      created.registerResource("all", ALL, {}, () => "all");
      created.registerResource("secret", SECRET, { requiredRoles: ["editor"], visibility: "hidden" }, () => "secret");
      created.registerResource("scoped", "test://scoped", { requiredScopes: ["weather:write"] }, () => "scoped");
      created.registerResource(
        "notes",
        new ResourceTemplate("test://notes/{owner}", { list: () => ({ resources: [] }) }),
        { authorize: ({ subject }, { variables }) => subject === decodeURIComponent(String(variables.owner)) },
        () => "note",
      );
    },
  });
  const { notify } = made as ProtectedServer;
  return {
    origin: server.origin,
    steps: server,
    updated: (uri, subject) => notify.resourceUpdated(uri, { to: toSubject(subject) }),
    listChanged: () => notify.resourcesChanged(),
    close: server.close,
  };
}

async function startProtected(auth0: DevAuth0): Promise<Running> {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const app = express();
  const build = () => {
    const capabilities = { resources: { subscribe: true, listChanged: true } };
    const server = new McpServer({ name: "own", version: "1" }, { capabilities });
    server.registerResource("all", ALL, {}, () => ({ contents: [] }));
    return server;
  };
  const { notify, close } = await protect(app, build, { env: { ...auth0.env(origin), FASTMCP_LOG_LEVEL: "ERROR" } });
  const http = createHttpServer(app);
  await once(http.listen(port, "127.0.0.1"), "listening");
  return {
    origin,
    steps: oauthSteps(origin),
    updated: (uri, subject) => notify.resourceUpdated(uri, { to: toSubject(subject) }),
    listChanged: () => notify.resourcesChanged({ to: "everyone" }),
    async close() {
      http.close();
      http.closeAllConnections();
      await close();
    },
  };
}

let auth0: DevAuth0;
beforeAll(async () => {
  auth0 = await startDevAuth0();
});
afterAll(() => auth0?.close());

const subscribe = (client: SessionClient, uri: string) => client.ask("resources/subscribe", { uri });

describe.each<[string, () => Promise<Running>]>([
  ["createServer()", () => startOwn(auth0)],
  ["createServer() without the fast path", () => startOwn(auth0, { FASTMCP_SDK_FAST_PATH: "false" })],
  ["protect()", () => startProtected(auth0)],
])("the stream of a session of 2025-11-25, through %s", (kind, start) => {
  const isWhole = !kind.includes("without");
  let running: Running;
  let alice: string;
  let bob: string;
  beforeAll(async () => {
    running = await start();
    await until(async () => (await fetch(`${running.origin}/readyz`)).ok);
    [{ accessToken: alice }, { accessToken: bob }] = [
      await running.steps.getSession("alice"),
      await running.steps.getSession("bob"),
    ];
  });
  afterAll(() => running?.close());

  const begin = (token = alice) => beginSession(running.origin, token, { capabilities: {} });

  it("tells of what its client subscribed to, and of nothing else", async () => {
    const client = await begin();
    const stream = await client.listen();
    onTestFinished(stream.leave);
    expect(stream.status).toBe(200);
    expect(await subscribe(client, ALL)).toMatchObject({ id: 1, result: {} });
    running.updated("test://other");
    running.updated(ALL, "auth0|bob");
    running.updated(ALL);
    await until(() => stream.told.length > 0);
    expect(await client.ask("resources/unsubscribe", { uri: ALL })).toMatchObject({ id: 1, result: {} });
    running.updated(ALL);
    running.listChanged();
    await until(() => stream.told.length > 1);
    expect(stream.told).toEqual([ALL, "notifications/resources/list_changed"]);
  });

  it.runIf(isWhole)("is what the SDK's client opens, and what it subscribes by", async () => {
    const headers = { Authorization: `Bearer ${alice}` };
    const transport = new StreamableHTTPClientTransport(new URL(`${running.origin}/mcp`), { requestInit: { headers } });
    const client = new Client({ name: "test", version: "1.0.0" }, { versionNegotiation: { mode: "legacy" } });
    const told: string[] = [];
    client.setNotificationHandler("notifications/resources/updated", ({ params }) => void told.push(params.uri));
    await client.connect(transport);
    onTestFinished(() => client.close());
    expect(client.getServerCapabilities()).toMatchObject({ resources: { subscribe: true, listChanged: true } });
    await client.subscribeResource({ uri: ALL });
    running.updated(ALL);
    await until(() => told.length > 0);
    await client.unsubscribeResource({ uri: ALL });
    expect(told).toEqual([ALL]);
  });

  it("goes on where the one before ended, of which its client knows nothing", async () => {
    const client = await begin();
    const first = await client.listen();
    await subscribe(client, ALL);
    const second = await client.listen();
    onTestFinished(second.leave);
    await first.ended;
    running.updated(ALL);
    await until(() => second.told.length > 0);
    expect([first.told, second.told]).toEqual([[], [ALL]]);
  });

  it.runIf(isWhole)("is nobody else's, and its session gives nobody a subscription", async () => {
    const client = await begin();
    const stream = await client.listen();
    onTestFinished(stream.leave);
    const bobs = await begin(bob);
    expect((await bobs.listen({ session: client.id })).status).toBe(404);
    const message = { jsonrpc: "2.0", id: 1, method: "resources/subscribe", params: { uri: ALL } };
    expect((await bobs.post(message, { session: client.id })).status).toBe(404);
    running.updated(ALL);
    running.listChanged();
    await until(() => stream.told.length > 0);
    expect(stream.told).toEqual(["notifications/resources/list_changed"]);
  });

  it.runIf(isWhole)("ends with its session: DELETE, and then 404", async () => {
    const client = await begin();
    const stream = await client.listen();
    await subscribe(client, ALL);
    expect((await client.send("DELETE")).status).toBe(204);
    await stream.ended;
    expect((await client.listen()).status).toBe(404);
  });

  it.runIf(isWhole)("takes a session, a client that takes events, and a revision before 2026-07-28", async () => {
    const client = await begin();
    expect((await client.listen({ session: undefined })).status).toBe(405);
    const headers = { Authorization: `Bearer ${alice}`, "Mcp-Session-Id": client.id ?? "" };
    const get = (more: Record<string, string>) => fetch(`${running.origin}/mcp`, { headers: { ...headers, ...more } });
    expect((await get({ Accept: "application/json" })).status).toBe(406);
    expect((await get({ "MCP-Protocol-Version": "2026-07-28" })).status).toBe(405);
  });

  it.runIf(kind === "createServer()")("is needed: without it, there is no method to subscribe by", async () => {
    const client = await begin();
    const refused = await subscribe(client, ALL);
    expect(refused?.error).toMatchObject({
      code: METHOD_NOT_FOUND,
      message: expect.stringContaining("Open one first"),
    });
    const message = { jsonrpc: "2.0", id: 1, method: "resources/subscribe", params: { uri: ALL } };
    const stateless = await client.post(message, { session: undefined });
    expect(await stateless.text()).toContain(String(METHOD_NOT_FOUND));
  });

  it.runIf(kind === "createServer()")("tells of nothing that its user may not read", async () => {
    const [hers, his] = [await begin(), await begin(bob)];
    const [herStream, hisStream] = [await hers.listen(), await his.listen()];
    onTestFinished(herStream.leave);
    onTestFinished(hisStream.leave);
    const unknown = (await subscribe(his, "test://none"))?.error;
    expect(unknown?.code).toBe(INVALID_PARAMS);
    for (const uri of [SECRET, NOTE]) {
      const error = (await subscribe(his, uri))?.error;
      expect({ ...error, message: error?.message.replace(uri, "test://none") }).toEqual(unknown);
    }
    const { access_token = "" } = await running.steps.getTokens("bob", { scope: "openid" });
    const poor = await begin(access_token);
    const scoped = { jsonrpc: "2.0", id: 1, method: "resources/subscribe", params: { uri: "test://scoped" } };
    expect((await poor.post(scoped)).status).toBe(403);
    expect(await subscribe(hers, NOTE)).toMatchObject({ result: {} });
    for (const uri of [SECRET, "test://none", NOTE]) {
      running.updated(uri);
    }
    running.listChanged();
    await until(() => herStream.told.length > 1 && hisStream.told.length > 0);
    expect([...herStream.told].sort()).toEqual(["notifications/resources/list_changed", NOTE]);
    expect(hisStream.told).toEqual(["notifications/resources/list_changed"]);
  });

  it.runIf(isWhole)("is one of a user's 16", async () => {
    const clients = await Promise.all(Array.from({ length: 17 }, () => begin(bob)));
    const streams = [];
    for (const client of clients) {
      streams.push(await client.listen());
    }
    for (const { leave } of streams) {
      leave();
    }
    expect(streams.map(({ status }) => status).sort()).toEqual([...Array(16).fill(200), 429]);
  });

  it.runIf(kind === "createServer()")(
    "goes on with the next token of its client, and ends when that is revoked",
    async () => {
      const session = await running.steps.getSession("alice");
      const client = await begin(session.accessToken);
      const first = await client.listen();
      await subscribe(client, ALL);
      first.leave();
      await first.ended;
      const next = await session.renewed(await session.refresh());
      const second = await client.listen({ token: next.accessToken });
      running.updated(ALL);
      await until(() => second.told.length > 0);
      expect((await next.revoke()).status).toBe(200);
      await second.ended;
      expect(second.told).toEqual([ALL]);
    },
  );
});

describe("a server that tells of no changes", () => {
  it("has no stream, and no session for a client that can't be asked for anything", async () => {
    const server = await launchInProcess({ auth0, capabilities: undefined });
    onTestFinished(server.close);
    await until(async () => (await fetch(`${server.origin}/readyz`)).ok);
    const { accessToken } = await server.getSession();
    expect((await beginSession(server.origin, accessToken, { capabilities: {} })).id).toBeUndefined();
    const client = await beginSession(server.origin, accessToken);
    expect((await client.listen()).status).toBe(405);
    expect((await subscribe(client, ALL))?.error?.code).toBe(METHOD_NOT_FOUND);
  });
});

import { fileURLToPath } from "node:url";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { McpServer, ResourceTemplate } from "@modelcontextprotocol/server";
import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import express from "express";
import { getAccessToken, type ProtectedServer, protect } from "mcp-env-auth";
import { freePort } from "test-support/free-port";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type InProcessServer, startInProcess, until } from "./support/in-process.ts";
import { oauthSteps } from "./support/oauth-steps.ts";

const MINE = "test://mine";
const SECRET = "test://secret";
const ALL = "test://all";
const NOTE = "test://notes/auth0%7Calice";

let auth0: DevAuth0;

beforeAll(async () => {
  auth0 = await startDevAuth0();
});

afterAll(() => auth0?.close());

type Mode = "auto" | "legacy";

/** A client of the SDK's with a token, and what it is told. */
async function open(url: string, token: string | undefined, mode: Mode = "auto") {
  const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } });
  return listenTo(transport, mode);
}

async function listenTo(transport: Parameters<Client["connect"]>[0], mode: Mode) {
  const client = new Client({ name: "test", version: "1.0.0" }, { versionNegotiation: { mode } });
  const told: string[] = [];
  client.setNotificationHandler("notifications/resources/updated", ({ params }) => void told.push(params.uri));
  for (const list of ["tools", "resources"] as const) {
    client.setNotificationHandler(`notifications/${list}/list_changed`, () => void told.push(list));
  }
  await client.connect(transport);
  onTestFinished(() => client.close());
  return { client, told };
}

/** Each user's own under one URI, one that not everybody may read, one for all, and one whose code decides. */
function register(server: ProtectedServer) {
  const mine = (uri: string) => () => {
    server.notify.resourceUpdated(uri, { to: ({ subject }) => subject === getAccessToken().subject });
    return "changed";
  };
  server.registerTool("change_mine", {}, mine(MINE));
  server.registerResource("mine", MINE, {}, () => getAccessToken().subject);
  server.registerResource("secret", SECRET, { requiredRoles: ["editor"], visibility: "hidden" }, () => "secret");
  server.registerResource("all", ALL, {}, () => "all");
  server.registerResource(
    "notes",
    new ResourceTemplate("test://notes/{owner}", { list: undefined }),
    { authorize: ({ subject }, { variables }) => subject === decodeURIComponent(String(variables.owner)) },
    () => "note",
  );
  server.registerResource(
    "hidden notes",
    new ResourceTemplate("test://hidden/{id}", { list: () => ({ resources: [] }) }),
    { requiredRoles: ["editor"] },
    () => "note",
  );
}

const ROLES = { FASTMCP_SERVER_AUTH_AUTH0_ROLES_CLAIM: "https://example.com/roles" };

async function start(auth = auth0) {
  let server: ProtectedServer | undefined;
  const running = await startInProcess({
    auth0: auth,
    env: ROLES,
    register(created) {
      server = created;
      register(created);
    },
  });
  await until(async () => (await fetch(`${running.origin}/readyz`)).ok);
  return { ...running, notify: (server as ProtectedServer).notify };
}

async function user({ url, getSession }: InProcessServer, username: string) {
  const session = await getSession(username);
  return { ...(await open(url, session.accessToken)), session };
}

describe("a change that is told", () => {
  it("to one user reaches that user's clients and nobody else's", async () => {
    const server = await start();
    const [alice, phone, bob] = [await user(server, "alice"), await user(server, "alice"), await user(server, "bob")];
    for (const { client } of [alice, phone, bob]) {
      await client.listen({ resourceSubscriptions: [MINE, ALL] });
    }
    await alice.client.callTool({ name: "change_mine", arguments: {} });
    // What comes after it in each stream shows that the other did not come.
    server.notify.resourceUpdated(ALL);
    await until(() => [alice, phone, bob].every(({ told }) => told.includes(ALL)));
    expect(alice.told).toEqual([MINE, ALL]);
    expect(phone.told).toEqual([MINE, ALL]);
    expect(bob.told).toEqual([ALL]);
  });

  it("of a resource reaches nobody who may not read it, whether by rule or by authorize", async () => {
    const server = await start();
    const [alice, bob] = [await user(server, "alice"), await user(server, "bob")];
    for (const { client } of [alice, bob]) {
      await client.listen({ resourceSubscriptions: [SECRET, NOTE, ALL, "test://none"], resourcesListChanged: true });
    }
    server.notify.resourceUpdated(SECRET);
    server.notify.resourceUpdated("test://none");
    server.notify.resourcesChanged();
    server.notify.resourceUpdated(NOTE);
    await until(() => alice.told.length > 0);
    server.notify.resourceUpdated(ALL);
    await until(() => [alice, bob].every(({ told }) => told.includes(ALL)));
    expect(alice.told).toEqual([NOTE, ALL]);
    expect(bob.told).toEqual([ALL]);
  });

  it("reaches no subscriber about whom `to` does not say true", async () => {
    const server = await start();
    const alice = await user(server, "alice");
    await alice.client.listen({ resourceSubscriptions: [ALL, MINE] });
    const wrong: unknown[] = [async () => true, () => "alice", () => Promise.reject(new Error("no"))];
    for (const to of wrong) {
      server.notify.resourceUpdated(MINE, { to } as never);
    }
    const fail = () => {
      throw new Error("broken");
    };
    server.notify.resourceUpdated(MINE, { to: fail });
    expect(() => server.notify.resourceUpdated(MINE, { user: "alice" } as never)).toThrow("whom");
    server.notify.resourceUpdated(ALL);
    await until(() => alice.told.length > 0);
    expect(alice.told).toEqual([ALL]);
    expect(server.lines.some(({ message }) => message.startsWith("A subscriber is not told"))).toBe(true);
  });
});

describe("a subscription to a resource", () => {
  it("is refused, with a challenge, where the token lacks its scope", async () => {
    const server = await startInProcess({
      auth0,
      register: (created) =>
        void created.registerResource("write", ALL, { requiredScopes: ["weather:write"] }, () => "none"),
    });
    await until(async () => (await fetch(`${server.origin}/readyz`)).ok);
    const { access_token } = await server.getTokens("bob", { scope: "openid" });
    const bob = await open(server.url, access_token);
    await expect(bob.client.listen({ resourceSubscriptions: [ALL] })).rejects.toThrow();
  });

  it("tells nothing once its token has expired", async () => {
    const tenant = await startDevAuth0({ accessTokenLifetime: 2 });
    onTestFinished(() => tenant.close());
    const server = await start(tenant);
    const alice = await user(server, "alice");
    const subscription = await alice.client.listen({ resourceSubscriptions: [ALL] });
    server.notify.resourceUpdated(ALL);
    await until(() => alice.told.length === 1);
    expect(await subscription.closed).toBe("remote");
    server.notify.resourceUpdated(ALL);
    expect(alice.told).toEqual([ALL]);
  });

  it("ends when its token is revoked", async () => {
    const server = await start();
    const alice = await user(server, "alice");
    const subscription = await alice.client.listen({ resourceSubscriptions: [ALL] });
    expect((await alice.session.revoke()).status).toBe(200);
    expect(await subscription.closed).toBe("remote");
  }, 20_000);
});

describe("what a server says of changes", () => {
  it("is what it can tell: of what stands still nothing, and to clients of both eras the same", async () => {
    const server = await start();
    const { accessToken } = await server.getSession("alice");
    const modern = (await open(server.url, accessToken)).client.getServerCapabilities();
    const legacy = (await open(server.url, accessToken, "legacy")).client.getServerCapabilities();
    expect(modern).toMatchObject({
      tools: { listChanged: false },
      resources: { subscribe: true, listChanged: true },
    });
    expect(legacy).toMatchObject({
      tools: { listChanged: false },
      resources: { subscribe: true, listChanged: true },
    });
  });
});

describe("behind protect()", () => {
  it("changes reach whom they are meant for, clients of 2025-11-25 included", async () => {
    const port = await freePort();
    const origin = `http://127.0.0.1:${port}`;
    const app = express();
    const build = () => {
      const server = new McpServer({ name: "own", version: "1" }, { capabilities: { resources: { subscribe: true } } });
      server.registerTool("own", {}, () => ({ content: [] }));
      server.registerTool("change", {}, async () => {
        server.sendToolListChanged();
        const refused = await server.server.sendResourceUpdated({ uri: ALL }).catch(({ message }: Error) => message);
        return { content: [{ type: "text", text: String(refused) }] };
      });
      server.registerResource("all", ALL, {}, () => ({ contents: [] }));
      return server;
    };
    const { notify, close } = await protect(app, build, { env: auth0.env(origin) });
    const http = app.listen(port, "127.0.0.1");
    onTestFinished(async () => {
      http.closeAllConnections();
      http.close();
      await close();
    });
    await until(async () => (await fetch(`${origin}/readyz`)).ok);
    const steps = { ...oauthSteps(origin), url: `${origin}/mcp` } as InProcessServer;
    const [alice, bob] = [await user(steps, "alice"), await user(steps, "bob")];
    for (const { client } of [alice, bob]) {
      await client.listen({ resourceSubscriptions: [ALL], toolsListChanged: true });
    }
    notify.resourceUpdated(ALL, { to: ({ subject }) => subject === "auth0|alice" });
    notify.toolsChanged({ to: "everyone" });
    await until(() => [alice, bob].every(({ told }) => told.includes("tools")));
    expect(alice.told).toEqual([ALL, "tools"]);
    expect(bob.told).toEqual(["tools"]);
    const { content } = await alice.client.callTool({ name: "change", arguments: {} });
    expect(content).toMatchObject([{ text: expect.stringContaining("notify.resourceUpdated(uri, { to })") }]);
    await until(() => [alice, bob].every(({ told }) => told.filter((what) => what === "tools").length === 2));
    expect(bob.told).toEqual(["tools", "tools"]);
    const legacy = await open(steps.url, alice.session.accessToken, "legacy");
    expect(legacy.client.getServerCapabilities()).toMatchObject({
      tools: { listChanged: true },
      resources: { subscribe: true },
    });
    await legacy.client.subscribeResource({ uri: ALL });
    await legacy.client.callTool({ name: "change", arguments: {} });
    notify.resourceUpdated(ALL, { to: "everyone" });
    await until(() => legacy.told.length === 2);
    expect(legacy.told).toEqual(["tools", ALL]);
  });
});

describe("on stdio", () => {
  const args = [fileURLToPath(new URL("fixtures/stdio-server.mjs", import.meta.url))];

  it.each<Mode>(["auto", "legacy"])(
    "the client is told of what it subscribed to, and of nothing else: %s",
    async (mode) => {
      const transport = new StdioClientTransport({ command: process.execPath, args, env: {}, stderr: "ignore" });
      const { client, told } = await listenTo(transport, mode);
      const change = () => client.callTool({ name: "change", arguments: {} });
      await change();
      if (mode === "auto") {
        await client.listen({ resourceSubscriptions: ["test://one"] });
      } else {
        await client.subscribeResource({ uri: "test://one" });
      }
      await change();
      await until(() => told.length > 0);
      expect(told).toEqual(["test://one"]);
    },
  );
});

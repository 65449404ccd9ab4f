import { completable, inputRequired, ResourceTemplate } from "@modelcontextprotocol/server";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { getAccessToken } from "../../packages/mcp-env-auth/src/index.ts";
import { useAttackedServer } from "../support/attacked-server.ts";
import { sendBytes, sendRaw } from "../support/raw-http.ts";

const ran: string[] = [];
afterEach(() => {
  expect(ran).toEqual([]);
});
const run = (what: string) => () => {
  ran.push(what);
  return `SECRET ${what}`;
};
const PUBLIC = { access: "public" } as const;

const attacked = useAttackedServer({
  provider: { users: [{ username: "alice", permissions: ["weather:read", "weather:write"] }] },
  register: (server) => {
    server.registerTool("open", PUBLIC, () => "for everybody");
    server.registerTool("who", PUBLIC, () => {
      try {
        return getAccessToken().subject;
      } catch (error) {
        return `no token: ${(error as Error).message.slice(0, 30)}`;
      }
    });
    server.registerTool("asks", { access: "public" }, () =>
      inputRequired({ inputRequests: { roots: inputRequired.listRoots() } }),
    );
    server.registerTool("member", {}, run("member"));
    server.registerTool("write", { requiredScopes: ["weather:write"] }, run("write"));
    server.registerTool("hidden", { requiredScopes: ["weather:write"], visibility: "hidden" }, run("hidden"));
    server.registerTool("decided", { authorize: () => true }, run("decided"));
    server.registerPrompt(
      "open",
      { ...PUBLIC, argsSchema: z.object({ who: completable(z.string(), () => ["anybody"]) }) },
      () => "open prompt",
    );
    server.registerPrompt("member", { argsSchema: z.object({ who: z.string() }) }, run("prompt"));
    server.registerResource("open", "city://lisbon", PUBLIC, () => "open city");
    server.registerResource("vault", "city://vault", {}, run("vault"));
    server.registerResource(
      "cities",
      new ResourceTemplate("city://{name}", {
        list: () => ({
          resources: [
            { uri: "city://porto", name: "porto" },
            { uri: "city://vault", name: "vault" },
          ],
        }),
      }),
      PUBLIC,
      () => "any city",
    );
    server.registerResource(
      "files",
      new ResourceTemplate("files://{id}", { list: run("list") as never }),
      {},
      run("files"),
    );
  },
});

const META = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "t", version: "1" },
  "io.modelcontextprotocol/clientCapabilities": {},
};

const message = (method: string, params: object = {}, id: number | string = 1) => ({
  jsonrpc: "2.0",
  id,
  method,
  params,
});
const call = (name: unknown, id = 1) => message("tools/call", { name, arguments: {} }, id);
const isModern = (body: unknown) => JSON.stringify(body).includes("2026-07-28");

async function ask(body: unknown, headers: Record<string, string> = {}, url = attacked.resource) {
  const { method, params } = body as { method?: string; params?: { name?: string; uri?: string } };
  const name = params?.name ?? params?.uri;
  const answer = await fetch(url, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      ...(isModern(body) && {
        "MCP-Protocol-Version": "2026-07-28",
        "Mcp-Method": method ?? "",
        ...(name !== undefined && { "Mcp-Name": name }),
      }),
      ...headers,
    },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return { status: answer.status, challenge: answer.headers.get("www-authenticate"), text: await answer.text() };
}

/** What a server without public registrations answers. */
async function refusal() {
  const { status, challenge, text } = await ask(call("member"));
  expect(status).toBe(401);
  return { status, challenge, text };
}

const ERAS = { "2025-11-25": {}, "2026-07-28": { _meta: META } };

describe.each(Object.entries(ERAS))("Security rule 9: without a token, in %s", (era, extra) => {
  const asked = (method: string, params: object = {}) => message(method, { ...params, ...extra });

  it("everybody calls, reads and gets what is public", async () => {
    expect((await ask(asked("tools/call", { name: "open", arguments: {} }))).text).toContain("for everybody");
    expect((await ask(asked("resources/read", { uri: "city://lisbon" }))).text).toContain("open city");
    expect((await ask(asked("resources/read", { uri: "city://porto" }))).text).toContain("any city");
    expect((await ask(asked("prompts/get", { name: "open", arguments: { who: "me" } }))).text).toContain("open prompt");
    const completion = { ref: { type: "ref/prompt", name: "open" }, argument: { name: "who", value: "" } };
    expect((await ask(asked("completion/complete", completion))).text).toContain("anybody");
  });

  it("lists have what is public and nothing else, for no shared cache", async () => {
    const names = async (method: string) => {
      const { status, text } = await ask(asked(method));
      expect(status).toBe(200);
      expect(text).not.toContain('"public"');
      return new Set([...text.matchAll(/"(?:name|uri|uriTemplate)":"([^"]+)"/g)].map(([, name]) => name));
    };
    const own = "2026-07-28" === era ? ["In process"] : [];
    expect(await names("tools/list")).toEqual(new Set(["open", "who", "asks", ...own]));
    expect(await names("prompts/list")).toEqual(new Set(["open", "who", ...own]));
    expect(await names("resources/list")).toEqual(new Set(["city://lisbon", "open", "city://porto", "porto", ...own]));
    expect(await names("resources/templates/list")).toEqual(new Set(["cities", "city://{name}", ...own]));
  });

  it("a handler finds no token", async () => {
    expect((await ask(asked("tools/call", { name: "who", arguments: {} }))).text).toContain(
      "no token: getAccessToken()",
    );
  });

  it("nobody is asked a question, nor answers one", async () => {
    const { text } = await ask(asked("tools/call", { name: "asks", arguments: {} }));
    expect(text).toContain("only a user who has signed in can be asked");
    expect(text).not.toContain("input_required");
    const answered = { name: "open", arguments: {} };
    const none = await refusal();
    expect(await ask(asked("tools/call", { ...answered, inputResponses: { city: {} } }))).toEqual(none);
    expect(await ask(asked("tools/call", { ...answered, requestState: "x" }))).toEqual(none);
  });

  it.each([
    ["a tool for members", "tools/call", { name: "member", arguments: {} }],
    ["a tool with scopes", "tools/call", { name: "write", arguments: {} }],
    ["a hidden tool", "tools/call", { name: "hidden", arguments: {} }],
    ["a tool that decides", "tools/call", { name: "decided", arguments: {} }],
    ["a tool that nobody registered", "tools/call", { name: "nothing", arguments: {} }],
    ["a tool without a name", "tools/call", {}],
    ["a tool whose name is a list", "tools/call", { name: ["open"] }],
    ["a prompt", "prompts/get", { name: "member", arguments: { who: "me" } }],
    ["a resource that a public template matches", "resources/read", { uri: "city://vault" }],
    ["the same, spelled otherwise", "resources/read", { uri: "CITY://vault" }],
    ["a resource of a template", "resources/read", { uri: "files://1" }],
    ["a completion", "completion/complete", { ref: { type: "ref/prompt", name: "member" }, argument: {} }],
    [
      "a completion of a template",
      "completion/complete",
      { ref: { type: "ref/resource", uri: "files://{id}" }, argument: {} },
    ],
    ["a subscription", "subscriptions/listen", { notifications: { toolsListChanged: true } }],
    ["a subscription to a public resource", "resources/subscribe", { uri: "city://lisbon" }],
    ["a log level", "logging/setLevel", { level: "debug" }],
    ["a method that nobody knows", "tasks/list", {}],
  ])("%s is answered as by a server that has nothing public", async (_what, method, params) => {
    expect(await ask(asked(method, params))).toEqual(await refusal());
  });
});

describe("Security rule 9: what is not good is never a stranger", () => {
  it.each([
    ["malformed", "Bearer ???"],
    ["made up", "Bearer abc"],
    ["of another scheme", "Basic YTpi"],
    ["empty", ""],
    ["a scheme alone", "Bearer"],
    ["DPoP", "DPoP abc"],
  ])("a token that is %s is refused, also for what is public", async (_what, authorization) => {
    const { status } = await ask(call("open"), { Authorization: authorization });
    expect(status).toBe(401);
    expect((await ask(message("tools/list"), { Authorization: authorization })).status).toBe(401);
  });

  it("a token that was revoked, has expired or is for another server is refused", async () => {
    const { client, accessToken } = await attacked.login("alice");
    const bearer = { Authorization: `Bearer ${accessToken}` };
    expect((await ask(call("open"), bearer)).text).toContain("for everybody");
    expect((await client.revoke(accessToken)).status).toBe(200);
    expect((await ask(call("open"), bearer)).status).toBe(401);

    const { accessToken: other } = await attacked.login("alice");
    attacked.advance(100_000);
    expect((await ask(call("open"), { Authorization: `Bearer ${other}` })).status).toBe(401);
  });

  it("a second Authorization header is refused", async () => {
    const answer = await sendRaw(attacked.origin, {
      method: "POST",
      path: "/mcp",
      headers: { Authorization: ["", ""], "Content-Type": "application/json" },
      body: JSON.stringify(call("open")),
    });
    expect(answer.status).toBe(400);
  });

  it.each(["GET", "DELETE", "PUT"])("a %s gets what it gets without public registrations", async (method) => {
    const answer = await fetch(attacked.resource, { method, headers: { Accept: "text/event-stream" } });
    expect(answer.status).toBe(401);
  });

  it.each([
    ["a batch with one protected call", [call("open"), call("member", 2)]],
    ["a batch in a batch", [[call("open")]]],
    ["an empty batch", []],
    ["nothing", ""],
    ["null", "null"],
    ["a number", "1"],
    ["what is not JSON", "{"],
    ["an answer", { jsonrpc: "2.0", id: 1, result: {} }],
    [
      "a name that comes twice",
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"open","name":"member"}}',
    ],
    [
      "a method that comes twice",
      '{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call","params":{"name":"member"}}',
    ],
    [
      "a prototype",
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"__proto__":{"name":"open"},"name":"member"}}',
    ],
    ["params that are a list", '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":["open"]}'],
    ["a body of more than 64 KiB", { ...call("open"), params: { name: "open", arguments: { a: "x".repeat(66_000) } } }],
    ["a URI without end", message("resources/read", { uri: `city://${"x".repeat(5000)}` })],
  ])("%s is answered as by a server that has nothing public", async (_what, body) => {
    expect(await ask(body)).toEqual(await refusal());
  });

  it("headers of 2026-07-28 that name another tool than the body decide nothing", async () => {
    const body = message("tools/call", { name: "member", arguments: {}, _meta: META });
    const { status } = await ask(body, { "Mcp-Name": "open" });
    expect(status).toBe(401);
  });

  it("a page of a foreign origin is refused before anything is read", async () => {
    expect((await ask(call("open"), { Origin: "https://evil.example" })).status).toBe(403);
  });

  it("a body of more than 64 KiB is not waited for", async () => {
    const request = ["POST /mcp HTTP/1.1", `Host: ${new URL(attacked.origin).host}`, "Content-Length: 70000"];
    const answer = await sendBytes(
      attacked.origin,
      `${[...request, "Expect: 100-continue", "Connection: close"].join("\r\n")}\r\n\r\n`,
    );
    expect(answer).toContain("HTTP/1.1 401 ");
  });
});

describe("Security rule 12: who comes without a token", () => {
  it("is counted by address, while who has one goes on", async () => {
    const limited = await attacked.launch({ env: { FASTMCP_RATE_LIMIT: "5" } });
    onTestFinished(() => limited.close());
    for (let turn = 0; turn < 5; turn++) {
      expect((await ask(call("open"), {}, limited.url)).status).toBe(200);
    }
    const answer = await fetch(limited.url, { method: "POST", body: JSON.stringify(call("open")) });
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    const { accessToken } = await attacked.login("alice");
    expect((await ask(call("open"), { Authorization: `Bearer ${accessToken}` }, limited.url)).status).not.toBe(429);
  });
});

describe("a server that has nothing public", () => {
  it("refuses without a token before it reads anything", async () => {
    const closed = await attacked.launch({ register: (server) => server.registerTool("member", {}, run("member")) });
    onTestFinished(() => closed.close());
    for (const method of ["initialize", "ping", "tools/list"]) {
      expect((await ask(message(method), {}, closed.url)).status).toBe(401);
    }
  });
});

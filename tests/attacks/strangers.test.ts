import { completable, inputRequired, ResourceTemplate } from "@modelcontextprotocol/server";
import { getAccessToken } from "mcp-env-auth";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { addressOf, McpClient, useAttackedServer } from "../support/attacked-server.ts";
import { useProtectedHandlers } from "../support/protected-handlers.ts";
import { sendBytes, sendRaw } from "../support/raw-http.ts";

const { run } = useProtectedHandlers();
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

async function post(body: unknown, headers: Record<string, string> = {}, url = attacked.resource) {
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

/** The same without what the SDK's handler is bypassed by. */
const slow: { url?: string } = {};
beforeAll(async () => {
  const launched = await attacked.launch({ env: { FASTMCP_SDK_FAST_PATH: "false" } });
  slow.url = launched.url;
  return () => launched.close();
});

/** What a server without public registrations answers. */
async function refusalAt(url = attacked.resource) {
  const { status, challenge, text } = await post(call("member"), {}, url);
  expect(status).toBe(401);
  return { status, challenge, text };
}

const ask = post;
const refusal = () => refusalAt();

const MODERN = { _meta: META };
const RUNS = [
  ["2025-11-25", {}, () => attacked.resource],
  ["2026-07-28", MODERN, () => attacked.resource],
  ["2025-11-25, by the SDK's plain handler", {}, () => slow.url],
  ["2026-07-28, by the SDK's plain handler", MODERN, () => slow.url],
] as const;

describe.each(RUNS)("Security rule 9: without a token, in %s", (_run, extra, urlOf) => {
  const asked = (method: string, params: object = {}) => message(method, { ...params, ...extra });
  const ask = (body: unknown, headers: Record<string, string> = {}) => post(body, headers, urlOf());
  const refusal = () => refusalAt(urlOf());

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
    const own = extra === MODERN ? ["In process"] : [];
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

  it("a token of another server of the same provider is refused", async () => {
    const other = await attacked.launch();
    onTestFinished(() => other.close());
    const { access_token } = await (await McpClient.register(addressOf(other))).logIn("alice");
    const bearer = { Authorization: `Bearer ${access_token}` };
    expect((await ask(call("open"), bearer, other.url)).text).toContain("for everybody");
    for (const body of [call("open"), message("tools/list"), message("initialize")]) {
      expect((await ask(body, bearer)).status).toBe(401);
    }
  });

  it("a token that was revoked or has expired is refused", async () => {
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
  it("is counted by address, while users with a token go on", async () => {
    const limited = await attacked.launch({ env: { FASTMCP_RATE_LIMIT: "5" } });
    onTestFinished(() => limited.close());
    const client = await McpClient.register(addressOf(limited));
    const { access_token } = await client.logIn("alice");
    for (let turn = 0; turn < 5; turn++) {
      expect((await ask(call("open"), {}, limited.url)).status).toBe(200);
    }
    const answer = await fetch(limited.url, { method: "POST", body: JSON.stringify(call("open")) });
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    const member = await ask(call("who"), { Authorization: `Bearer ${access_token}` }, limited.url);
    expect([member.status, member.text]).toEqual([200, expect.stringContaining("alice")]);
  });
});

describe("Security rule 12: a batch without a token", () => {
  it("counts as many requests as it has messages", async () => {
    const limited = await attacked.launch({ env: { FASTMCP_RATE_LIMIT: "5" } });
    onTestFinished(() => limited.close());
    const batch = (length: number) => Array.from({ length }, (_, id) => call("open", id));
    expect((await ask(batch(3), {}, limited.url)).status).toBe(200);
    expect((await ask(batch(3), {}, limited.url)).status).toBe(429);
    expect((await ask(call("open"), {}, limited.url)).status).toBe(429);
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

/** What names a client: each stranger may say it. */
const CHATGPT = { "User-Agent": "openai-mcp/1.0.0" };

describe("Security rule 9: in the dialect of ChatGPT", () => {
  const asked = (name: unknown, extra: object = {}) => message("tools/call", { name, arguments: {}, ...extra });

  async function signIn() {
    const answer = await ask(asked("member"), CHATGPT);
    const { challenge } = await refusal();
    const [, parameters = ""] = /^Bearer (.*)$/.exec(challenge ?? "") ?? [];
    const said = 'Bearer error="invalid_token", error_description="Sign in to use this tool.", ';
    const result = {
      isError: true,
      content: [{ type: "text", text: "Sign in to use this tool." }],
      _meta: { "mcp/www_authenticate": [said + parameters] },
    };
    expect([answer.status, answer.challenge, JSON.parse(answer.text)]).toEqual([
      200,
      null,
      { jsonrpc: "2.0", id: 1, result },
    ]);
    return answer;
  }

  it.each([
    ["a tool with scopes", asked("write")],
    ["a hidden tool", asked("hidden")],
    ["a tool that decides", asked("decided")],
    ["a tool that nobody registered", asked("nothing")],
    ["a name of the prototype", asked("__proto__")],
    ["a tool without a name", asked(undefined)],
    ["a tool whose name is a list", asked(["open"])],
    ["an answer to a question that nobody asked", asked("open", { requestState: "x" })],
  ])("%s is answered as a protected tool is", async (_what, body) => {
    expect(await ask(body, CHATGPT)).toEqual(await signIn());
  });

  it("the same holds in 2026-07-28", async () => {
    const answers = await Promise.all(
      ["member", "hidden", "nothing"].map((name) => ask(asked(name, { _meta: META }), CHATGPT)),
    );
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(JSON.parse(answers[0]?.text ?? "")).toMatchObject({ result: { resultType: "complete", isError: true } });
  });

  it.each([
    ["a prompt", message("prompts/get", { name: "member", arguments: { who: "me" } })],
    ["a resource", message("resources/read", { uri: "city://vault" })],
    ["a batch", [call("member")]],
    ["a batch with a public call", [call("open"), call("member", 2)]],
    ["a call without an id", { jsonrpc: "2.0", method: "tools/call", params: { name: "member" } }],
    ["what is not JSON", "{"],
    ["a method that nobody knows", message("tasks/list")],
  ])("%s is refused by the HTTP response", async (_what, body) => {
    expect(await ask(body, CHATGPT)).toEqual(await refusal());
  });

  it.each(["Bearer abc", "Bearer ???", "Basic YTpi", "", "DPoP abc"])(
    "a token that is not good (%j) is HTTP 401",
    async (Authorization) => {
      for (const name of ["open", "member", "nothing"]) {
        expect((await ask(asked(name), { ...CHATGPT, Authorization })).status).toBe(401);
      }
    },
  );

  it("so is one that was revoked", async () => {
    const { client, accessToken } = await attacked.login("alice");
    await client.revoke(accessToken);
    const answer = await ask(asked("open"), { ...CHATGPT, Authorization: `Bearer ${accessToken}` });
    expect([answer.status, answer.challenge]).toEqual([401, expect.stringContaining('error="invalid_token"')]);
  });

  it.each(RUNS)(
    "lists have security schemes for what they show, and show nothing else: %s",
    async (_run, extra, urlOf) => {
      const listed = async (headers: Record<string, string>) => {
        const { text } = await ask(message("tools/list", extra), { ...CHATGPT, ...headers }, urlOf());
        const { result } = JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? text) as {
          result: { cacheScope?: string; tools: { name: string; securitySchemes: unknown }[] };
        };
        expect(result.cacheScope).toBe(extra === MODERN ? "private" : undefined);
        return Object.fromEntries(result.tools.map(({ name, securitySchemes }) => [name, securitySchemes]));
      };
      const noauth = [{ type: "noauth" }];
      expect(await listed({})).toEqual({ open: noauth, who: noauth, asks: noauth });
      const client = await McpClient.register(addressOf({ origin: new URL(urlOf() ?? "").origin, url: urlOf() ?? "" }));
      const { access_token: accessToken } = await client.logIn("alice", { scope: "weather:read" });
      const token = [{ type: "oauth2", scopes: ["openid"] }];
      expect(await listed({ Authorization: `Bearer ${accessToken}` })).toEqual({
        ...{ open: noauth, who: noauth, asks: noauth, whoami: token, member: token, decided: token },
        write: [{ type: "oauth2", scopes: ["openid", "weather:write"] }],
      });
    },
  );

  it("nobody is told more by a server that has nothing public", async () => {
    const closed = await attacked.launch({ register: (server) => server.registerTool("member", {}, run("member")) });
    onTestFinished(() => closed.close());
    expect((await ask(asked("member"), CHATGPT, closed.url)).status).toBe(401);
  });
});

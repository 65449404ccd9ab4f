import { mkdtemp, rm, symlink, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ResourceTemplate } from "@modelcontextprotocol/server";
import { describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { addressOf, McpClient, useAttackedServer } from "../support/attacked-server.ts";
import { useProtectedHandlers } from "../support/protected-handlers.ts";

const ROLES = "https://weather.example.com/roles";
const { ran, run } = useProtectedHandlers();
const list = { list: undefined };
const ADMIN = { requiredRoles: ["admin"] };

const attacked = useAttackedServer({
  provider: {
    users: [
      { username: "bob", permissions: ["weather:read"], customClaims: { [ROLES]: ["reader"] } },
      { username: "alice", permissions: ["weather:read", "weather:write"], customClaims: { [ROLES]: ["admin"] } },
    ],
  },
  env: { FASTMCP_SERVER_AUTH_AUTH0_ROLES_CLAIM: ROLES },
  register: (server) =>
    server
      .registerTool("write", { requiredScopes: ["weather:write"] }, run("write"))
      .registerTool("admin", ADMIN, run("admin"))
      .registerTool("hidden", { ...ADMIN, visibility: "hidden" }, run("hidden"))
      .registerTool("typed", { ...ADMIN, inputSchema: z.object({ secretField: z.string() }) }, run("typed"))
      .registerPrompt("admin", { ...ADMIN, argsSchema: z.object({ who: z.string() }) }, run("prompt"))
      .registerResource("vault", "vault://one", ADMIN, run("vault"))
      .registerResource("case", "vault://Host/Path", ADMIN, run("case"))
      .registerResource("web", "https://vault.example.com/a/b", ADMIN, run("web"))
      .registerResource("files", new ResourceTemplate("files://{owner}/{id}", list), ADMIN, run("files")),
});

const message = (method: string, params: object, id: number | string = 1) => ({ jsonrpc: "2.0", id, method, params });
const call = (name: unknown, id = 1) => message("tools/call", { name, arguments: {} }, id);
const whoami = call("whoami", 9);

async function askAsBob(body: unknown, headers: Record<string, string> = {}) {
  const { accessToken } = await attacked.login("bob", "openid");
  const answer = await fetch(attacked.resource, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${accessToken}`,
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      ...headers,
    },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return { status: answer.status, challenge: answer.headers.get("www-authenticate"), text: await answer.text() };
}

describe("Security rule 18: what an account may not do can't be had", () => {
  it("by logging in again: it is refused without a challenge, and says what is missing", async () => {
    const { status, challenge, text } = await askAsBob(call("admin"));
    expect([status, challenge]).toEqual([403, null]);
    expect(JSON.parse(text)).toEqual({
      error: "access_denied",
      error_description: expect.stringContaining("The tool admin needs the role admin"),
    });
  });

  it("in a batch, whose other messages don't run either", async () => {
    const { status, text } = await askAsBob([whoami, call("admin", 2)]);
    expect(status).toBe(403);
    expect(text).not.toContain("auth0|bob");
  });

  it.each([
    ["in a batch within a batch", [[call("admin")]]],
    ["in a batch of one", [call("admin")]],
    ["as a notification", { jsonrpc: "2.0", method: "tools/call", params: { name: "admin" } }],
    ["as a response", { jsonrpc: "2.0", id: 1, result: call("admin") }],
    ["with a method in another case", message("Tools/Call", { name: "admin" })],
    ["with a method with a space", message("tools/call ", { name: "admin" })],
    ["with a method as a list", message(["tools/call"] as never, { name: "admin" })],
    ["with a name as a list", call(["admin"])],
    ["with a name as an object", call({ toString: "admin" })],
    ["with a name in another case", call("ADMIN")],
    ["with a space after the name", call("admin ")],
    ["with a zero byte in the name", call("admin\u0000")],
    ["with a name of other letters", call("\u0430dmin")],
    ["with params as a list", message("tools/call", [{ name: "admin" }])],
    ["without a JSON-RPC version", { ...call("admin"), jsonrpc: "1.0" }],
    [
      "with unknown fields",
      { ...call("admin"), tool: "whoami", params: { name: "admin", tool: "whoami", arguments: {} } },
    ],
    [
      "with a prototype of its own",
      JSON.stringify(call("admin")).replace('"params":{', '"params":{"__proto__":{"name":"whoami"},'),
    ],
  ])("%s", async (_how, body) => {
    const { text } = await askAsBob(body);
    expect(text).not.toContain("SECRET");
  });

  it.each([
    ["the last name counts", '"name":"whoami","name":"admin"', 403],
    ["the last name counts, the other way round", '"name":"admin","name":"whoami"', 200],
    ["an escaped name is the name", '"name":"\\u0061dmin"', 403],
    ["an escaped key is the key", '"n\\u0061me":"admin"', 403],
  ])("by the spelling of JSON: %s", async (_what, name, status) => {
    const body = JSON.stringify(call("X")).replace('"name":"X"', name);
    const answer = await askAsBob(body);
    expect(answer.status).toBe(status);
    expect(answer.text).not.toContain("SECRET");
  });

  it("by repeating params, or the method", async () => {
    const twice = `${JSON.stringify(call("whoami")).slice(0, -1)},"params":{"name":"admin","arguments":{}}}`;
    expect((await askAsBob(twice)).status).toBe(403);
    const methods = JSON.stringify(call("admin")).replace(
      '"method":"tools/call"',
      '"method":"ping","method":"tools/call"',
    );
    expect((await askAsBob(methods)).status).toBe(403);
  });

  it("by headers that name another tool, in either era", async () => {
    const headers = { "Mcp-Method": "tools/call", "Mcp-Name": "whoami", "MCP-Protocol-Version": "2026-07-28" };
    expect((await askAsBob(call("admin"), headers)).status).toBe(403);
    const _meta = {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientInfo": { name: "t", version: "1" },
      "io.modelcontextprotocol/clientCapabilities": {},
    };
    const modern = message("tools/call", { name: "admin", arguments: {}, _meta });
    expect((await askAsBob(modern, headers)).status).toBe(403);
    expect((await askAsBob(modern, { ...headers, "Mcp-Name": "admin" })).status).toBe(403);
  });

  it("by names of Object's own", async () => {
    for (const name of ["constructor", "__proto__", "toString", "hasOwnProperty", "prototype"]) {
      for (const method of ["tools/call", "prompts/get"]) {
        const { status, text } = await askAsBob(message(method, { name, arguments: {} }));
        expect([status, text.includes("SECRET")], `${method} ${name}`).toEqual([200, false]);
        expect(text).toContain('"error"');
      }
    }
  });

  it("by asking for the arguments first: the schema is not shown to those who may not call", async () => {
    const { status, text } = await askAsBob(call("typed"));
    expect(status).toBe(403);
    expect(text).not.toContain("secretField");
  });
});

describe("a resource can't be read by another spelling of its URI", () => {
  it.each([
    "vault://one",
    "VAULT://one",
    "Vault://one",
    " vault://one ",
    "\tvault://one\n",
    "va\nult://one",
    "vault://one#fragment",
    "vault://one?query",
    "vault://ONE",
    "vault:one",
    "vault:///one",
    "vault://one/",
    "vault://one/.",
    "vault://user@one",
    "vault://Host/Path",
    "vault://Host/./Path",
    "vault://Host/x/../Path",
    "vault://Host/%2e/Path",
    "vault://Host/%50ath",
    "vault://Host//Path",
    "vault://Host\\Path",
    "https://vault.example.com/a/b",
    "https://VAULT.example.com/a/b",
    "https://vault.example.com:443/a/b",
    "https:vault.example.com/a/b",
    "https:\\\\vault.example.com\\a\\b",
    "https://vault.example.com/a/./c/../b",
    "https://vault.example.com/%61/b",
    "https://vault.example.com./a/b",
    "files://bob/1",
    "FILES://bob/1",
    "files://bob/1?x",
    "files://bob/../1",
    "files://{owner}/{id}",
    "files://%7Bowner%7D/%7Bid%7D",
  ])("%j", async (uri) => {
    const { text } = await askAsBob(message("resources/read", { uri }));
    expect(text).not.toContain("SECRET");
  });

  it("the URI itself is refused, and so is a subscription to it", async () => {
    for (const method of ["resources/read", "resources/subscribe"]) {
      expect((await askAsBob(message(method, { uri: "vault://one" }))).status).toBe(403);
    }
    const notifications = { resourceSubscriptions: ["weather://open", "VAULT://one"] };
    expect((await askAsBob(message("subscriptions/listen", { notifications }))).status).toBe(403);
    expect(
      (await askAsBob(message("subscriptions/listen", { notifications: { resourceSubscriptions: ["files://x/1"] } })))
        .status,
    ).toBe(403);
  });
});

describe("Security rule 18: what is forbidden is not to be found", () => {
  it.each(["tools/list", "prompts/list", "resources/list", "resources/templates/list"])("in %s", async (method) => {
    const { status, text } = await askAsBob(message(method, {}));
    expect(status).toBe(200);
    expect(text).not.toMatch(/admin|hidden|typed|vault|files|secretField/);
  });

  it("by completing its arguments", async () => {
    const complete = (ref: object) =>
      askAsBob(message("completion/complete", { ref, argument: { name: "who", value: "" } }));
    expect((await complete({ type: "ref/prompt", name: "admin" })).status).toBe(403);
    expect((await complete({ type: "ref/resource", uri: "files://{owner}/{id}" })).status).toBe(403);
  });

  it("what is hidden answers as what is not there, to a call and in a batch", async () => {
    const [hidden, absent] = [await askAsBob(call("hidden")), await askAsBob(call("absent"))];
    expect({ ...hidden, text: hidden.text.replaceAll("hidden", "absent") }).toEqual(absent);
    const batch = await askAsBob([whoami, call("hidden", 2)]);
    const other = await askAsBob([whoami, call("absent", 2)]);
    expect({ ...batch, text: batch.text.replaceAll("hidden", "absent") }).toEqual(other);
  });
});

describe("Security rule 19: a policy of the deployer's", () => {
  it("counts as it was at the start: whoever changes the file later, by a link or in place, opens nothing", async () => {
    const folder = await mkdtemp(join(tmpdir(), "policy-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const [file, link] = [join(folder, "policy.json"), join(folder, "link.json")];
    await writeFile(file, JSON.stringify({ tools: { whoami: { roles: ["admin"] } } }));
    await symlink("policy.json", link);
    const narrowed = await attacked.launch({ env: { FASTMCP_AUTHORIZATION_FILE: link } });
    onTestFinished(() => narrowed.close());
    const client = await McpClient.register(addressOf(narrowed));
    const { access_token: token } = await client.logIn("bob");
    expect((await narrowed.call(token)).status).toBe(403);
    await writeFile(file, "{}");
    await unlink(link);
    await writeFile(link, "{}");
    expect((await narrowed.call(token)).status).toBe(403);
  });
});

describe("Security rule 18: a role is what the claim lists, and nothing that resembles it", () => {
  it.each([
    ["another role", ["reader"]],
    ["a text with it inside", "reader admin"],
    ["a list in the list", [["admin"]]],
    ["an object with it as a key", { admin: true }],
    ["an object in the list", [{ name: "admin" }]],
    ["another case", ["Admin"]],
    ["spaces around it", [" admin "]],
    ["JSON in a text", '["admin"]'],
    ["true", true],
    ["nothing", null],
  ])("%s", async (_what, claim) => {
    attacked.auth0.updateUser("bob", { customClaims: { [ROLES]: claim } });
    expect((await askAsBob(call("admin"))).status).toBe(403);
  });

  it.each([
    ["under another name", { roles: ["admin"], "https://weather.example.com/role": ["admin"] }],
    ["under the name as a path", { "https://weather": { example: { "com/roles": ["reader"] } }, roles: ["admin"] }],
    ["as a permission that it is not", { permissions: ["admin"] }],
  ])("%s", async (_what, customClaims) => {
    attacked.auth0.updateUser("bob", { customClaims });
    expect((await askAsBob(call("admin"))).status).toBe(403);
  });

  it("is never taken from what a client sends", async () => {
    attacked.auth0.updateUser("bob", { customClaims: { [ROLES]: ["reader"] } });
    const headers = { "X-Roles": "admin", [ROLES.replace(/\W/g, "-")]: "admin" };
    const body = {
      ...call("admin"),
      [ROLES]: ["admin"],
      params: { name: "admin", arguments: {}, _meta: { [ROLES]: ["admin"], roles: ["admin"] } },
    };
    expect((await askAsBob(body, headers)).status).toBe(403);
  });

  it("one is enough where it is the right one, as a text too", async () => {
    const { accessToken } = await attacked.login("alice", "openid");
    const answer = await attacked.server.call(accessToken, call("admin"));
    expect(await answer.text()).toContain("SECRET admin");
    attacked.auth0.updateUser("alice", { customClaims: { [ROLES]: "admin" } });
    const other = await attacked.login("alice", "openid");
    expect(await (await attacked.server.call(other.accessToken, call("hidden"))).text()).toContain("SECRET hidden");
    expect(ran.splice(0)).toEqual(["admin", "hidden"]);
  });
});

import { describe, expect, it, onTestFinished } from "vitest";
import { recordedClients } from "../packages/mcp-env-auth/src/cli/doctor/replay/recorded-clients.ts";
import { KNOWN_CLIENTS } from "../packages/mcp-env-auth/src/client-dialects.ts";
import { addressOf, McpClient, useAttackedServer } from "./support/attacked-server.ts";
import { DIALECT_CLIENTS, type DialectClient, scopeIn, wantsLogin } from "./support/dialect-clients.ts";

const attacked = useAttackedServer({
  provider: {
    users: [
      { username: "alice", permissions: ["weather:read", "weather:write"] },
      { username: "bob", permissions: ["weather:read"] },
    ],
  },
  // Nothing on this machine can fetch their documents, so they register.
  env: { FASTMCP_SERVER_AUTH_AUTH0_CLIENT_ID_METADATA_HOSTS: "[]" },
  register: (server) =>
    server
      .registerTool("read", { requiredScopes: ["weather:read"] }, () => "read it")
      .registerTool("write", { requiredScopes: ["weather:write"] }, () => "wrote it")
      .registerTool("admin", { requiredPermissions: ["admin"] }, () => "administered"),
});

/** A client at work: it logs in where it reads that it has to, and counts how often. */
async function startClient(client: DialectClient, url = attacked.resource, username = "alice") {
  const { request } = recordedClients.find(({ name }) => name === client.recording)?.registration ?? {};
  let oauth: McpClient | undefined;
  let token: string | undefined;
  let requested = "";
  let logins = 0;

  async function send(method: string, params: object = {}) {
    const { headers, body } = client.message(method, params);
    const answer = await fetch(url, {
      method: "POST",
      headers: { ...headers, ...(token !== undefined && { Authorization: `Bearer ${token}` }) },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    const json = /^data: (.*)$/m.exec(text)?.[1] ?? text;
    const challenge = answer.headers.get("www-authenticate");
    return { status: answer.status, challenge, body: json === "" ? undefined : JSON.parse(json) };
  }

  return {
    get logins() {
      return logins;
    },
    send,
    async ask(method: string, params: object = {}) {
      const first = await send(method, params);
      if (!wantsLogin(client, first)) {
        return first;
      }
      oauth ??= await McpClient.register(addressOf({ origin: new URL(url).origin, url }), { ...request });
      // Claude asks for the scopes of its first login again, whatever it reads later.
      requested = client.recording === "claude" && requested !== "" ? requested : scopeIn(first);
      logins += 1;
      token = (await oauth.logIn(username, { scope: requested })).access_token;
      return send(method, params);
    },
  };
}

it("every client of the table is taken through the journeys", () => {
  expect(DIALECT_CLIENTS.map(({ client }) => client).sort()).toEqual(KNOWN_CLIENTS.map(({ client }) => client).sort());
});

describe.each(DIALECT_CLIENTS)("$client, by its recorded requests of $revision", (client) => {
  it("connects with one login", async () => {
    const session = await startClient(client);
    const answer = await session.ask(...client.opening());
    expect([answer.status, answer.body.result.serverInfo ?? answer.body.result._meta, session.logins]).toEqual([
      200,
      expect.anything(),
      1,
    ]);
  });

  it("logs in for all that there is", async () => {
    const session = await startClient(client);
    const refused = await session.send(...client.opening());
    expect(refused.status).toBe(401);
    expect(scopeIn(refused).split(" ")).toEqual(expect.arrayContaining(["weather:read", "weather:write"]));
    await session.ask(...client.opening());
    const { body } = await session.ask("tools/call", { name: "write", arguments: {} });
    expect([body.result.content[0].text, session.logins]).toEqual(["wrote it", 1]);
  });

  it("lists tools", async () => {
    const session = await startClient(client);
    const { body } = await session.ask("tools/list");
    const tools: { name: string; securitySchemes?: unknown; _meta?: { securitySchemes?: unknown } }[] =
      body.result.tools;
    expect(tools.map(({ name }) => name).sort()).toEqual(["read", "whoami", "write"]);
    const schemes = tools.find(({ name }) => name === "write");
    const expected =
      client.dialect === "chatgpt" ? [{ type: "oauth2", scopes: ["openid", "weather:write"] }] : undefined;
    expect([schemes?.securitySchemes, schemes?._meta?.securitySchemes]).toEqual([expected, expected]);
    expect(session.logins).toBe(1);
  });

  it("calls a tool", async () => {
    const session = await startClient(client);
    const { body } = await session.ask("tools/call", { name: "read", arguments: {} });
    expect([body.result.content[0].text, session.logins]).toEqual(["read it", 1]);
  });

  it("steps up with one login, or is told that a login does not help", async () => {
    const required = await attacked.launch({ env: { FASTMCP_LOGIN_SCOPES: "required" } });
    onTestFinished(() => required.close());
    const session = await startClient(client, required.url);
    await session.ask(...client.opening());
    expect(session.logins).toBe(1);
    const answer = await session.ask("tools/call", { name: "write", arguments: {} });
    const said = client.stepsUp ? "wrote it" : client.refusal;
    const text = answer.body.result?.content[0].text ?? answer.body.error_description;
    expect([text, session.logins - 1]).toEqual([expect.stringContaining(said), client.stepsUp ? 1 : 0]);
  });

  it("does not log in again for a scope that the user can't have", async () => {
    const session = await startClient(client, attacked.resource, "bob");
    await session.ask(...client.opening());
    const answer = await session.ask("tools/call", { name: "write", arguments: {} });
    expect(session.logins).toBe(1);
    expect(answer.challenge).toBeNull();
    const said =
      "The tool write needs the scope weather:write, which the identity provider did not grant to this login. Ask whoever manages the account for it, then log in again.";
    if (client.dialect === "claude") {
      expect(answer.status).toBe(200);
      expect(answer.body.result).toMatchObject({ isError: true, content: [{ type: "text", text: said }] });
      expect(answer.body.result).not.toHaveProperty("_meta");
    } else {
      expect([answer.status, answer.body]).toEqual([403, { error: "access_denied", error_description: said }]);
    }
  });
});

describe("the dialect of a client", () => {
  const call = (token: string, url: string) =>
    fetch(url, {
      method: "POST",
      headers: {
        Authorization: `Bearer ${token}`,
        "Content-Type": "application/json",
        Accept: "application/json, text/event-stream",
        "User-Agent": "node",
      },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "write", arguments: {} } }),
    });

  it.each(["sealed", "sealed, and refreshed"])(
    "is known by its registration alone: in a token that is %s",
    async (how) => {
      const required = await attacked.launch({ env: { FASTMCP_LOGIN_SCOPES: "required" } });
      onTestFinished(() => required.close());
      const client = await McpClient.register(addressOf(required), { client_name: "ChatGPT" });
      const tokens = await client.logIn();
      const token =
        how === "sealed" ? tokens.access_token : String((await client.refresh(tokens.refresh_token)).body.access_token);
      const answer = await call(token, required.url);
      expect([answer.status, answer.headers.get("www-authenticate"), await answer.json()]).toEqual([
        200,
        null,
        {
          jsonrpc: "2.0",
          id: 1,
          result: {
            isError: true,
            content: [{ type: "text", text: "The tool write needs the scope weather:write." }],
            _meta: {
              "mcp/www_authenticate": [
                `Bearer error="insufficient_scope", error_description="The tool write needs the scope weather:write.", scope="openid weather:write", resource_metadata="${required.origin}/.well-known/oauth-protected-resource/mcp"`,
              ],
            },
          },
        },
      ]);
    },
  );

  it.each([
    ["sdk", 403, "ChatGPT"],
    ["claude", 200, "ChatGPT"],
    ["chatgpt", 200, "a client of one's own"],
  ])("is %s for every client, if the operator says so", async (setting, status, client_name) => {
    const env = { FASTMCP_LOGIN_SCOPES: "required", FASTMCP_CHALLENGE_DIALECT: setting };
    const forced = await attacked.launch({ env });
    onTestFinished(() => forced.close());
    const client = await McpClient.register(addressOf(forced), { client_name });
    const answer = await call((await client.logIn()).access_token, forced.url);
    expect(answer.status).toBe(status);
    expect((await answer.text()).includes("mcp/www_authenticate")).toBe(setting === "chatgpt");
  });
});

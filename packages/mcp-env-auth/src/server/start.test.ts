import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { McpServer } from "@modelcontextprotocol/server";
import express from "express";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { send, serve } from "../http/testing/serve.ts";
import { silentLogger } from "../logger.ts";
import { createServer, type ProtectedServer } from "../server.ts";
import type { AccessRequirements } from "./offer/access-requirements.ts";
import { protect } from "./protect.ts";

const JWT = {
  FASTMCP_ENV_FILE: "",
  FASTMCP_SERVER_AUTH: "JWT",
  FASTMCP_SERVER_AUTH_JWT_JWKS_URI: "https://issuer.example.com/jwks.json",
  FASTMCP_SERVER_AUTH_JWT_ISSUER: "https://issuer.example.com/",
};

/** A policy in a file of its own, for as long as the test runs. */
function policyFile(policy: object): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), "policy-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "authorization.json");
  writeFileSync(file, JSON.stringify(policy));
  return { FASTMCP_AUTHORIZATION_FILE: file };
}

function serverWith(
  rule: AccessRequirements & { readonly authorize?: () => boolean },
  env: Record<string, string>,
): ProtectedServer {
  const server = createServer({ name: "test", version: "1", env, logger: silentLogger });
  server.registerTool("open", {}, () => "open");
  server.registerTool("guarded", rule, () => "guarded");
  onTestFinished(() => server.close());
  return server;
}

describe("Security rule 15: a rule that nothing could enforce stops the start", () => {
  it.each([
    [{ requiredScopes: ["s"] }],
    [{ anyScope: ["s"] }],
    [{ requiredPermissions: ["p"] }],
    [{ requiredRoles: ["r"] }],
    [{ requiredOrganizations: ["org_acme"] }],
    [{ visibility: "hidden" as const }],
    [{ authorize: () => true }],
  ])("in a server that was asked to be open: %j", async (rule) => {
    const server = serverWith(rule, { FASTMCP_ENV_FILE: "", FASTMCP_SERVER_AUTH: "none" });
    await expect(server.app()).rejects.toThrow(/^guarded: the authorization fields .* can't be enforced/);
  });

  it("where nothing says which claim lists the roles, and names the variable that does", async () => {
    const server = serverWith({ requiredRoles: ["editor"] }, JWT);
    await expect(server.app()).rejects.toThrow(
      /^FASTMCP_SERVER_AUTH_JWT_ROLES_CLAIM: is not set\. guarded: required roles can't be enforced/,
    );
    const configured = serverWith(
      { requiredRoles: ["editor"] },
      { ...JWT, FASTMCP_SERVER_AUTH_JWT_ROLES_CLAIM: "https://example.com/roles" },
    );
    await expect(configured.app()).resolves.toBeDefined();
  });

  it("where the provider never tells what a user may do, and only there", async () => {
    const rule = { requiredPermissions: ["documents:edit"] };
    const provider = (name: string) => ({
      FASTMCP_ENV_FILE: "",
      FASTMCP_SERVER_AUTH: name,
      [`FASTMCP_SERVER_AUTH_${name}_CLIENT_ID`]: "client",
      [`FASTMCP_SERVER_AUTH_${name}_CLIENT_SECRET`]: "a secret",
      [`FASTMCP_SERVER_AUTH_${name}_BASE_URL`]: "http://localhost:8000",
      [`FASTMCP_SERVER_AUTH_${name}_JWT_SIGNING_KEY`]: "a signing key of more than thirty-two bytes",
    });
    for (const name of ["GITHUB", "GOOGLE", "DISCORD", "HUGGINGFACE"]) {
      await expect(serverWith(rule, provider(name)).app(), name).rejects.toThrow(
        /^guarded: required permissions can't be enforced, since this provider tells none/,
      );
    }
    await expect(serverWith(rule, JWT).app()).resolves.toBeDefined();
  });

  it.each([
    { admin: "write" },
    { admin: [undefined] },
    { admin: [["write"]] },
    { admin: ["two words"] },
    { "two words": ["write"] },
    { admin: null },
  ])("for want of sense in a scopeHierarchy: %j", async (scopeHierarchy) => {
    const server = createServer({
      name: "test",
      version: "1",
      env: JWT,
      logger: silentLogger,
      scopeHierarchy: scopeHierarchy as never,
    });
    await expect(server.app()).rejects.toThrow("scopeHierarchy: ");
  });

  it("where something is hidden from nobody", async () => {
    const server = createServer({ name: "test", version: "1", env: JWT, logger: silentLogger });
    server.registerTool("shred", { visibility: "hidden", authorize: () => false }, () => "");
    await expect(server.app()).rejects.toThrow("The tool shred is hidden, and from nobody");
  });

  it("where a provider of one's own says nothing of roles", async () => {
    const auth = { baseUrl: undefined, authenticate: () => Promise.reject(new Error("unreached")) as never };
    const server = createServer({
      name: "test",
      version: "1",
      auth,
      env: { FASTMCP_ENV_FILE: "" },
      logger: silentLogger,
    });
    server.registerTool("guarded", { requiredRoles: ["editor"] }, () => "guarded");
    await expect(server.app()).rejects.toThrow("give it `roles`");
  });
});

describe("Security rule 15: a provider that says one thing beforehand and another at work", () => {
  const said = { resource: "http://localhost:8000/mcp", requiredScopes: ["s"], authorizationServers: [] };
  const atWork = {
    ...said,
    verifier: { verify: () => Promise.reject(new Error("unreached")) },
    endpoints: [],
    start: async () => {},
    ready: () => true,
    close: async () => {},
  };
  const started = (changes: object) => {
    const auth = { baseUrl: undefined, describe: () => said, authenticate: async () => ({ ...atWork, ...changes }) };
    const env = { FASTMCP_ENV_FILE: "" };
    return createServer({ name: "test", version: "1", auth, env, logger: silentLogger }).app();
  };

  it.each([{ requiredScopes: ["s", "t"] }, { resource: "http://localhost:8001/mcp" }, { authorizationServers: ["a"] }])(
    "stops the start: %j",
    async (changes) => {
      await expect(started(changes)).rejects.toThrow("The provider's describe() says");
    },
  );

  it("is closed again", async () => {
    const close = vi.fn(async () => {
      throw new Error("not the reason");
    });
    await expect(started({ requiredScopes: [], close })).rejects.toThrow("The provider's describe() says");
    expect(close).toHaveBeenCalledOnce();
  });

  it("starts where both say the same", async () => {
    await expect(started({})).resolves.toBeDefined();
  });
});

describe("Security rule 15: a provider that gives nothing that protects", () => {
  const whole = {
    resource: undefined,
    requiredScopes: [],
    authorizationServers: [],
    verifier: { verify: () => Promise.reject(new Error("unreached")) },
    endpoints: [],
    start: async () => {},
    ready: () => true,
    close: async () => {},
  };

  it.each([
    undefined,
    null,
    {},
    { ...whole, verifier: undefined },
    { ...whole, verifier: {} },
    { ...whole, requiredScopes: undefined },
    { ...whole, requiredScopes: "openid" },
    { ...whole, authorizationServers: undefined },
  ])("stops the start, and makes no open server: %j", async (given) => {
    const authenticate = async () => given as never;
    for (const describe of [undefined, () => given as never]) {
      const auth = { baseUrl: undefined, authenticate, ...(describe && { describe }) };
      const server = createServer({
        name: "test",
        version: "1",
        auth,
        env: { FASTMCP_ENV_FILE: "" },
        logger: silentLogger,
      });
      await expect(server.app()).rejects.toThrow();
    }
    const auth = { baseUrl: undefined, authenticate };
    const server = createServer({
      name: "test",
      version: "1",
      auth,
      env: { FASTMCP_ENV_FILE: "" },
      logger: silentLogger,
    });
    await expect(server.app()).rejects.toThrow("The provider's authenticate() gives nothing that could protect");
  });

  it.each(["auth/callback", "/auth/:what", "/auth/*", "/(", undefined])(
    "stops the start when one of its endpoints is at no exact path: %s",
    async (path) => {
      const auth = { baseUrl: undefined, authenticate: async () => ({ ...whole, endpoints: [{ path }] }) as never };
      const env = { FASTMCP_ENV_FILE: "" };
      const server = createServer({ name: "test", version: "1", auth, env, logger: silentLogger });
      await expect(server.app()).rejects.toThrow("which is no exact path");
    },
  );
});

describe("Security rule 19: a policy in FASTMCP_AUTHORIZATION_FILE", () => {
  const POLICY = { tools: { open: { roles: ["editor"] } } };

  it("is told all that does not fit the server, at once", async () => {
    const policy = { tools: { opne: { scopes: ["s"] }, open: { roles: ["editor"] } }, prompts: { brief: {} } };
    await expect(serverWith({}, { ...JWT, ...policyFile(policy) }).app()).rejects.toThrow(
      [
        "FASTMCP_AUTHORIZATION_FILE: $.tools.opne is no tool of this server. Did you mean open?",
        "FASTMCP_AUTHORIZATION_FILE: $.prompts.brief is no prompt: this server registers none.",
        "FASTMCP_SERVER_AUTH_JWT_ROLES_CLAIM: is not set. open: required roles can't be enforced",
      ].join("\n"),
    );
  });

  it("is told what is wrong with its text beside what is wrong with other variables", async () => {
    const env = { ...JWT, ...policyFile({ tools: { open: { role: [] } } }), FASTMCP_PORT: "many" };
    const start = serverWith({}, env).app();
    await expect(start).rejects.toThrow(
      "FASTMCP_AUTHORIZATION_FILE: $.tools.open.role is no field. Did you mean roles?",
    );
    await expect(start).rejects.toThrow("FASTMCP_PORT: must be a whole number");
  });

  it("stops a server that was asked to be open, also by code, and one on stdio", async () => {
    const refusal =
      /^FASTMCP_AUTHORIZATION_FILE: can't be enforced (in a server without a provider|on stdio, where there is no token)\./;
    const open = { FASTMCP_ENV_FILE: "", FASTMCP_SERVER_AUTH: "none", ...policyFile(POLICY) };
    await expect(serverWith({}, open).app()).rejects.toThrow(refusal);
    const byCode = createServer({ name: "test", version: "1", auth: null, env: open, logger: silentLogger });
    await expect(byCode.app()).rejects.toThrow(refusal);
    await expect(serverWith({}, { ...open, FASTMCP_TRANSPORT: "stdio" }).app()).rejects.toThrow(refusal);
  });

  it("stops the start when its name is empty, as it is where a variable in it is not set", async () => {
    await expect(serverWith({}, { ...JWT, FASTMCP_AUTHORIZATION_FILE: "" }).app()).rejects.toThrow(
      "FASTMCP_AUTHORIZATION_FILE: must be the path of a file. It is empty; remove it where there is no file.",
    );
  });

  it("stops the start when its variable is misspelt, since nothing would keep it", async () => {
    await expect(serverWith({}, { ...JWT, FASTMCP_AUTHORISATION_FILE: "policy.json" }).app()).rejects.toThrow(
      "FASTMCP_AUTHORISATION_FILE: is not a variable of this server, and nothing reads it. Did you mean FASTMCP_AUTHORIZATION_FILE?",
    );
  });

  it("is refused by protect(), which could not keep it, unless it holds only quotas", async () => {
    const start = async (policy: object) => {
      const { close } = await protect(express(), () => undefined as never, {
        env: { ...JWT, ...policyFile(policy) },
        logger: silentLogger,
      });
      await close();
    };
    const refusal = "FASTMCP_AUTHORIZATION_FILE: can't be enforced by protect()";
    await expect(start(POLICY)).rejects.toThrow(refusal);
    await expect(start({ ...POLICY, quotas: { perUser: 1 } })).rejects.toThrow(refusal);
    await expect(start({ tools: { "*": {} } })).rejects.toThrow(refusal);
    await expect(start({ quotas: { perUser: 1 }, tools: {} })).resolves.toBeUndefined();
  });

  it("is kept by a server that is started twice", async () => {
    const env = { ...JWT, FASTMCP_SERVER_AUTH_JWT_ROLES_CLAIM: "roles", ...policyFile(POLICY) };
    const server = serverWith({}, env);
    await server.app();
    await expect(server.app()).resolves.toBeDefined();
  });
});

describe("FASTMCP_LOGIN_SCOPES", () => {
  const env = {
    ...JWT,
    FASTMCP_SERVER_AUTH_JWT_BASE_URL: "http://localhost:8000",
    FASTMCP_SERVER_AUTH_JWT_REQUIRED_SCOPES: "openid",
  };

  it("can't ask for more than one login takes", async () => {
    const requiredScopes = Array.from({ length: 60 }, (_, index) => `a-scope-of-some-length:${index}`);
    const all = serverWith({ requiredScopes }, { ...env, FASTMCP_LOGIN_SCOPES: "all" });
    await expect(all.app()).rejects.toThrow(
      /^FASTMCP_LOGIN_SCOPES: can't be all: together the scopes are \d+ characters/,
    );
    await expect(serverWith({ requiredScopes }, env).app()).resolves.toBeDefined();
  });

  it.each([
    [undefined, "all", "openid s"],
    ["required", "required", "openid"],
  ])(
    "%s at Auth0: the start says that %s applies, and a client is told to ask for %s",
    async (value, chosen, scope) => {
      const lines: string[] = [];
      const logger = { ...silentLogger, info: (_fields: object, message: string) => lines.push(message) };
      const prefix = "FASTMCP_SERVER_AUTH_AUTH0_";
      const server = createServer({
        name: "test",
        version: "1",
        logger,
        env: {
          FASTMCP_ENV_FILE: "",
          FASTMCP_SERVER_AUTH: "AUTH0",
          [`${prefix}CONFIG_URL`]: "http://127.0.0.1:9/.well-known/openid-configuration",
          [`${prefix}CLIENT_ID`]: "client",
          [`${prefix}CLIENT_SECRET`]: "a client secret of more than thirty-two bytes",
          [`${prefix}AUDIENCE`]: "https://mcp.example.com/mcp",
          [`${prefix}BASE_URL`]: "http://localhost:8000",
          ...(value && { FASTMCP_LOGIN_SCOPES: value }),
        },
      });
      server.registerTool("write", { requiredScopes: ["s"] }, () => "written");
      onTestFinished(() => server.close());
      const origin = await serve(await server.app());
      const answer = await send(`${origin}/mcp`, { method: "POST" });
      expect(String(answer.headers["www-authenticate"])).toContain(`scope="${scope}"`);
      expect(lines.filter((line) => line.includes(`(FASTMCP_LOGIN_SCOPES=${chosen})`))).toHaveLength(1);
    },
  );

  it.each([
    [undefined, "openid"],
    ["required", "openid"],
    ["all", "openid s t u v"],
  ])("%s: a client without a token is told to ask for %s", async (loginScopes, scope) => {
    const server = serverWith(
      { requiredScopes: ["s"], anyScope: ["t", "u"] },
      {
        ...env,
        ...policyFile({ tools: { open: { scopes: ["v"] } } }),
        ...(loginScopes && { FASTMCP_LOGIN_SCOPES: loginScopes }),
      },
    );
    const origin = await serve(await server.app());
    const answer = await send(`${origin}/mcp`, { method: "POST" });
    expect(answer.status).toBe(401);
    expect(new Set(/scope="([^"]*)"/.exec(String(answer.headers["www-authenticate"]))?.[1]?.split(" "))).toEqual(
      new Set(scope.split(" ")),
    );
  });
});

describe("a server that is closed while its app is still served", () => {
  const call = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "open" } };
  const headers = { "Content-Type": "application/json", Accept: "application/json, text/event-stream" };
  const open = { FASTMCP_ENV_FILE: "", FASTMCP_SERVER_AUTH: "none" };

  async function askTwice(app: express.Express, close: () => Promise<void>) {
    const origin = await serve(app);
    const post = async () =>
      (await send(`${origin}/mcp`, { method: "POST", headers, body: JSON.stringify(call) })).status;
    const before = await post();
    await close();
    return [before, await post()];
  }

  it("answers nothing more: it has forgotten what was revoked", async () => {
    const server = createServer({ name: "test", version: "1", env: open, logger: silentLogger });
    server.registerTool("open", {}, () => "open");
    expect(await askTwice(await server.app(), () => server.close())).toEqual([200, 503]);
  });

  it("with protect() as well", async () => {
    const app = express();
    const build = () => new McpServer({ name: "test", version: "1" });
    const protection = await protect(app, build, { env: open, logger: silentLogger });
    expect(await askTwice(app, () => protection.close())).toEqual([200, 503]);
  });
});

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import { getAccessToken, type ProtectedServer } from "mcp-env-auth";
import { Browser } from "test-support/browser";
import { OAuthClient } from "test-support/oauth-client";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { CLIENT_KINDS, type ClientKind, connect } from "./support/clients.ts";
import { type InProcessServer, launchInProcess, startInProcess, until } from "./support/in-process.ts";

const ROLES = "https://weather.example.com/roles";
const ENV = {
  FASTMCP_RATE_LIMIT: "0",
  FASTMCP_LOGIN_SCOPES: "required",
  FASTMCP_SERVER_AUTH_AUTH0_ROLES_CLAIM: ROLES,
  FASTMCP_SERVER_AUTH_AUTH0_JWT_SIGNING_KEY: "a signing key of more than thirty-two bytes",
};

let auth0: DevAuth0;
let server: InProcessServer & { close(): Promise<void> };

const register = (server: ProtectedServer) =>
  server
    .registerTool("read", { requiredScopes: ["weather:read"] }, () => "read")
    .registerTool("write", { requiredScopes: ["weather:write"] }, () => "written")
    .registerTool("publish", { requiredScopes: ["weather:write"], requiredRoles: ["editor"] }, () => ({
      roles: getAccessToken().roles,
    }))
    .registerTool("approve", { requiredPermissions: ["weather:write"] }, () => "approved")
    .registerTool("audit", { requiredScopes: ["weather:write"], visibility: "hidden" }, () => "audited")
    .registerTool(
      "move",
      {
        inputSchema: z.object({ city: z.string() }),
        authorize: async (token, { city }) => city === "Berlin" || `${token.subject} may move to Berlin only.`,
      },
      ({ city }) => `moved to ${city}`,
    );

beforeAll(async () => {
  auth0 = await startDevAuth0({
    users: [
      { username: "alice", permissions: ["weather:read", "weather:write"], customClaims: { [ROLES]: ["editor"] } },
      { username: "bob", permissions: ["weather:read"], customClaims: { [ROLES]: ["reader"] } },
      { username: "carol", permissions: ["weather:write"] },
    ],
  });
  server = await launchInProcess({ auth0, env: ENV, register });
  await until(async () => (await fetch(`${server.origin}/readyz`)).ok);
});
afterAll(async () => {
  await server?.close();
  await auth0?.close();
});

// SDK v1 answers a 403 with a refresh where it has a refresh token, which can't widen a scope (RFC 6749 section 6).
const clientOf = (kind: ClientKind, username: string) =>
  new OAuthClient({ browser: new Browser(), username, keepsRefreshTokens: kind !== "SDK v1" });

describe.each(CLIENT_KINDS)("with %s", (kind) => {
  async function connectAs(username: string, url = server.url) {
    const oauth = clientOf(kind, username);
    const session = await connect({ kind, url, oauth });
    onTestFinished(() => session.close());
    return { oauth, session };
  }

  it("an editor steps up to what an editor may do, and the same call succeeds", async () => {
    const { oauth, session } = await connectAs("alice");
    expect(await session.listTools()).toEqual(["whoami", "read", "write", "publish", "approve", "move"]);
    const published = await session.callTool("publish");
    expect(published.content[0]?.text).toBe('{"roles":["editor"]}');
    expect(oauth.logins).toBe(2);
    expect(await session.listTools()).toContain("audit");
    expect((await session.callTool("audit")).content[0]?.text).toBe("audited");
    expect(oauth.logins).toBe(2);
  });

  it("who is no editor sees no tool of editors, and is told why not, without a login in vain", async () => {
    const { oauth, session } = await connectAs("bob");
    expect(await session.listTools()).toEqual(["whoami", "read", "write", "move"]);
    await expect(session.callTool("publish")).rejects.toThrow("The tool publish needs the role editor");
    await expect(session.callTool("approve")).rejects.toThrow("The tool approve needs the permission weather:write");
    expect(oauth.logins).toBe(1);
  });

  it("a permission is the user's, whatever the client was given", async () => {
    const { oauth, session } = await connectAs("alice");
    expect((await session.callTool("approve")).content[0]?.text).toBe("approved");
    expect(oauth.logins).toBe(1);
  });

  it("what is hidden is as unknown as what is not there", async () => {
    const { session } = await connectAs("bob");
    const refusal = (name: string) => session.callTool(name).then(JSON.stringify, (error: Error) => error.message);
    expect(await refusal("audit")).toBe((await refusal("absent")).replaceAll("absent", "audit"));
  });

  it("authorize decides by the arguments, and says why not in the tool's error", async () => {
    const { session } = await connectAs("bob");
    expect((await session.callTool("move", { city: "Berlin" })).content[0]?.text).toBe("moved to Berlin");
    const denied = await session.callTool("move", { city: "Paris" });
    expect(denied).toMatchObject({ isError: true, content: [{ text: "auth0|bob may move to Berlin only." }] });
  });

  it("a role that is taken away is gone with the next token", async () => {
    const { session, oauth } = await connectAs("alice");
    auth0.updateUser("alice", { customClaims: { [ROLES]: [] } });
    onTestFinished(() => auth0.updateUser("alice", { customClaims: { [ROLES]: ["editor"] } }));
    await expect(session.callTool("write")).resolves.toMatchObject({ content: [{ text: "written" }] });
    expect(oauth.logins).toBe(2);
    await expect(session.callTool("publish")).rejects.toThrow("needs the role editor");
  });

  it("with FASTMCP_LOGIN_SCOPES=all the first login is enough, also without stepping up", async () => {
    const all = await startInProcess({ auth0, env: { ...ENV, FASTMCP_LOGIN_SCOPES: "all" }, register });
    await until(async () => (await fetch(`${all.origin}/readyz`)).ok);
    const oauth = new OAuthClient({ browser: new Browser(), username: "alice" });
    const session = await connect({ kind, url: all.url, oauth });
    onTestFinished(() => session.close());
    expect((await session.callTool("write")).content[0]?.text).toBe("written");
    expect((await session.callTool("publish")).content[0]?.text).toBe('{"roles":["editor"]}');
    expect(oauth.logins).toBe(1);
    // Who has no permission for all of it gets what they have.
    const { session: bobs } = await connectAs("bob", all.url);
    expect((await bobs.callTool("read")).content[0]?.text).toBe("read");
  });

  it("who has only a permission that implies the required scope logs in, and steps up to it", async () => {
    const ranked = await startInProcess({
      auth0,
      env: { ...ENV, FASTMCP_SERVER_AUTH_AUTH0_REQUIRED_SCOPES: "weather:read" },
      scopeHierarchy: { "weather:write": ["weather:read"] },
      register,
    });
    await until(async () => (await fetch(`${ranked.origin}/readyz`)).ok);
    const { oauth, session } = await connectAs("carol", ranked.url);
    expect((await session.callTool("read")).content[0]?.text).toBe("read");
    expect(oauth.logins).toBe(1);
    expect((await session.callTool("write")).content[0]?.text).toBe("written");
    expect(oauth.logins).toBe(2);
  });

  it("a policy of the deployer's narrows what the code asks for", async () => {
    const folder = await mkdtemp(join(tmpdir(), "policy-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, "authorization.json");
    const policy = {
      tools: { whoami: { roles: ["editor"] }, read: { scopes: ["weather:audit"], visibility: "hidden" } },
    };
    await writeFile(file, JSON.stringify(policy));
    const narrowed = await startInProcess({ auth0, env: { ...ENV, FASTMCP_AUTHORIZATION_FILE: file }, register });
    await until(async () => (await fetch(`${narrowed.origin}/readyz`)).ok);
    const { session: alices } = await connectAs("alice", narrowed.url);
    expect(await alices.listTools()).toEqual(["whoami", "write", "publish", "approve", "move"]);
    const { session: bobs } = await connectAs("bob", narrowed.url);
    expect(await bobs.listTools()).toEqual(["write", "move"]);
    await expect(bobs.callTool("whoami")).rejects.toThrow("needs the role editor");
  });
});

describe("a token that Auth0 issued, brought straight to the server", () => {
  const call = async (env: Record<string, string>) => {
    const direct = await startInProcess({
      auth0,
      register,
      env: {
        FASTMCP_SERVER_AUTH: "JWT",
        FASTMCP_SERVER_AUTH_JWT_JWKS_URI: `${auth0.issuer}.well-known/jwks.json`,
        FASTMCP_SERVER_AUTH_JWT_ISSUER: auth0.issuer,
        FASTMCP_SERVER_AUTH_JWT_AUDIENCE: auth0.audience,
        FASTMCP_SERVER_AUTH_JWT_ROLES_CLAIM: ROLES,
        ...env,
      },
    });
    const token = await auth0.issueAccessToken({ user: "alice", scope: "openid" });
    const tool = (name: string) => ({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: {} } });
    const [write, approve] = await Promise.all(["write", "approve"].map((name) => direct.call(token, tool(name))));
    return [write?.status, approve?.status];
  };

  it("Security rule 16: carries the user's permissions as scopes only where SCOPE_CLAIMS says so", async () => {
    expect(await call({})).toEqual([403, 200]);
    expect(await call({ FASTMCP_SERVER_AUTH_JWT_SCOPE_CLAIMS: "scope scp permissions" })).toEqual([200, 200]);
  });
});

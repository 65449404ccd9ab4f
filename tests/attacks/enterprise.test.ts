import { readFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { Client, CrossAppAccessProvider, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from "jose";
import { exchangeToken, getAccessToken, type ProtectedServer, tenantKey } from "mcp-env-auth";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createProofKey, type ProofKey } from "../../packages/mcp-env-auth/src/dpop/testing/proof-key.ts";
import { postForm } from "../../packages/mcp-env-auth/src/proxy/testing/mcp-client.ts";
import { addressOf, McpClient, useAttackedServer } from "../support/attacked-server.ts";
import { WHOAMI } from "../support/oauth-steps.ts";
import { repository } from "../support/scaffolder.ts";

const PREFIX = "FASTMCP_SERVER_AUTH_AUTH0_";
const GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";

const [keys, strangerKeys] = await Promise.all([generateKeyPair("ES256"), generateKeyPair("ES256")]);

/** An enterprise's identity provider, as far as this server sees it: metadata and keys. */
async function startIssuer(key: CryptoKey) {
  const jwk = { ...(await exportJWK(key)), alg: "ES256" };
  const http = createHttpServer((request, response) => {
    const issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    const documents: Record<string, object> = {
      "/.well-known/openid-configuration": {
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
      },
      "/jwks": { keys: [jwk] },
    };
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify(documents[request.url ?? ""] ?? {}));
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  return {
    issuer: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    close: () => {
      http.close();
      http.closeAllConnections();
    },
  };
}

const enterprise = await startIssuer(keys.publicKey);
const stranger = await startIssuer(strangerKeys.publicKey);
afterAll(() => {
  enterprise.close();
  stranger.close();
});

const register = (server: ProtectedServer) =>
  server
    .registerTool("who", {}, () => {
      const { subject, organization, roles, claims, scopes } = getAccessToken();
      return { subject, organization, roles, claims, scopes };
    })
    .registerTool("write", { requiredScopes: ["weather:write"] }, () => "written")
    .registerTool("editor", { requiredPermissions: ["weather:admin"] }, () => "edited")
    .registerTool("own_token", {}, () => {
      try {
        return getAccessToken().token;
      } catch (error) {
        return String(error);
      }
    })
    .registerTool("tenant", {}, () => tenantKey())
    .registerTool("exchange", {}, async () => {
      try {
        return await exchangeToken({ audience: "https://other.example.com" });
      } catch (error) {
        return String(error);
      }
    });

const attacked = useAttackedServer({
  register,
  env: {
    [`${PREFIX}TRUSTED_ASSERTION_ISSUERS`]: JSON.stringify([enterprise.issuer]),
    [`${PREFIX}ASSERTION_ISSUER_ORGANIZATIONS`]: JSON.stringify({ [enterprise.issuer]: "org_acme" }),
    [`${PREFIX}VALID_SCOPES`]: "weather:read",
    [`${PREFIX}ROLES_CLAIM`]: "roles",
  },
});

let client: McpClient;
beforeAll(async () => {
  client = await attacked.client({ token_endpoint_auth_method: "client_secret_post" });
});

let assertions = 0;

interface Changes {
  readonly claims?: Record<string, unknown>;
  readonly header?: Record<string, unknown>;
  readonly key?: CryptoKey;
}

function assertion({ claims, header, key = keys.privateKey }: Changes = {}): Promise<string> {
  const now = attacked.clock();
  const all = {
    iss: enterprise.issuer,
    sub: "00u1",
    aud: attacked.issuer,
    resource: attacked.resource,
    client_id: client.id,
    jti: `assertion ${++assertions}`,
    iat: now,
    exp: now + 300,
    scope: "weather:read",
    ...claims,
  };
  const present = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  return new SignJWT(present).setProtectedHeader({ alg: "ES256", typ: "oauth-id-jag+jwt", ...header }).sign(key);
}

const use = (value: string, parameters: Record<string, string | undefined> = {}, by = client) =>
  by.token({ grant_type: GRANT, assertion: value, ...parameters });

async function call(token: string | undefined, name: string, server = attacked.server): Promise<string> {
  const params = { name, arguments: {} };
  const answer = await server.call(token, { jsonrpc: "2.0", id: 1, method: "tools/call", params });
  const text = await answer.text();
  const [, data] = /^data: (.+)$/m.exec(text) ?? [];
  return data === undefined ? `${answer.status} ${text}` : JSON.parse(data).result.content[0].text;
}

describe("an enterprise's assertion", () => {
  it("opens a session for its user, without a login and without a refresh token", async () => {
    const { status, body, headers } = await use(await assertion({ claims: { email: "ada@acme.example" } }));
    expect(status).toBe(200);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(body).toMatchObject({ token_type: "Bearer", expires_in: 3600 });
    expect(body).not.toHaveProperty("refresh_token");
    expect(JSON.parse(await call(body.access_token, "who"))).toMatchObject({
      subject: `${enterprise.issuer}|00u1`,
      organization: "org_acme",
      scopes: ["weather:read", "openid"],
      claims: { sub: "00u1", email: "ada@acme.example" },
    });
  });

  it("is announced in the metadata", async () => {
    const answer = await fetch(`${attacked.origin}/.well-known/oauth-authorization-server`);
    expect(await answer.json()).toMatchObject({
      grant_types_supported: expect.arrayContaining([GRANT]),
      authorization_grant_profiles_supported: ["urn:ietf:params:oauth:grant-profile:id-jag"],
    });
  });

  it("serves the SDK's CrossAppAccessProvider", async () => {
    const authProvider = new CrossAppAccessProvider({
      clientId: client.id,
      clientSecret: client.secret ?? "",
      expectedIssuer: attacked.issuer,
      assertion: ({ authorizationServerUrl, resourceUrl }) =>
        assertion({ claims: { aud: authorizationServerUrl, resource: resourceUrl } }),
    });
    const mcp = new Client({ name: "desktop", version: "1.0.0" }, { versionNegotiation: { mode: "auto" } });
    await mcp.connect(new StreamableHTTPClientTransport(new URL(attacked.resource), { authProvider }));
    const { content } = await mcp.callTool({ name: "who", arguments: {} });
    expect(JSON.stringify(content)).toContain("00u1");
    await mcp.close();
  });

  it("is good once, for whoever comes first", async () => {
    const once = await assertion();
    const answers = await Promise.all([use(once), use(once), use(once)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400]);
    expect((await use(once)).body.error).toBe("invalid_grant");
    // A jti is its issuer's own, whatever else is in the assertion.
    const again = await assertion({ claims: { jti: `assertion ${assertions}`, sub: "00u2" } });
    expect((await use(again)).body.error).toBe("invalid_grant");
  });

  it.each<[string, Changes]>([
    ["by another key", { key: strangerKeys.privateKey }],
    ["of an issuer that is not trusted", { claims: { iss: stranger.issuer }, key: strangerKeys.privateKey }],
    ["of no issuer", { claims: { iss: undefined } }],
    ["of an issuer that starts like a trusted one", { claims: { iss: `${enterprise.issuer}.example` } }],
    ["of the trusted issuer with a slash", { claims: { iss: `${enterprise.issuer}/` } }],
    ["that is an id token", { header: { typ: "JWT" } }],
    ["that is an access token", { header: { typ: "at+jwt" } }],
    ["without a type", { header: { typ: undefined } }],
    ["for another authorization server", { claims: { aud: "https://elsewhere.example.com/" } }],
    ["for two authorization servers", { claims: { aud: ["https://elsewhere.example.com/", "x"] } }],
    ["for no authorization server", { claims: { aud: undefined } }],
    ["for another MCP server", { claims: { resource: "https://elsewhere.example.com/mcp" } }],
    ["for no MCP server", { claims: { resource: undefined } }],
    ["for several MCP servers", { claims: { resource: ["https://elsewhere.example.com/mcp"] } }],
    ["for another client", { claims: { client_id: "https://client.example.com/metadata.json" } }],
    ["for no client", { claims: { client_id: undefined } }],
    ["about nobody", { claims: { sub: undefined } }],
    ["about an empty name", { claims: { sub: "" } }],
    ["without a jti", { claims: { jti: undefined } }],
    ["without an exp", { claims: { exp: undefined } }],
    ["without an iat", { claims: { iat: undefined } }],
    ["that has expired", { claims: { iat: 1_000_000_000, exp: 1_000_000_300 } }],
    ["that was issued in the future", { claims: { iat: 9_000_000_000, exp: 9_000_000_300 } }],
    ["that lasts for years", { claims: { exp: 9_000_000_000 } }],
    ["with a list of scopes", { claims: { scope: ["weather:read"] } }],
  ])("%s is refused", async (_name, changes) => {
    const { status, body } = await use(await assertion(changes));
    expect({ status, error: body.error }).toEqual({ status: 400, error: "invalid_grant" });
    expect(body).not.toHaveProperty("access_token");
  });

  it("for another authorization server beside this one is refused: that one could use it here", async () => {
    const both = await assertion({ claims: { aud: [attacked.issuer, "https://elsewhere.example.com/"] } });
    expect((await use(both)).body.error).toBe("invalid_grant");
    expect((await use(await assertion({ claims: { aud: [attacked.issuer] } }))).status).toBe(200);
  });

  it.each(["", "a.b.c", "a.b.c.d.e", "x".repeat(40_000)])("that is none is refused (%#)", async (value) => {
    const { body } = await use(value);
    expect(["invalid_grant", "invalid_request"]).toContain(body.error);
  });

  it("unsigned, or signed with the public key as a secret, is refused", async () => {
    const [, payload = ""] = (await assertion()).split(".");
    const header = (alg: string) => Buffer.from(JSON.stringify({ alg, typ: "oauth-id-jag+jwt" })).toString("base64url");
    expect((await use(`${header("none")}.${payload}.`)).body.error).toBe("invalid_grant");
    const hmac = await new SignJWT(JSON.parse(Buffer.from(payload, "base64url").toString()))
      .setProtectedHeader({ alg: "HS256", typ: "oauth-id-jag+jwt" })
      .sign(new TextEncoder().encode(JSON.stringify(await exportJWK(keys.publicKey))));
    expect((await use(hmac)).body.error).toBe("invalid_grant");
  });

  it("is used only by a client that proves who it is", async () => {
    const open = await attacked.client();
    const stolen = await assertion({ claims: { client_id: open.id } });
    expect((await use(stolen, {}, open)).body.error).toBe("unauthorized_client");
    expect((await use(await assertion(), { client_secret: "wrong" })).body.error).toBe("invalid_client");
    expect((await use(await assertion(), { client_secret: undefined })).body.error).toBe("invalid_client");
    const other = await attacked.client({ token_endpoint_auth_method: "client_secret_post" });
    expect((await use(await assertion(), {}, other)).body.error).toBe("invalid_grant");
  });

  it("grants no scope that it does not name, the server does not know, or the client did not ask for", async () => {
    const wide = await use(await assertion({ claims: { scope: "weather:read weather:write admin offline_access" } }));
    expect(wide.body.scope?.split(" ").sort()).toEqual(["openid", "weather:read", "weather:write"]);
    const narrow = await use(await assertion({ claims: { scope: "weather:read weather:write" } }), {
      scope: "weather:read admin",
    });
    expect(narrow.body.scope?.split(" ").sort()).toEqual(["openid", "weather:read"]);
    expect(await call(narrow.body.access_token, "write")).toMatch(/^403/);
    const silent = await use(await assertion({ claims: { scope: undefined } }), { scope: "weather:write" });
    expect(silent.body.scope).toBe("openid");
  });

  it("gives no organization, role, permission or other user's name that it asserts", async () => {
    const claims = {
      sub: "auth0|alice",
      org_id: "org_globex",
      roles: ["admin"],
      permissions: ["weather:admin"],
      scope: "weather:read",
    };
    const { body } = await use(await assertion({ claims }));
    const who = JSON.parse(await call(body.access_token, "who"));
    expect(who).toMatchObject({ subject: `${enterprise.issuer}|auth0|alice`, organization: "org_acme", roles: [] });
    expect(Object.keys(who.claims)).not.toEqual(expect.arrayContaining(["permissions"]));
    expect(await call(body.access_token, "editor")).toMatch(/^403/);
  });

  it("Security rule 17: puts its user into the same tenant as members who log in", async () => {
    const { body } = await use(await assertion());
    const acme = await attacked.launch({ env: { [`${PREFIX}ORGANIZATION`]: "org_acme" } });
    const there = await McpClient.register(addressOf(acme));
    const { access_token } = await there.logIn("dave");
    expect(await call(body.access_token, "tenant")).toBe(await call(access_token, "tenant", acme));
    await acme.close();
  });

  it("leaves no token of the provider's, and says so", async () => {
    const { body } = await use(await assertion());
    expect(await call(body.access_token, "own_token")).toContain("no token of the identity provider in this session");
    expect(await call(body.access_token, "exchange")).toContain("no token of the identity provider in this session");
  });

  it("is no bearer token, nor is its session a refresh token", async () => {
    expect((await attacked.server.call(await assertion())).status).toBe(401);
    const { body } = await use(await assertion());
    expect((await client.refresh(body.access_token ?? "")).body.error).toBe("invalid_grant");
  });

  it("Security rule 11: is written nowhere, good or bad", async () => {
    const [good, bad] = [await assertion(), await assertion({ claims: { aud: "x" } })];
    await use(good);
    const { body } = await use(bad);
    for (const text of [good, bad].flatMap((value) => [value, value.split(".")[1] ?? ""])) {
      expect(JSON.stringify(attacked.server.lines)).not.toContain(text);
      expect(JSON.stringify(body)).not.toContain(text);
    }
  });

  it("ends with the trust in its issuer, and outlives neither its session nor a revocation", async () => {
    const { body } = await use(await assertion());
    const successor = await attacked.launch({
      baseUrl: attacked.origin,
      env: {
        [`${PREFIX}TRUSTED_ASSERTION_ISSUERS`]: JSON.stringify([stranger.issuer]),
        [`${PREFIX}ASSERTION_ISSUER_ORGANIZATIONS`]: "",
      },
    });
    expect(await call(body.access_token, "who", successor)).toMatch(/^401/);
    await successor.close();
    await client.revoke(body.access_token ?? "");
    expect(await call(body.access_token, "who")).toMatch(/^401/);
    const other = await use(await assertion());
    attacked.advance(3601);
    expect(await call(other.body.access_token, "who")).toMatch(/^401/);
  });

  it("of an issuer whose keys can't be had is 503, not a verdict", async () => {
    const away = await startIssuer(keys.publicKey);
    away.close();
    const server = await attacked.launch({
      env: {
        [`${PREFIX}TRUSTED_ASSERTION_ISSUERS`]: away.issuer,
        [`${PREFIX}ASSERTION_ISSUER_ORGANIZATIONS`]: "",
      },
    });
    const there = await McpClient.register(addressOf(server), { token_endpoint_auth_method: "client_secret_post" });
    const claims = { iss: away.issuer, aud: `${server.origin}/`, resource: server.url, client_id: there.id };
    expect((await use(await assertion({ claims }), {}, there)).status).toBe(503);
    await server.close();
  });
});

it("is documented by variables that there are", () => {
  const read = (file: string) => readFileSync(path.join(repository, "docs", file), "utf8");
  const named = [...read("enterprise.md").matchAll(/FASTMCP_\w+/g)].map(([name]) => name);
  expect(named.filter((name) => !read("environment.md").includes(`${name}\``))).toEqual([]);
});

describe("a server", () => {
  it("that trusts no issuer knows no such grant", async () => {
    const env = { [`${PREFIX}TRUSTED_ASSERTION_ISSUERS`]: "[]", [`${PREFIX}ASSERTION_ISSUER_ORGANIZATIONS`]: "" };
    const plain = await attacked.launch({ env });
    const there = await McpClient.register(addressOf(plain), { token_endpoint_auth_method: "client_secret_post" });
    expect((await use(await assertion(), {}, there)).body.error).toBe("unsupported_grant_type");
    const metadata = await (await fetch(`${plain.origin}/.well-known/oauth-authorization-server`)).json();
    expect(metadata).not.toHaveProperty("authorization_grant_profiles_supported");
    await plain.close();
  });

  it.each([
    ["a trusted issuer without an organization", { ASSERTION_ISSUER_ORGANIZATIONS: "" }],
    ["a trusted issuer of an organization that is not allowed", { ALLOWED_ORGANIZATIONS: "org_globex" }],
    ["an organization of an issuer that is not trusted", { TRUSTED_ASSERTION_ISSUERS: stranger.issuer }],
    ["an issuer that is no https address", { TRUSTED_ASSERTION_ISSUERS: "http://acme.okta.example" }],
  ])("Security rule 17: for organizations does not start with %s", async (_name, changes) => {
    const own = Object.fromEntries(Object.entries(changes).map(([name, value]) => [`${PREFIX}${name}`, value]));
    const env = { [`${PREFIX}ALLOWED_ORGANIZATIONS`]: "org_acme", ...own };
    await expect(attacked.launch({ env })).rejects.toThrow(/ASSERTION/);
  });
});

describe("an assertion and DPoP", () => {
  const proof = (by: ProofKey, url: string, accessToken?: string) =>
    by.sign("POST", url, { iat: attacked.clock(), ...(accessToken !== undefined && { accessToken }) });
  const askFor = async (sent: string, by?: ProofKey) => {
    const url = `${attacked.origin}/token`;
    const headers: Record<string, string> = by === undefined ? {} : { DPoP: await proof(by, url) };
    return postForm(
      url,
      { grant_type: GRANT, assertion: sent, client_id: client.id, client_secret: client.secret },
      headers,
    );
  };

  it("gives a token that is bound to the client's key", async () => {
    const [key, thief] = await Promise.all([createProofKey(), createProofKey()]);
    const { status, body } = await askFor(await assertion(), key);
    expect([status, body.token_type]).toEqual([200, "DPoP"]);
    const { access_token = "" } = body;
    expect((await attacked.server.call(access_token)).status).toBe(401);
    const call = async (by: ProofKey) =>
      fetch(attacked.resource, {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          Accept: "application/json, text/event-stream",
          Authorization: `DPoP ${access_token}`,
          DPoP: await proof(by, attacked.resource, access_token),
        },
        body: JSON.stringify(WHOAMI),
      });
    expect((await call(thief)).status).toBe(401);
    expect((await call(key)).status).toBe(200);
  });

  it("that names a key (cnf.jkt) is for that key alone, and is not used up by another", async () => {
    const [key, thief] = await Promise.all([createProofKey(), createProofKey()]);
    const sent = await assertion({ claims: { cnf: { jkt: key.jkt } } });
    expect((await askFor(sent)).body.error).toBe("invalid_dpop_proof");
    expect((await askFor(sent, thief)).body.error).toBe("invalid_grant");
    expect((await askFor(sent, key)).body.token_type).toBe("DPoP");
  });
});

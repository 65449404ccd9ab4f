import type { RecordedRequest } from "dev-auth0";
import { getAccessToken } from "mcp-env-auth";
import { describe, expect, it } from "vitest";
import { createProofKey } from "../../packages/mcp-env-auth/src/dpop/testing/proof-key.ts";
import { postForm } from "../../packages/mcp-env-auth/src/proxy/testing/mcp-client.ts";
import { useAttackedServer } from "../support/attacked-server.ts";

const PREFIX = "FASTMCP_SERVER_AUTH_AUTH0_";
const MACHINES = `${PREFIX}MACHINE_CLIENTS`;
const ACCEPT = `${PREFIX}ACCEPT_UPSTREAM_TOKENS`;

const SECRET = "the secret of a nightly job, that nobody may read";

const provider = {
  apis: [
    { identifier: "https://weather.example.com/api", scopes: ["weather:read", "weather:write"] },
    { identifier: "https://other.example.com/api", scopes: ["other:read"] },
  ],
  applications: [
    { clientId: "login", clientSecret: "login secret", type: "regular_web" },
    { clientId: "nightly", clientSecret: SECRET, type: "machine" },
    { clientId: "stranger", clientSecret: "stranger secret", type: "machine" },
    { clientId: "useless", clientSecret: "useless secret", type: "machine", clientGrants: {} },
  ],
} as const;

const register = (server: Parameters<NonNullable<Parameters<typeof useAttackedServer>[0]>["register"] & object>[0]) =>
  server
    .registerTool("who", {}, () => ({ ...getAccessToken(), token: "", claims: {} }))
    .registerTool("write", { requiredScopes: ["weather:write"] }, () => "written");

/** Whether the provider is asked for a machine's token. The server checks its own credentials there too, by a code. */
const isGrant = ({ params }: RecordedRequest) => params.grant_type === "client_credentials";

const WHO = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "who", arguments: {} } };
const WRITE = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "write", arguments: {} } };

async function registerAt(origin: string, metadata: object) {
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch(`${origin}/register`, { method: "POST", headers, body: JSON.stringify(metadata) });
  const { client_id, client_secret } = (await answer.json()) as { client_id: string; client_secret: string };
  return { client_id, client_secret };
}

describe("the client_credentials grant", () => {
  const attacked = useAttackedServer({ provider, register, env: { [MACHINES]: "nightly useless" } });
  const ask = (parameters: Record<string, string | undefined>, headers?: Record<string, string>) =>
    postForm(
      `${attacked.origin}/token`,
      { grant_type: "client_credentials", client_id: "nightly", client_secret: SECRET, ...parameters },
      headers,
    );

  it("gives a sealed token for this resource, and keeps nothing", async () => {
    const { status, body, headers } = await ask({});
    expect(status).toBe(200);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(body).toMatchObject({ token_type: "Bearer", expires_in: 3600 });
    expect(body).not.toHaveProperty("refresh_token");
    expect(body.access_token?.split(".")).toHaveLength(5);
    expect((await attacked.server.call(body.access_token, WHO)).status).toBe(200);
    // For no other server of the same provider and key.
    const other = await attacked.launch({ env: { [MACHINES]: "nightly" } });
    expect((await other.call(body.access_token, WHO)).status).toBe(401);
    await other.close();
  });

  it("with a proof gives a token that is bound to the machine's key (RFC 9449)", async () => {
    const key = await createProofKey();
    const iat = attacked.clock();
    const { status, body } = await ask({}, { DPoP: await key.sign("POST", `${attacked.origin}/token`, { iat }) });
    expect([status, body.token_type]).toEqual([200, "DPoP"]);
    const { access_token: accessToken = "" } = body;
    expect((await attacked.server.call(accessToken, WHO)).status).toBe(401);
    const proof = await key.sign("POST", attacked.resource, { iat, accessToken });
    const headers = { "Content-Type": "application/json", Accept: "application/json, text/event-stream" };
    const call = () =>
      fetch(attacked.resource, {
        method: "POST",
        headers: { ...headers, Authorization: `DPoP ${accessToken}`, DPoP: proof },
        body: JSON.stringify(WHO),
      });
    expect((await call()).status).toBe(200);
    expect((await call()).status).toBe(401);
  });

  it("asks the provider for this server's API, whatever the client says", async () => {
    await ask({ audience: "https://other.example.com/api" });
    const asked = attacked.auth0.requests.findLast(isGrant);
    expect(asked?.params.audience).toBe("https://weather.example.com/api");
    expect((await ask({ resource: "https://elsewhere.example.com/mcp" })).body.error).toBe("invalid_target");
  });

  it.each([
    ["a wrong secret", { client_secret: "wrong" }],
    ["no secret", { client_secret: undefined }],
    ["an assertion of somebody's making", { client_secret: undefined, client_assertion: "a.b.c" }],
  ])("refuses %s", async (_name, parameters) => {
    const assertion = "client_assertion" in parameters;
    const type = assertion ? "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" : undefined;
    const { status, body } = await ask({ ...parameters, client_assertion_type: type });
    expect({ status, error: body.error }).toEqual({ status: 401, error: "invalid_client" });
  });

  it("Security rule 12: passes few of a burst of guesses on to the provider", async () => {
    const limit = 5;
    const server = await attacked.launch({ env: { [MACHINES]: "nightly", FASTMCP_RATE_LIMIT: String(limit) } });
    attacked.auth0.requests.length = 0;
    const form = { grant_type: "client_credentials", client_id: "nightly" };
    const guesses = Array.from({ length: 100 }, (_, guess) =>
      postForm(`${server.origin}/token`, { ...form, client_secret: `guess ${guess}` }),
    );
    const statuses = (await Promise.all(guesses)).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    // Those under way at once, and those before them that were not yet too many; each in the two ways to send a secret.
    const asked = attacked.auth0.requests.filter(isGrant).length;
    expect(asked).toBeLessThanOrEqual(2 * (4 * limit + limit));
    expect((await postForm(`${server.origin}/token`, { ...form, client_secret: SECRET })).status).toBe(429);
    await server.close();
  });

  it("answers wrong Basic credentials with a challenge", async () => {
    const { status, headers } = await ask(
      { client_id: undefined, client_secret: undefined },
      { authorization: `Basic ${Buffer.from("nightly:wrong").toString("base64")}` },
    );
    expect(status).toBe(401);
    expect(headers.get("www-authenticate")).toMatch(/^Basic /);
  });

  it("does not ask the provider about a client that is not named, right secret or not", async () => {
    attacked.auth0.requests.length = 0;
    const registered = await attacked.client({ token_endpoint_auth_method: "client_secret_post" });
    for (const client of [
      { client_id: "stranger", client_secret: "stranger secret" },
      { client_id: "login", client_secret: "login secret" },
      { client_id: registered.id, client_secret: registered.secret },
      { client_id: "nightl", client_secret: SECRET },
      { client_id: "nightly useless", client_secret: SECRET },
      { client_id: "*", client_secret: SECRET },
    ]) {
      expect((await ask(client)).body.error, client.client_id).toBe("unauthorized_client");
    }
    expect(attacked.auth0.requests.filter(isGrant)).toEqual([]);
  });

  it("tells a machine without a grant at the provider from one with wrong credentials", async () => {
    const { status, body } = await ask({ client_id: "useless", client_secret: "useless secret" });
    expect({ status, error: body.error }).toEqual({ status: 400, error: "unauthorized_client" });
    expect(body.error_description).toContain("client-grant");
  });

  it("gives no scope that was not asked for or not granted", async () => {
    const all = await ask({ scope: "openid offline_access" });
    expect(all.body.scope?.split(" ").sort()).toEqual(["openid", "weather:read", "weather:write"]);
    const { body } = await ask({ scope: "weather:read admin" });
    expect(body.scope?.split(" ").sort()).toEqual(["openid", "weather:read"]);
    expect((await attacked.server.call(body.access_token, WRITE)).status).toBe(403);
  });

  it("issues nothing when the provider answers for somebody else", async () => {
    attacked.auth0.misbehave({ accessToken: { claims: { sub: "auth0|alice", gty: undefined } } });
    expect(await ask({})).toMatchObject({ status: 502, body: { error: "server_error" } });
    attacked.auth0.misbehave({ accessToken: { claims: { sub: "stranger@clients", azp: "stranger" } } });
    expect(await ask({})).toMatchObject({ status: 502, body: { error: "server_error" } });
  });

  it("Security rule 20: gives an agent a token of its client's, which goes on after a restart", async () => {
    for (const sub of ["agt_5Vq", "auth0|alice"]) {
      attacked.auth0.misbehave({ accessToken: { claims: { sub, sub_profile: "ai_agent" } } });
      const { body } = await ask({});
      const successor = await attacked.launch({ baseUrl: attacked.origin, env: { [MACHINES]: "nightly" } });
      for (const server of [attacked.server, successor]) {
        const answer = await (await server.call(body.access_token, WHO)).text();
        expect(answer).toContain("nightly@clients");
        expect(answer).not.toContain(sub);
      }
      await successor.close();
    }
  });

  it.each([
    ["a user", { sub: "1e9f4c6a", sub_profile: "user" }],
    ["somebody for whom an agent acts", { sub: "1e9f4c6a", act: { sub: "agt_5Vq" } }],
  ])("Security rule 20: issues nothing for a token of %s", async (_whose, claims) => {
    attacked.auth0.misbehave({ accessToken: { claims } });
    expect(await ask({})).toMatchObject({ status: 502, body: { error: "server_error" } });
  });

  it.each(["wrong-audience", "unpublished-key", "expired", "opaque", "alg-none"] as const)(
    "issues nothing for a token of the provider that is no good (%s)",
    async (accessToken) => {
      attacked.auth0.misbehave({ accessToken });
      const { status, body } = await ask({});
      const isTemporary = accessToken === "unpublished-key";
      expect(body.access_token).toBeUndefined();
      expect({ status, error: body.error }).toEqual(
        isTemporary ? { status: 503, error: "temporarily_unavailable" } : { status: 502, error: "server_error" },
      );
    },
  );

  it("is 503 while the provider is away", async () => {
    attacked.auth0.misbehave({ token: "down" });
    expect(await ask({})).toMatchObject({ status: 503, body: { error: "temporarily_unavailable" } });
  });

  it("Security rule 11: writes the machine's secret nowhere", async () => {
    await ask({});
    await ask({ client_secret: `${SECRET} but wrong` });
    attacked.auth0.misbehave({ token: { error: "server_error", description: `the secret is ${SECRET}`, status: 400 } });
    const { body } = await ask({});
    expect(JSON.stringify(attacked.server.lines)).not.toContain(SECRET);
    expect(JSON.stringify(body)).not.toContain(SECRET);
  });

  it("ends for a machine that the configuration no longer names, with its tokens", async () => {
    const { body } = await ask({});
    const successor = await attacked.launch({ baseUrl: attacked.origin, env: { [MACHINES]: "useless" } });
    expect((await successor.call(body.access_token, WHO)).status).toBe(401);
    const without = await attacked.launch({ baseUrl: attacked.origin, env: { [MACHINES]: "[]" } });
    expect((await without.call(body.access_token, WHO)).status).toBe(401);
    await Promise.all([successor.close(), without.close()]);
  });

  it("does not take the provider's token at the MCP endpoint, which nobody turned on", async () => {
    expect((await attacked.server.call(await attacked.auth0.issueMachineToken({ clientId: "nightly" }))).status).toBe(
      401,
    );
  });

  it("is unknown to a server that names no machines", async () => {
    const plain = await attacked.launch({ env: { [MACHINES]: "[]" } });
    const { body } = await postForm(`${plain.origin}/token`, {
      grant_type: "client_credentials",
      client_id: "nightly",
      client_secret: SECRET,
    });
    expect(body.error).toBe("invalid_client");
    const metadata = await (await fetch(`${plain.origin}/.well-known/oauth-authorization-server`)).json();
    expect(metadata).toMatchObject({ grant_types_supported: ["authorization_code", "refresh_token"] });
    await plain.close();
  });
});

describe("Security rule 7: the provider's own token at the MCP endpoint", () => {
  const attacked = useAttackedServer({ provider, register, env: { [MACHINES]: "nightly", [ACCEPT]: "true" } });
  const call = (token: string, body: unknown = WHO) => attacked.server.call(token, body);

  it("is accepted of a machine that is named", async () => {
    const answer = await call(await attacked.auth0.issueMachineToken({ clientId: "nightly" }));
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain("nightly@clients");
  });

  it("is refused of every other machine", async () => {
    expect((await call(await attacked.auth0.issueMachineToken({ clientId: "stranger" }))).status).toBe(401);
  });

  it.each([
    ["of our own application", { clientId: "login" }],
    ["of the machine's application", { clientId: "nightly" }],
    ["that says it is the machine's", { clientId: "nightly", claims: { gty: "client-credentials" } }],
    ["of an application that calls itself twice", { clientId: "nightly", claims: { client_id: "stranger" } }],
  ])("is refused when it is a user's, %s", async (_name, options) => {
    const answer = await call(await attacked.auth0.issueAccessToken({ user: "alice", ...options }));
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toContain("Users log in through this server");
  });

  it("Security rule 20: is refused of an agent, whose id nothing ties to its client", async () => {
    for (const claims of [
      { sub: "agt_5Vq" },
      { sub: "agt_5Vq", sub_profile: "ai_agent" },
      { sub: "auth0|alice", sub_profile: "ai_agent" },
    ]) {
      const answer = await call(await attacked.auth0.issueMachineToken({ clientId: "nightly", claims }));
      expect(answer.status).toBe(401);
      expect(answer.headers.get("www-authenticate")).toContain("at this server's /token");
    }
  });

  it.each([
    ["for another API", { audience: "https://other.example.com/api" }],
    ["that has expired", { expiresIn: -3600 }],
    ["of a forger", { key: "unpublished" as const }],
    ["unsigned", { algorithm: "none" as const }],
    ["signed with the public key", { algorithm: "HS256" as const }],
    ["of another issuer", { claims: { iss: "https://another.example.com/" } }],
    ["that never ends", { claims: { exp: undefined } }],
  ])("is refused %s", async (_name, options) => {
    expect((await call(await attacked.auth0.issueMachineToken({ clientId: "nightly", ...options }))).status).toBe(401);
  });

  it("has the scopes that the provider wrote into it", async () => {
    const reader = await attacked.auth0.issueMachineToken({ clientId: "nightly", scope: "weather:read" });
    expect((await call(reader, WRITE)).status).toBe(403);
    const writer = await attacked.auth0.issueMachineToken({ clientId: "nightly" });
    expect((await call(writer, WRITE)).status).toBe(200);
  });

  it("ends when it expires, though it was verified before", async () => {
    const token = await attacked.auth0.issueMachineToken({ clientId: "nightly", expiresIn: 60 });
    expect((await call(token)).status).toBe(200);
    attacked.advance(61);
    expect((await call(token)).status).toBe(401);
  });

  it("is no token at /token or /revoke", async () => {
    const token = await attacked.auth0.issueMachineToken({ clientId: "nightly" });
    const client = await attacked.client();
    expect((await client.refresh(token)).body.error).toBe("invalid_grant");
    await client.revoke(token);
    expect((await call(token)).status).toBe(200);
  });

  it("does not weaken the tokens of people", async () => {
    const { accessToken } = await attacked.login("alice", "openid");
    expect((await call(accessToken)).status).toBe(200);
    expect((await call(accessToken, WRITE)).status).toBe(403);
  });

  it.each([{}, { [MACHINES]: "[]" }])(
    "is turned on for nobody by a server that names no machines (%o)",
    async (env) => {
      const starting = attacked.launch({ env: { [MACHINES]: "", ...env, [ACCEPT]: "true" } });
      await expect(starting).rejects.toThrow(/MACHINE_CLIENTS/);
    },
  );

  it("is accepted of any machine where the configuration says so, and of no user", async () => {
    const any = await attacked.launch({ env: { [MACHINES]: "*", [ACCEPT]: "true" } });
    expect((await any.call(await attacked.auth0.issueMachineToken({ clientId: "stranger" }))).status).toBe(200);
    expect((await any.call(await attacked.auth0.issueAccessToken({ user: "alice" }))).status).toBe(401);
    await any.close();
  });

  it("but what registered here is none: the provider never sees its secret", async () => {
    const any = await attacked.launch({ env: { [MACHINES]: "*" } });
    attacked.auth0.requests.length = 0;
    const metadata = { redirect_uris: ["http://localhost/"], token_endpoint_auth_method: "client_secret_post" };
    const registered = await registerAt(any.origin, metadata);
    expect(registered.client_id.length).toBeLessThan(255);
    const { body } = await postForm(`${any.origin}/token`, { grant_type: "client_credentials", ...registered });
    expect(body.error).toBe("unauthorized_client");
    expect(attacked.auth0.requests.filter(isGrant)).toEqual([]);
    await any.close();
  });

  it("Security rule 17: is held to the organizations", async () => {
    const env = { [MACHINES]: "nightly", [ACCEPT]: "true", [`${PREFIX}ORGANIZATION`]: "org_acme" };
    const acme = await attacked.launch({ env });
    const token = (organization?: string) =>
      attacked.auth0.issueMachineToken({ clientId: "nightly", ...(organization !== undefined && { organization }) });
    expect((await acme.call(await token("org_acme"))).status).toBe(200);
    expect((await acme.call(await token("org_globex"))).status).toBe(401);
    expect((await acme.call(await token())).status).toBe(401);
    // At /token it asks for the organization itself.
    const { body } = await postForm(`${acme.origin}/token`, {
      grant_type: "client_credentials",
      client_id: "nightly",
      client_secret: SECRET,
      organization: "org_globex",
    });
    const answer = await acme.call(body.access_token, WHO);
    expect(await answer.text()).toContain("org_acme");
    await acme.close();
  });
});

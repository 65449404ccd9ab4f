import { describe, expect, it } from "vitest";
import { createTestClock } from "../proxy/testing/proxy-server.ts";
import { IntrospectionTokenVerifier } from "./introspection.ts";
import { PropelAuthProvider } from "./propelauth.ts";
import { protectServer } from "./testing/protected-server.ts";
import { CLIENT_ID, CLIENT_SECRET, isOurClient, startStandIn } from "./testing/stand-in.ts";

const PATH = "/oauth/2.1/introspect";

async function startIssuer(claims: (token: string) => Record<string, unknown> = () => ({})) {
  return startStandIn({
    authorizePath: "/authorize",
    tokenPath: "/token",
    issue: () => ({}),
    routes: (origin) => ({
      [PATH]: (request) => {
        if (!isOurClient(request)) {
          return { status: 401, json: { error: "invalid_client" } };
        }
        const token = request.form.token ?? "";
        const active = {
          active: true,
          token_type: "Bearer",
          sub: "alice",
          client_id: "mcp-client",
          scope: "weather:read",
          ...claims(token),
        };
        return { json: token.startsWith("good") ? active : { active: false } };
      },
      "/.well-known/oauth-authorization-server/oauth/2.1": () => ({
        json: { issuer: `${origin}/oauth/2.1`, authorization_endpoint: `${origin}/a`, token_endpoint: `${origin}/t` },
      }),
    }),
  });
}

async function start(
  changes: Readonly<Record<string, string>> = {},
  claims?: (token: string) => Record<string, unknown>,
) {
  const clock = createTestClock();
  const issuer = await startIssuer(claims);
  const server = await protectServer(
    IntrospectionTokenVerifier,
    { INTROSPECTION_URL: issuer.origin + PATH, CLIENT_ID, CLIENT_SECRET, ...changes },
    { clock: clock.now },
  );
  return { clock, issuer, server };
}

describe("Security: introspection of a token that may be a refresh token", () => {
  const NOTHING_SAID = { token_type: undefined };

  it.each([
    ["neither its kind nor an audience", NOTHING_SAID, {}, false],
    ["a kind of its own", { token_type: "legacy" }, {}, false],
    ["an access token's token_type", { token_type: "Bearer" }, {}, true],
    ["an access token's token_use", { ...NOTHING_SAID, token_use: "access" }, {}, true],
    ["a refresh token's token_use", { token_use: "refresh" }, {}, false],
    ["an audience that names nothing", { ...NOTHING_SAID, aud: [] }, {}, false],
    ["an empty audience", { ...NOTHING_SAID, aud: ["", null] }, {}, false],
    ["Keycloak's typ of a refresh token", { ...NOTHING_SAID, aud: "https://realm.example", typ: "Refresh" }, {}, false],
    ["Keycloak's typ of an offline token", { token_type: "Bearer", typ: "Offline" }, {}, false],
    ["Keycloak's typ of an access token", { token_type: "Bearer", typ: "Bearer" }, {}, true],
    [
      "a refresh token's token_type, with an audience",
      { token_type: "Refresh", aud: "api" },
      { AUDIENCE: "api" },
      false,
    ],
    ["an id token's token_type", { token_type: "id_token", aud: "api" }, { AUDIENCE: "api" }, false],
    ["an audience", { ...NOTHING_SAID, aud: "https://mcp.example.com/mcp" }, {}, true],
    ["the audience that is configured", { ...NOTHING_SAID, aud: "api" }, { AUDIENCE: "api" }, true],
  ] as const)("that states %s", async (_what, claims, variables, accepted) => {
    const { server } = await start(variables, () => claims);
    const verdict = server.verify("good-token");
    if (accepted) {
      await expect(verdict).resolves.toMatchObject({ subject: "alice" });
    } else {
      await expect(verdict).rejects.toThrow(/refresh token|not an access token/);
    }
  });
});

describe("IntrospectionTokenVerifier", () => {
  it("asks the issuer with Basic credentials, and takes the claims from its answer", async () => {
    const { issuer, server } = await start();
    expect(await server.verify("good")).toMatchObject({
      token: "good",
      subject: "alice",
      clientId: "mcp-client",
      scopes: ["weather:read"],
      claims: { active: true },
    });
    expect(issuer.to(PATH)[0]).toMatchObject({
      method: "POST",
      headers: { authorization: expect.stringMatching(/^Basic /) },
      form: { token: "good", token_type_hint: "access_token" },
    });
  });

  it("sends them in the body where it is told to", async () => {
    const { issuer, server } = await start({ CLIENT_AUTH_METHOD: "client_secret_post" });
    await server.verify("good");
    expect(issuer.to(PATH)[0]?.headers).not.toHaveProperty("authorization");
    expect(issuer.to(PATH)[0]?.form).toMatchObject({ client_id: CLIENT_ID, client_secret: CLIENT_SECRET });
  });

  it("remembers a good token for a short time only, and a bad one for seconds", async () => {
    const { clock, issuer, server } = await start();
    await Promise.all([server.verify("good"), server.verify("good")]);
    clock.advance(29);
    await server.verify("good");
    expect(issuer.to(PATH)).toHaveLength(1);
    clock.advance(2);
    await server.verify("good");
    expect(issuer.to(PATH)).toHaveLength(2);
    await expect(server.verify("bad")).rejects.toMatchObject({ code: "invalid_token" });
    await expect(server.verify("bad")).rejects.toMatchObject({ code: "invalid_token" });
    expect(issuer.to(PATH)).toHaveLength(3);
    clock.advance(5);
    await expect(server.verify("bad")).rejects.toMatchObject({ code: "invalid_token" });
    expect(issuer.to(PATH)).toHaveLength(4);
  });

  it("remembers nothing with CACHE_TTL_SECONDS=0", async () => {
    const { issuer, server } = await start({ CACHE_TTL_SECONDS: "0" });
    await server.verify("good");
    await server.verify("good");
    expect(issuer.to(PATH)).toHaveLength(2);
  });

  it("never remembers a token longer than it lasts", async () => {
    const end = Math.floor(Date.now() / 1000) + 10;
    const { clock, server } = await start({}, () => ({ exp: end }));
    await server.verify("good");
    clock.advance(11);
    await expect(server.verify("good")).rejects.toMatchObject({ code: "invalid_token" });
  });

  it.each([
    ["a refresh token", { token_type: "refresh_token" }],
    ["a token that is not valid yet", { nbf: 4_000_000_000 }],
    ["a token that has ended", { exp: 1 }],
    ["a token that is active in words only", { active: "true" }],
    ["a token of nobody", { sub: undefined, client_id: undefined }],
    ["a token for another audience", { aud: ["https://another.example"] }],
    ["a token for no audience", { aud: undefined }],
  ])("Security: refuses %s", async (_what, claims) => {
    const { server } = await start({ AUDIENCE: "https://mcp.example.com/mcp" }, () => ({
      aud: "https://mcp.example.com/mcp",
      ...claims,
    }));
    await expect(server.verify("good")).rejects.toMatchObject({ code: "invalid_token" });
  });

  it("Security rule 8: answers 503, never 401, while the issuer is out", async () => {
    const { issuer, server } = await start();
    for (const answer of [{ status: 500 }, { status: 429 }, { text: "<html>" }]) {
      issuer.override(PATH, () => answer);
      await expect(server.verify("good")).rejects.toMatchObject({ code: "temporarily_unavailable", status: 503 });
    }
  });

  it("answers 503 to clients and names the variables to the operator when its own credentials are wrong", async () => {
    const { server } = await start({ CLIENT_SECRET: "wrong" });
    await expect(server.verify("good")).rejects.toMatchObject({ status: 503 });
    expect(server.logger.lines.at(-1)).toMatchObject({
      level: "error",
      message: expect.stringContaining("FASTMCP_SERVER_AUTH_INTROSPECTION_CLIENT_SECRET"),
    });
  });

  it("answers 503 to clients and names the variable to the operator when the address is wrong", async () => {
    const { issuer, server } = await start();
    issuer.override(PATH, () => ({ status: 404 }));
    await expect(server.verify("good")).rejects.toMatchObject({ status: 503 });
    expect(server.logger.lines.at(-1)?.message).toContain("FASTMCP_SERVER_AUTH_INTROSPECTION_INTROSPECTION_URL");
  });

  it("tells the operator that tokens for other servers are accepted, unless there is an audience", async () => {
    const messages = async (changes: Readonly<Record<string, string>>) =>
      (await start(changes)).server.logger.lines.map(({ message }) => message).join();
    expect(await messages({})).toContain("FASTMCP_SERVER_AUTH_INTROSPECTION_AUDIENCE is not set");
    expect(await messages({ AUDIENCE: "https://mcp.example.com/mcp" })).toBe("");
  });

  it("gives up on an issuer that does not answer in time", async () => {
    const { issuer, server } = await start({ TIMEOUT_SECONDS: "1" });
    issuer.override(PATH, () => undefined);
    await expect(server.verify("good")).rejects.toMatchObject({ status: 503 });
  });
});

describe("PropelAuthProvider", () => {
  async function startPropelAuth(changes = {}, aud?: string) {
    const issuer = await startIssuer(() => ({ aud }));
    const server = await protectServer(PropelAuthProvider, {
      AUTH_URL: issuer.origin,
      INTROSPECTION_CLIENT_ID: CLIENT_ID,
      INTROSPECTION_CLIENT_SECRET: CLIENT_SECRET,
      BASE_URL: "https://mcp.example.com",
      ...changes,
    });
    return { issuer, server };
  }

  it("names PropelAuth to clients, and forwards its metadata", async () => {
    const { issuer, server } = await startPropelAuth();
    expect(server.authentication.authorizationServers).toEqual([`${issuer.origin}/oauth/2.1`]);
    const response = await fetch(`${server.address}/.well-known/oauth-authorization-server`);
    expect(await response.json()).toMatchObject({ issuer: `${issuer.origin}/oauth/2.1` });
  });

  it("accepts tokens for this server, and for no other", async () => {
    const own = await startPropelAuth({}, "https://mcp.example.com/mcp");
    expect(await own.server.verify("good")).toMatchObject({ subject: "alice" });
    const other = await startPropelAuth({}, "https://another.example/mcp");
    await expect(other.server.verify("good")).rejects.toMatchObject({ code: "invalid_token" });
    const set = await startPropelAuth({ RESOURCE: "https://another.example/mcp" }, "https://another.example/mcp");
    await expect(set.server.verify("good")).resolves.toBeDefined();
  });
});

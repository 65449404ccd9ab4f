import { describe, expect, it } from "vitest";
import { CLIENT_ID, CLIENT_SECRET, isOurClient, startStandIn } from "../../providers/testing/stand-in.ts";
import { diagnoseEnvironment, startTenant } from "../testing/diagnosis.ts";

const PREFIX = "FASTMCP_SERVER_AUTH_INTROSPECTION_";

async function startIssuer() {
  return startStandIn({
    authorizePath: "/authorize",
    tokenPath: "/token",
    issue: () => ({}),
    routes: () => ({
      "/introspect": (request) =>
        isOurClient(request) ? { json: { active: false } } : { status: 401, json: { error: "invalid_client" } },
    }),
  });
}

async function diagnose(origin: string, changes: Readonly<Record<string, string>> = {}) {
  const { of } = await diagnoseEnvironment({
    FASTMCP_SERVER_AUTH: "INTROSPECTION",
    [`${PREFIX}INTROSPECTION_URL`]: `${origin}/introspect`,
    [`${PREFIX}CLIENT_ID`]: CLIENT_ID,
    [`${PREFIX}CLIENT_SECRET`]: CLIENT_SECRET,
    ...changes,
  });
  return of("keys");
}

describe("the look-up of tokens", () => {
  it("is tried with a token that was made up, which must be refused", async () => {
    const issuer = await startIssuer();
    expect(await diagnose(issuer.origin)).toMatchObject([{ status: "ok" }]);
    expect(issuer.to("/introspect")[0]?.form.token).toMatch(/^doctor-/);
  });

  it.each([
    ["our credentials are wrong", { [`${PREFIX}CLIENT_SECRET`]: "another secret" }, `${PREFIX}CLIENT_SECRET`],
    ["there is nothing at its address", { path: "/elsewhere" }, `${PREFIX}INTROSPECTION_URL`],
  ])(
    "is a failure that names the variable when %s",
    async (_what, { path, ...changes }: Record<string, string>, name) => {
      const { origin } = await startIssuer();
      const url = path === undefined ? {} : { [`${PREFIX}INTROSPECTION_URL`]: origin + path };
      const [finding] = await diagnose(origin, { ...changes, ...url });
      expect(finding).toMatchObject({ status: "failure" });
      expect(finding?.message).toContain(name);
    },
  );

  it("is a failure while nothing answers", async () => {
    expect(await diagnose("http://127.0.0.1:2")).toMatchObject([{ status: "failure" }]);
  });

  it("is a warning when every token is accepted", async () => {
    const env = { FASTMCP_SERVER_AUTH: "DEBUG", FASTMCP_SERVER_AUTH_DEBUG_UNSAFE: "true" };
    expect((await diagnoseEnvironment(env)).of("keys")).toMatchObject([{ status: "warning" }]);
  });
});

describe("the audience of tokens that clients bring", () => {
  it("is told, and missed where there is none", async () => {
    const auth0 = await startTenant();
    const env = {
      FASTMCP_SERVER_AUTH: "JWT",
      FASTMCP_SERVER_AUTH_JWT_JWKS_URI: `${auth0.issuer}.well-known/jwks.json`,
      FASTMCP_SERVER_AUTH_JWT_ISSUER: auth0.issuer,
    };
    const [missing] = (await diagnoseEnvironment(env)).of("audience");
    expect(missing).toMatchObject({ status: "warning" });
    expect(missing?.fix).toContain("FASTMCP_SERVER_AUTH_JWT_AUDIENCE");
    const set = await diagnoseEnvironment({ ...env, FASTMCP_SERVER_AUTH_JWT_AUDIENCE: auth0.audience });
    expect(set.of("audience")).toMatchObject([{ status: "ok", message: expect.stringContaining(auth0.audience) }]);
  });
});

describe("the audience of tokens that are looked up", () => {
  it("is not said to be none, whatever AUDIENCE says", async () => {
    const { origin } = await startIssuer();
    const { of } = await diagnoseEnvironment({
      FASTMCP_SERVER_AUTH: "OAUTH",
      FASTMCP_SERVER_AUTH_OAUTH_AUTHORIZATION_ENDPOINT: `${origin}/authorize`,
      FASTMCP_SERVER_AUTH_OAUTH_TOKEN_ENDPOINT: `${origin}/token`,
      FASTMCP_SERVER_AUTH_OAUTH_INTROSPECTION_ENDPOINT: `${origin}/introspect`,
      FASTMCP_SERVER_AUTH_OAUTH_AUDIENCE: "the-api",
      FASTMCP_SERVER_AUTH_OAUTH_CLIENT_ID: CLIENT_ID,
      FASTMCP_SERVER_AUTH_OAUTH_CLIENT_SECRET: CLIENT_SECRET,
      FASTMCP_SERVER_AUTH_OAUTH_BASE_URL: "http://127.0.0.1:2",
    });
    expect(of("keys")).toMatchObject([{ status: "ok" }]);
    expect(of("audience")).toMatchObject([{ status: "skipped", message: expect.stringContaining("Introspection") }]);
  });
});

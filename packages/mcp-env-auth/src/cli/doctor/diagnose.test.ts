import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { systemClock } from "../../lib/clock.ts";
import { setOutgoing } from "../../outgoing.ts";
import { AUTH0, BASE_URL, diagnoseEnvironment, quickEnv, startTenant } from "../testing/diagnosis.ts";
import type { Subject } from "./subject.ts";
import { checkSubject } from "./subject-check.ts";

// A tenant begins with a key pair, which takes its time; tests that change the tenant put it right again.
let auth0: DevAuth0;
beforeAll(async () => {
  auth0 = await startDevAuth0();
});
afterEach(async () => {
  auth0.requests.length = 0;
  await auth0.restore();
});
afterAll(() => auth0.close());

describe("a configuration that works", () => {
  it("is checked in order, and nothing is wrong", async () => {
    const { findings } = await diagnoseEnvironment(quickEnv(auth0));
    expect(findings.map(({ check, status }) => `${check} ${status}`)).toEqual([
      "env-file ok",
      "variables ok",
      "provider ok",
      "discovery ok",
      "keys ok",
      "credentials ok",
      "callback ok",
      "audience ok",
      "offline-access ok",
      "base-url unknown",
      "clock ok",
      "storage ok",
    ]);
  });

  it("is checked in the same order without the network, where the callback URL to register comes first", async () => {
    const { findings } = await diagnoseEnvironment(quickEnv(auth0), { offline: true });
    expect(findings.map(({ check, status }) => `${check} ${status}`)).toEqual([
      "env-file ok",
      "variables ok",
      "provider ok",
      "callback skipped",
      "discovery skipped",
    ]);
  });

  it("that verifies tokens of others is checked in the same order, and has no login", async () => {
    const { findings } = await diagnoseEnvironment({
      FASTMCP_SERVER_AUTH: "REMOTE",
      FASTMCP_SERVER_AUTH_REMOTE_ISSUER: auth0.issuer,
      FASTMCP_SERVER_AUTH_REMOTE_JWKS_URI: `${auth0.issuer}.well-known/jwks.json`,
      FASTMCP_SERVER_AUTH_REMOTE_BASE_URL: BASE_URL,
      FASTMCP_PORT: new URL(BASE_URL).port,
    });
    expect(findings.map(({ check }) => check)).toEqual([
      ...["env-file", "variables", "provider", "discovery", "keys", "audience", "base-url", "clock", "storage"],
    ]);
  });

  it("logs nobody in and shows no page: the provider sees prompt=none, and a code that it does not know", async () => {
    await diagnoseEnvironment(quickEnv(auth0));
    expect(auth0.requests.filter(({ path }) => path.startsWith("/u/"))).toEqual([]);
    const tokens = auth0.requests.filter(({ path }) => path === "/oauth/token");
    expect(tokens.map(({ status }) => status)).toEqual([403]);
  });

  it("is not asked over the network with offline, which still says what to register", async () => {
    const { findings, of } = await diagnoseEnvironment(quickEnv(auth0), { offline: true });
    expect(auth0.requests).toEqual([]);
    expect(of("callback")[0]?.message).toContain(`${BASE_URL}/auth/callback`);
    expect(findings.filter(({ status }) => status === "failure")).toEqual([]);
  });
});

describe("documents of clients behind HTTPS_PROXY", () => {
  const variable = `${AUTH0}CLIENT_ID_METADATA_HOSTS`;
  const proxied = { HTTPS_PROXY: "http://127.0.0.1:9" };
  afterAll(() => setOutgoing(undefined));

  it.each([
    [{}, {}, false],
    [proxied, {}, true],
    [proxied, { [variable]: "[]" }, false],
    [proxied, { [variable]: "claude.ai" }, false],
    [proxied, { [variable]: "*" }, true],
    [{ ...proxied, NO_PROXY: "*" }, {}, false],
  ])("with %j and %j: a warning that names the variable: %s", async (outgoing, hosts, warns) => {
    const env = { ...quickEnv(auth0), ...outgoing, ...hosts };
    const found = (await diagnoseEnvironment(env, { offline: true })).of("client-documents");
    expect(found.map(({ status, fix }) => [status, fix?.includes(variable)])).toEqual(warns ? [["warning", true]] : []);
  });
});

describe("the policy in FASTMCP_AUTHORIZATION_FILE", () => {
  const policyFile = (text: string) => {
    const folder = mkdtempSync(join(tmpdir(), "policy-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, "authorization.json"), text);
    return { cwd: folder, env: { ...quickEnv(auth0), FASTMCP_AUTHORIZATION_FILE: "authorization.json" } };
  };

  it("is checked as far as it shows without the server's code, and without the network", async () => {
    const { env, cwd } = policyFile('{"tools":{"save_place":{"scopes":["weather:write"]},"*":{}}}');
    const { of } = await diagnoseEnvironment(env, { offline: true, cwd });
    expect(of("authorization")).toEqual([
      {
        check: "authorization",
        status: "ok",
        message:
          "authorization.json holds rules: 2 of tools. Whether the names are registered shows when the server starts.",
      },
    ]);
  });

  it.each([
    ['{"quotas":{"perUser":120}}', "authorization.json holds quotas: 120 requests a minute for each user."],
    [
      '{"prompts":{"*":{}},"quotas":{"perUser":120,"perClient":60}}',
      "authorization.json holds rules: 1 of prompts; quotas: 120 requests a minute for each user, 60 for each client. Whether the names are registered shows when the server starts.",
    ],
    ["{}", "authorization.json asks for nothing."],
  ])("says what %s holds", async (text, message) => {
    const { env, cwd } = policyFile(text);
    const { of } = await diagnoseEnvironment(env, { offline: true, cwd });
    expect(of("authorization")).toEqual([{ check: "authorization", status: "ok", message }]);
  });

  it("fails with each thing that is wrong with it", async () => {
    const { env, cwd } = policyFile('{"tools":{"a":{"role":[]},"b":{"scopes":[]}}}');
    const { of } = await diagnoseEnvironment(env, { offline: true, cwd });
    expect(of("variables")).toMatchObject([
      { status: "failure", message: expect.stringContaining("FASTMCP_AUTHORIZATION_FILE $.tools.a.role is no field") },
      {
        status: "failure",
        message: expect.stringContaining("FASTMCP_AUTHORIZATION_FILE $.tools.b.scopes is an empty"),
      },
    ]);
  });

  it("fails when it asks for roles that nothing can read", async () => {
    const { env, cwd } = policyFile('{"tools":{"a":{"roles":["editor"]}}}');
    const { of } = await diagnoseEnvironment(env, { offline: true, cwd });
    expect(of("authorization")).toMatchObject([
      { status: "failure", fix: expect.stringContaining(`${AUTH0}ROLES_CLAIM`) },
    ]);
    const configured = { ...env, [`${AUTH0}ROLES_CLAIM`]: "https://example.com/roles" };
    expect((await diagnoseEnvironment(configured, { offline: true, cwd })).of("authorization")[0]?.status).toBe("ok");
  });

  it("fails when it asks for permissions of a provider that tells none", async () => {
    const { env, cwd } = policyFile('{"tools":{"a":{"permissions":["documents:edit"]}}}');
    expect((await diagnoseEnvironment(env, { offline: true, cwd })).of("authorization")[0]?.status).toBe("ok");
    const discord = {
      FASTMCP_SERVER_AUTH: "DISCORD",
      FASTMCP_SERVER_AUTH_DISCORD_CLIENT_ID: "client",
      FASTMCP_SERVER_AUTH_DISCORD_CLIENT_SECRET: "a secret",
      FASTMCP_SERVER_AUTH_DISCORD_BASE_URL: BASE_URL,
      FASTMCP_AUTHORIZATION_FILE: env.FASTMCP_AUTHORIZATION_FILE,
    };
    expect((await diagnoseEnvironment(discord, { offline: true, cwd })).of("authorization")).toMatchObject([
      { status: "failure", message: expect.stringContaining("asks for permissions") },
    ]);
  });
});

describe("the variables", () => {
  it("are reported together, and what needs them is left out", async () => {
    const { findings, of } = await diagnoseEnvironment({ FASTMCP_SERVER_AUTH: "AUTH0", FASTMCP_PORT: "many" });
    const messages = of("variables").map(({ message }) => message);
    for (const name of ["FASTMCP_PORT", `${AUTH0}CONFIG_URL`, `${AUTH0}CLIENT_SECRET`, `${AUTH0}BASE_URL`]) {
      expect(messages.some((message) => message.startsWith(`${name} `))).toBe(true);
    }
    expect(of("variables").every(({ status }) => status === "failure")).toBe(true);
    expect(findings.at(-1)).toMatchObject({ check: "provider", status: "skipped" });
  });

  it("that are misspelt are a failure here, though the start only warns", async () => {
    const { of } = await diagnoseEnvironment({ ...quickEnv(auth0), [`${AUTH0}AUDIENC`]: "x" }, { offline: true });
    expect(of("variables")).toMatchObject([{ status: "failure" }]);
    expect(of("variables")[0]?.message).toContain(`Did you mean ${AUTH0}AUDIENCE?`);
  });

  it("of another provider are only left over", async () => {
    const env = { ...quickEnv(auth0), FASTMCP_SERVER_AUTH_GITHUB_CLIENT_ID: "x" };
    const { of } = await diagnoseEnvironment(env, { offline: true });
    expect(of("variables").map(({ status }) => status)).toEqual(["warning", "ok"]);
  });

  it("that only show to be wrong when the server is put together are found too", async () => {
    const env = { ...quickEnv(auth0), [`${AUTH0}ALLOWED_CLIENT_REDIRECT_URIS`]: '["client.example.com"]' };
    const { of } = await diagnoseEnvironment(env, { offline: true });
    expect(of("variables").map(({ status }) => status)).toContain("failure");
  });

  it("that are wrong come with a value that would be right, and where it is found", async () => {
    const { of } = await diagnoseEnvironment({ ...quickEnv(auth0), [`${AUTH0}BASE_URL`]: "x" }, { offline: true });
    expect(of("variables")[0]?.fix).toMatch(/^Set it to a value such as https:\/\/mcp\.example\.com \(the address/);
  });

  it("are missing altogether in an empty folder, and it says how to begin", async () => {
    const { of } = await diagnoseEnvironment({});
    expect(of("env-file")).toMatchObject([{ status: "failure" }]);
    expect(of("env-file")[0]?.fix).toContain("env --example");
  });

  it("of an open server or one on stdio are in order, and said to be so", async () => {
    expect((await diagnoseEnvironment({ FASTMCP_SERVER_AUTH: "none" })).of("provider")).toMatchObject([
      { status: "warning" },
    ]);
    const stdio = await diagnoseEnvironment({ FASTMCP_TRANSPORT: "stdio" });
    expect(stdio.of("provider")).toMatchObject([{ status: "skipped" }]);
  });
});

describe("discovery", () => {
  it("that fails is told with the variable, and the callback URL to register all the same", async () => {
    const env = quickEnv(auth0);
    await auth0.goOffline();
    const { of } = await diagnoseEnvironment(env);
    expect(of("discovery")).toMatchObject([{ status: "failure" }]);
    expect(of("discovery")[0]?.fix).toContain(`${AUTH0}CONFIG_URL`);
    expect(of("callback")[0]?.message).toContain(`${BASE_URL}/auth/callback`);
  });

  it.each([
    ["another issuer", { metadata: { issuer: "https://other.example/" } }, "https://other.example/"],
    ["a web page", "html", "web page"],
    ["no token endpoint", { metadata: { token_endpoint: undefined } }, "token_endpoint"],
  ] as const)("with %s is a failure that says so", async (_what, discovery, words) => {
    auth0.misbehave({ discovery });
    const { of } = await diagnoseEnvironment(quickEnv(auth0));
    expect(of("discovery")).toMatchObject([{ status: "failure" }]);
    expect(of("discovery")[0]?.message).toContain(words);
  });

  it("without offline_access warns that users will have to log in again", async () => {
    auth0.misbehave({ discovery: { metadata: { scopes_supported: ["openid"] } } });
    const { of } = await diagnoseEnvironment(quickEnv(auth0));
    expect(of("offline-access")).toMatchObject([{ status: "warning" }]);
  });
});

describe("the subject", () => {
  it("that the provider does not list is a warning that names the setting", async () => {
    auth0.misbehave({ discovery: { metadata: { claims_supported: ["iss", "aud", "username"] } } });
    const { of } = await diagnoseEnvironment(quickEnv(auth0));
    expect(of("subject")).toMatchObject([
      { status: "warning", fix: expect.stringContaining("FASTMCP_SERVER_AUTH_AUTH0_SUBJECT_CLAIM") },
    ]);
    const { of: configured } = await diagnoseEnvironment({
      ...quickEnv(auth0),
      FASTMCP_SERVER_AUTH_AUTH0_SUBJECT_CLAIM: "username",
    });
    expect(configured("subject")).toEqual([]);
  });

  it("that a provider has and does not list is no reason to warn", () => {
    const source = { issuer: "https://your-org.okta.com/oauth2/default", claimsSupported: ["iss", "sub", "name"] };
    const subject = { nameOf: (field: string) => field } as Subject;
    expect(checkSubject({ ...source, rules: { claim: "uid", unlisted: true } }, subject)).toEqual([]);
    expect(checkSubject({ ...source, rules: { claim: "uid" } }, subject)).toMatchObject([{ status: "warning" }]);
  });

  it("of Keycloak needs the client scope basic, which is said", () => {
    const source = { issuer: "https://keycloak.example.com/realms/demo", rules: {} };
    const [finding] = checkSubject(source, { nameOf: (field: string) => field } as Subject);
    expect(finding).toMatchObject({ status: "ok", message: expect.stringContaining('client scope "basic"') });
    expect(checkSubject({ ...source, issuer: "https://auth.example.com/" }, {} as Subject)).toEqual([]);
  });
});

describe("the keys", () => {
  it.each(["down", "html", { status: 500 }, { status: 200, body: '{"keys":[]}' }] as const)(
    "that can't be used are a failure (%j)",
    async (jwks) => {
      auth0.misbehave({ jwks });
      const { of } = await diagnoseEnvironment(quickEnv(auth0));
      expect(of("keys")).toMatchObject([{ status: "failure" }]);
    },
  );

  it("are checked for a server that only verifies tokens, and nothing about an application", async () => {
    const { findings, of } = await diagnoseEnvironment({
      FASTMCP_SERVER_AUTH: "JWT",
      FASTMCP_SERVER_AUTH_JWT_JWKS_URI: `${auth0.issuer}.well-known/jwks.json`,
    });
    expect(of("keys")).toMatchObject([{ status: "ok" }]);
    expect(findings.some(({ check }) => check === "callback" || check === "credentials")).toBe(false);
  });
});

describe("a provider at which clients register themselves", () => {
  const env = (issuer: string) => ({
    FASTMCP_SERVER_AUTH: "REMOTE",
    FASTMCP_SERVER_AUTH_REMOTE_ISSUER: issuer,
    FASTMCP_SERVER_AUTH_REMOTE_JWKS_URI: `${auth0.issuer}.well-known/jwks.json`,
    FASTMCP_SERVER_AUTH_REMOTE_BASE_URL: BASE_URL,
  });

  it("is found by its own metadata, and has no application to check", async () => {
    auth0.misbehave({ discovery: { metadata: { registration_endpoint: `${auth0.issuer}oidc/register` } } });
    const { findings, of } = await diagnoseEnvironment(env(auth0.issuer));
    expect(of("discovery")).toMatchObject([{ status: "ok" }]);
    expect(of("keys")).toMatchObject([{ status: "ok" }]);
    expect(of("clock")).toMatchObject([{ status: "ok" }]);
    expect(findings.some(({ check }) => check === "credentials" || check === "callback")).toBe(false);
  });

  it("whose issuer is spelt otherwise is a failure that shows the difference", async () => {
    const { of } = await diagnoseEnvironment(env(auth0.issuer.replace(/\/$/, "")));
    expect(of("discovery")).toMatchObject([{ status: "failure" }]);
    expect(of("discovery")[0]?.message).toContain("trailing slash");
  });
});

describe("a provider of one's own", () => {
  it("is checked as far as it is known", async () => {
    const cwd = mkdtempSync(join(tmpdir(), "own-provider-"));
    onTestFinished(() => rmSync(cwd, { recursive: true }));
    writeFileSync(
      join(cwd, "auth.mjs"),
      `export const provider = { baseUrl: undefined, authenticate: () => ({
        resource: undefined, verifier: {}, requiredScopes: [], authorizationServers: [], endpoints: [],
      }) };`,
    );
    const { findings } = await diagnoseEnvironment({ FASTMCP_SERVER_AUTH: "./auth.mjs#provider" }, { cwd });
    expect(findings.map(({ check, status }) => `${check} ${status}`)).toEqual([
      "env-file ok",
      "variables ok",
      "provider ok",
      "base-url skipped",
      "storage ok",
    ]);
  });
});

describe("the credentials", () => {
  it("name the method by which they are accepted", async () => {
    const tenant = await startTenant({
      applications: [
        {
          clientId: "a",
          clientSecret: "the-secret-of-a",
          type: "regular_web",
          tokenEndpointAuthMethod: "client_secret_post",
        },
      ],
    });
    const { of } = await diagnoseEnvironment(quickEnv(tenant));
    expect(of("credentials")).toMatchObject([{ status: "ok" }]);
    expect(of("credentials")[0]?.message).toContain("client_secret_post");
  });

  it("that are wrong are a failure that names both variables and shows neither value", async () => {
    const secret = "this-is-not-the-client-secret";
    const { of, findings } = await diagnoseEnvironment({ ...quickEnv(auth0), [`${AUTH0}CLIENT_SECRET`]: secret });
    expect(of("credentials")).toMatchObject([{ status: "failure" }]);
    expect(of("credentials")[0]?.fix).toContain(`${AUTH0}CLIENT_SECRET`);
    expect(JSON.stringify(findings)).not.toContain(secret);
  });

  it("can't be judged while the token endpoint fails", async () => {
    auth0.misbehave({ token: { status: 503 } });
    const { of } = await diagnoseEnvironment(quickEnv(auth0));
    expect(of("credentials")).toMatchObject([{ status: "failure" }]);
    expect(of("credentials")[0]?.message).toContain("503");
  });
});

describe("the callback URL", () => {
  it("that is not registered is a failure with the URL to register and where", async () => {
    const tenant = await startTenant({
      applications: [
        {
          clientId: "a",
          clientSecret: "the-secret-of-a",
          type: "regular_web",
          callbacks: ["https://elsewhere.example/cb"],
        },
      ],
    });
    const { of } = await diagnoseEnvironment(quickEnv(tenant));
    expect(of("callback")).toMatchObject([{ status: "failure" }]);
    expect(of("callback")[0]?.message).toContain("Callback URL mismatch");
    expect(of("callback")[0]?.fix).toContain(`${BASE_URL}/auth/callback`);
    expect(of("callback")[0]?.fix).toContain("Allowed Callback URLs");
    expect(of("audience")).toMatchObject([{ status: "unknown" }]);
  });

  it("can't be judged where the client is unknown, and it says which variable that is", async () => {
    const { of } = await diagnoseEnvironment({ ...quickEnv(auth0), [`${AUTH0}CLIENT_ID`]: "nobody" });
    expect(of("callback")).toMatchObject([{ status: "failure" }]);
    expect(of("callback")[0]?.fix).toContain(`${AUTH0}CLIENT_ID`);
  });

  it.each([
    ["a page", "html", "page"],
    ["an error", { status: 503 }, "503"],
  ] as const)("is said not to be known where the provider answers with %s", async (_what, authorize, words) => {
    auth0.misbehave({ authorize });
    const { of } = await diagnoseEnvironment(quickEnv(auth0));
    expect(of("callback")).toMatchObject([{ status: "unknown" }]);
    expect(of("callback")[0]?.message).toContain(words);
  });
});

describe("the audience", () => {
  it("that no API has is a failure", async () => {
    const { of } = await diagnoseEnvironment({
      ...quickEnv(auth0),
      [`${AUTH0}AUDIENCE`]: "https://nobody.example",
    });
    expect(of("callback")).toMatchObject([{ status: "ok" }]);
    expect(of("audience")).toMatchObject([{ status: "failure" }]);
    expect(of("audience")[0]?.message).toContain("https://nobody.example");
    expect(of("audience")[0]?.fix).toContain(`${AUTH0}AUDIENCE`);
  });

  it("is said not to be known where the provider accepts any before the login", async () => {
    const location = `${BASE_URL}/auth/callback?error=login_required`;
    auth0.misbehave({ authorize: { status: 302, headers: { location } } });
    const { of } = await diagnoseEnvironment(quickEnv(auth0));
    expect(of("callback")).toMatchObject([{ status: "ok" }]);
    expect(of("audience")).toMatchObject([{ status: "unknown" }]);
  });
});

describe("a login", () => {
  it("that the provider refuses for another reason is a failure with its words", async () => {
    auth0.misbehave({ authorize: { error: "unauthorized_client", description: "Grant type not allowed" } });
    const { of } = await diagnoseEnvironment(quickEnv(auth0));
    expect(of("callback")).toMatchObject([{ status: "ok" }]);
    expect(of("login")).toMatchObject([{ status: "failure" }]);
    expect(of("login")[0]?.message).toContain("unauthorized_client, Grant type not allowed");
    expect(of("audience")).toMatchObject([{ status: "unknown" }]);
  });
});

describe("organizations", () => {
  const application = { clientId: "app", clientSecret: "app secret", type: "regular_web" } as const;

  it.each([
    ["needs one, and the server names none", { organizationUsage: "require" }, {}, "is required for this client"],
    ["takes none, and the server names one", { organizationUsage: "deny" }, { ORGANIZATION: "org_1" }, "not allowed"],
    ["knows no such one", {}, { ORGANIZATION: "org_2" }, "invalid"],
  ] as const)("that the provider refuses are a failure (the application %s)", async (_what, settings, env, words) => {
    const auth0 = await startTenant({
      applications: [{ ...application, ...settings }],
      organizations: [{ id: "org_1", name: "one" }],
    });
    const own = Object.fromEntries(Object.entries(env).map(([name, value]) => [`${AUTH0}${name}`, value]));
    const { of } = await diagnoseEnvironment({ ...quickEnv(auth0), ...own });
    const [finding] = of("organization");
    expect(finding).toMatchObject({ status: "failure", message: expect.stringContaining(words) });
    expect(JSON.stringify(finding)).toContain(`${AUTH0}ORGANIZATION`);
    expect(JSON.stringify(finding)).toContain("Login Experience");
  });

  it("that the provider knows are none", async () => {
    const auth0 = await startTenant({
      applications: [{ ...application, organizationUsage: "require" }],
      organizations: [{ id: "org_1", name: "one" }],
    });
    const { of } = await diagnoseEnvironment({ ...quickEnv(auth0), [`${AUTH0}ORGANIZATION`]: "org_1" });
    expect([...of("organization"), ...of("login")]).toEqual([]);
  });
});

describe("the clock", () => {
  it.each([
    [90, "failure", "90 s ahead of"],
    [-90, "failure", "90 s behind"],
    [45, "warning", "45 s ahead of"],
    [15, "ok", "15 s ahead of"],
  ])("%d s off is a %s", async (seconds, status, words) => {
    const { of } = await diagnoseEnvironment(quickEnv(auth0), { clock: () => systemClock() + seconds });
    expect(of("clock")).toMatchObject([{ status }]);
    expect(
      of("clock")[0]?.message.replace(/\d+ s/, (text) => `${Math.round(Number.parseInt(text, 10) / 5) * 5} s`),
    ).toContain(words);
  });
});

describe("Redis", () => {
  it("that does not answer is a failure, without the URL's password", async () => {
    const env = { FASTMCP_SERVER_AUTH: "none", FASTMCP_STORAGE_URL: "redis://user:the-password@127.0.0.1:1" };
    const { of, findings } = await diagnoseEnvironment(env);
    expect(of("storage")).toMatchObject([{ status: "failure" }]);
    expect(JSON.stringify(findings)).not.toContain("the-password");
  });
});

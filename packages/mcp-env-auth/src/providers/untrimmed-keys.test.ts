import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { loadConfiguration } from "../configuration/load-configuration.ts";
import { environmentOf } from "../env/testing/environment-of.ts";
import { McpClient, TestBrowser } from "../proxy/testing/mcp-client.ts";
import { createRootKeys } from "../sealing/root-keys.ts";
import type { DeclaredProvider } from "./declaration.ts";
import { OIDCProxy } from "./oidc.ts";
import { type OidcStandIn, startOidcStandIn } from "./testing/oidc-stand-in.ts";
import { protectServer } from "./testing/protected-server.ts";
import { CLIENT_ID, CLIENT_SECRET } from "./testing/stand-in.ts";

const PREFIX = "FASTMCP_SERVER_AUTH_OIDC_";
const KEY = "a-signing-key-of-more-than-thirty-two-characters";

const AUDIENCE = "https://weather.example.com/api";

let provider: OidcStandIn;
beforeEach(async () => {
  provider = await startOidcStandIn({
    claims: (_grant, iss) => ({ iss, sub: "alice", aud: AUDIENCE, azp: CLIENT_ID, scope: "openid" }),
  });
});

const variables = (changes: Readonly<Record<string, string>> = {}) => ({
  CONFIG_URL: provider.configUrl,
  CLIENT_ID: CLIENT_ID,
  CLIENT_SECRET: CLIENT_SECRET,
  AUDIENCE: AUDIENCE,
  ...changes,
});

describe("a value with invisible characters at its ends", () => {
  it.each([
    "\r",
    "\n",
    "\t",
    "\u00a0",
    "\ufeff",
    "\u200b",
    "\u2060",
    "\u200e",
    "\u202a",
    "\u2069",
    "\u061c",
    "\u200d",
    "\u202f",
  ])("counts without %j, and a warning names the variable", async (end) => {
    const env = Object.entries(variables({ CLIENT_ID: `${CLIENT_ID}${end}`, BASE_URL: "https://mcp.example.com" }));
    const { warnings } = await loadConfiguration({
      processEnv: {
        FASTMCP_SERVER_AUTH: "oidc",
        ...Object.fromEntries(env.map(([name, value]) => [PREFIX + name, value])),
      },
      cwd: tmpdir(),
    });
    expect(warnings).toEqual([
      { variable: `${PREFIX}CLIENT_ID`, message: expect.stringContaining("invisible characters") },
    ]);
    const server = await protectServer(OIDCProxy, variables({ CLIENT_ID: `${CLIENT_ID}${end}` }));
    await expect(server.logIn()).resolves.toBeDefined();
  });

  it("keeps spaces and quotes of a secret, and says so without showing it", () => {
    for (const secret of [" secret", "secret ", '"secret"', "\u201csecret\u201d"]) {
      const { warnings = [] } = OIDCProxy.fromEnvironment(environmentOf({ [`${PREFIX}CLIENT_SECRET`]: secret }));
      expect(warnings).toEqual([
        { variable: `${PREFIX}CLIENT_SECRET`, message: expect.stringContaining("space or a quote") },
      ]);
      expect(JSON.stringify(warnings)).not.toContain("secret ");
    }
  });

  it("counts in a secret's file, too", async () => {
    const folder = mkdtempSync(join(tmpdir(), "secret-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, "secret"), `${CLIENT_SECRET}\r\n\n`);
    const { CLIENT_SECRET: _file, ...others } = variables();
    const server = await protectServer(OIDCProxy, { ...others, CLIENT_SECRET_FILE: join(folder, "secret") });
    await expect(server.logIn()).resolves.toBeDefined();
    const file = `${join(folder, "secret")}\r`;
    const odd = await protectServer(OIDCProxy, { ...others, CLIENT_SECRET_FILE: file });
    await expect(odd.logIn()).resolves.toBeDefined();
    const { warnings = [] } = OIDCProxy.fromEnvironment(environmentOf({ [`${PREFIX}CLIENT_SECRET_FILE`]: file }));
    expect(warnings.map(({ variable }) => variable)).toContain(`${PREFIX}CLIENT_SECRET_FILE`);
  });

  it("counts without them in each kind of field", () => {
    const kinds = {
      ...{ AUDIENCE, CLIENT_ID, FORWARD_RESOURCE: "true", TIMEOUT_SECONDS: "5", REVOKE_UPSTREAM: "false" },
      ...{ BASE_URL: "https://mcp.example.com", CONFIG_URL: "https://issuer.example/.well-known/openid-configuration" },
      ...{ REQUIRED_SCOPES: "openid read", VALID_SCOPES: '["read","write"]', REDIRECT_PATH: "/auth/back" },
      ...{ EXTRA_AUTHORIZE_PARAMS: '{"ui_locales":"fr"}', EXTRA_TOKEN_PARAMS: '{"a":"b"}', ALGORITHM: "ES256,RS256" },
      ...{ OFFLINE_ACCESS: "consent", TOKEN_ENDPOINT_AUTH_METHOD: "client_secret_post", CLIENT_SECRET: "a secret" },
      ...{ ALLOWED_CLIENT_REDIRECT_URIS: '["https://a.example/cb"]', CLIENT_ID_METADATA_HOSTS: "claude.ai" },
    };
    const read = (end: string) => {
      const set = Object.entries(kinds).map(([name, value]) => [PREFIX + name, `${end}${value}${end}`]);
      return OIDCProxy.fromEnvironment(environmentOf(Object.fromEntries(set)));
    };
    const plain = read("");
    expect(plain.problems).toEqual([]);
    expect(plain.warnings).toEqual([]);
    for (const end of ["\r", "\t", "\u00a0", "\ufeff", "\u200b", "\u2060", "\u200f", "\u202c", "\u2066", "\u2007"]) {
      const odd = read(end);
      expect(odd.problems, JSON.stringify(end)).toEqual([]);
      expect(odd.warnings?.map(({ variable }) => variable).sort()).toEqual(
        Object.keys(kinds)
          .map((name) => PREFIX + name)
          .sort(),
      );
      expect(odd.origins).toEqual(plain.origins);
    }
  });
});

/** What an earlier release did with the variables: keys counted exactly as they were set. */
function untrimmed(exact: { readonly clientSecret?: string; readonly jwtSigningKey?: string }): DeclaredProvider {
  return {
    declaration: OIDCProxy.declaration,
    fromEnvironment(environment) {
      const configured = new OIDCProxy({
        configUrl: provider.configUrl,
        clientId: CLIENT_ID,
        audience: AUDIENCE,
        baseUrl: environment.get(`${PREFIX}BASE_URL`)?.value ?? "",
        clientSecret: CLIENT_SECRET,
        ...exact,
      });
      return { provider: configured, problems: [], origins: [], secrets: [] };
    },
  };
}

describe("Security: a key that changes by trimming", () => {
  it.each([
    ["the signing key", { jwtSigningKey: `${KEY}\r` }, { JWT_SIGNING_KEY: `${KEY}\r` }],
    ["a mark of direction", { jwtSigningKey: `\u2066${KEY}\u2069` }, { JWT_SIGNING_KEY: `\u2066${KEY}\u2069` }],
    ["a narrow space", { jwtSigningKey: `${KEY}\u202f` }, { JWT_SIGNING_KEY: `${KEY}\u202f` }],
    [
      "one of several previous keys",
      { jwtSigningKey: `${KEY}\u200e` },
      { JWT_SIGNING_KEY: `${KEY}-2`, JWT_SIGNING_KEY_PREVIOUS: `${KEY}-1 ${KEY}\u200e` },
    ],
    ["a byte order mark", { jwtSigningKey: `\ufeff${KEY}` }, { JWT_SIGNING_KEY: `\ufeff${KEY}` }],
    [
      "a previous key",
      { jwtSigningKey: `${KEY}\u200b` },
      { JWT_SIGNING_KEY: `${KEY}-2`, JWT_SIGNING_KEY_PREVIOUS: `${KEY}\u200b` },
    ],
  ] as const)("still opens what it sealed: %s", async (_what, earlier, now) => {
    const before = await protectServer(untrimmed(earlier), variables());
    const { client, tokens } = await before.logIn();
    const after = await protectServer(OIDCProxy, variables({ ...now, BASE_URL: before.address }));
    expect((await after.verify(tokens.access_token)).subject).toBe("alice");
    expect(client).toBeDefined();
  });

  it.each([KEY, `${KEY}\u200b`])(
    "still opens a public client's id where it is listed for registrations: %j",
    async (key) => {
      const before = await protectServer(untrimmed({ jwtSigningKey: key }), variables());
      const { client, tokens } = await before.logIn();
      const now = { JWT_SIGNING_KEY: `${KEY}-2`, JWT_SIGNING_KEY_REGISTRATIONS: key, BASE_URL: before.address };
      const after = await protectServer(OIDCProxy, variables(now));
      const moved = new McpClient({ ...client.server, address: after.address }, client.redirectUri);
      moved.id = client.id;
      expect((await new TestBrowser().get(moved.authorizeUrl())).status).toBe(200);
      expect((await moved.refresh(tokens.refresh_token)).body.error).toBe("invalid_grant");
      const { secrets } = OIDCProxy.fromEnvironment(environmentOf({ [`${PREFIX}JWT_SIGNING_KEY_REGISTRATIONS`]: key }));
      expect(secrets).toContain(key);
    },
  );

  it.each([
    ["the client secret, without a signing key", { CLIENT_SECRET: `${CLIENT_SECRET}\r` }],
    [
      "the client secret of before a signing key",
      { JWT_SIGNING_KEY: KEY, JWT_SIGNING_KEY_PREVIOUS: JSON.stringify([`${CLIENT_SECRET}\r`]) },
    ],
  ])("still opens the registrations that it sealed: %s", async (_what, now) => {
    const before = await protectServer(untrimmed({ clientSecret: `${CLIENT_SECRET}\r` }), variables());
    const client = await before.register();
    const [redirectUri = ""] = [client.redirectUri];
    const request = new URLSearchParams({ client_id: client.id, redirect_uri: redirectUri, response_type: "code" });
    const isKnown = async ({ address }: { address: string }) => {
      const answer = await fetch(`${address}/authorize?${request}`, { redirect: "manual" });
      return !(await answer.text()).includes("does not know the client_id");
    };
    const after = await protectServer(OIDCProxy, variables({ ...now, BASE_URL: before.address }));
    expect(await isKnown(after)).toBe(true);
    const other = await protectServer(OIDCProxy, variables({ JWT_SIGNING_KEY: KEY, BASE_URL: before.address }));
    expect(await isKnown(other)).toBe(false);
  });

  it("seals nothing new, and is never shown", async () => {
    const exact = `${KEY}\r`;
    const server = await protectServer(OIDCProxy, variables({ JWT_SIGNING_KEY: exact }));
    const { tokens } = await server.logIn();
    const [trimmedKey, exactKey] = await createRootKeys({ secret: KEY, previousSecrets: [exact] });
    const header = JSON.parse(Buffer.from(tokens.access_token.split(".")[0] ?? "", "base64url").toString());
    expect(header.kid).toBe(trimmedKey?.keyId);
    expect(header.kid).not.toBe(exactKey?.keyId);
    const { secrets } = OIDCProxy.fromEnvironment(environmentOf({ [`${PREFIX}JWT_SIGNING_KEY`]: exact }));
    expect(secrets).toEqual(expect.arrayContaining([KEY, exact]));
  });
});

describe("a placeholder", () => {
  it.each(["YOUR_CLIENT_ID", "…", "<client id>", "..."])("is refused as the whole value: %s", (value) => {
    const { problems } = OIDCProxy.fromEnvironment(environmentOf({ [`${PREFIX}CLIENT_ID`]: value }));
    expect(problems.find(({ variable }) => variable === `${PREFIX}CLIENT_ID`)?.message).toMatch(/^is a placeholder/);
  });
});

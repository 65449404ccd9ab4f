import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { loadConfiguration } from "../configuration/load-configuration.ts";
import { environmentOf } from "../env/testing/environment-of.ts";
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
  it.each(["\r", "\n", "\u00a0", "\ufeff", "\u200b"])(
    "counts without %j, and a warning names the variable",
    async (end) => {
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
    },
  );

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

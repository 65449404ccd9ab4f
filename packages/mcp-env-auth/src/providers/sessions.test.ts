import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { builtInProviders } from "../configuration/built-in-providers.ts";
import { environmentOf } from "../env/testing/environment-of.ts";
import { createMemoryGuardStore } from "../store/memory-guard-store.ts";
import { ClerkProvider } from "./clerk.ts";
import type { DeclaredProvider } from "./declaration.ts";
import { OAuthProxy } from "./oauth.ts";
import { OIDCProxy } from "./oidc.ts";
import { createTestContext } from "./testing/context.ts";
import { startOidcStandIn } from "./testing/oidc-stand-in.ts";
import { protectServer } from "./testing/protected-server.ts";
import { CLIENT_ID, CLIENT_SECRET } from "./testing/stand-in.ts";

const AUDIENCE = "https://weather.example.com/api";
const REVOKE = "/revoke";

async function start(
  variables: Readonly<Record<string, string>> = {},
  scopesSupported: readonly string[] = ["openid"],
  answer: Readonly<Record<string, unknown>> = {},
) {
  const standIn = await startOidcStandIn({
    claims: (_grant, iss) => ({ iss, sub: "alice", aud: AUDIENCE, azp: CLIENT_ID, scope: "openid" }),
    scopesSupported,
    answer: () => answer,
    revocationPath: REVOKE,
    otherRoutes: { [REVOKE]: () => ({ status: 200, text: "" }) },
  });
  const settings = { CONFIG_URL: standIn.configUrl, CLIENT_ID, CLIENT_SECRET, AUDIENCE, ...variables };
  const store = createMemoryGuardStore({ clock: createTestContext({}).clock });
  return { standIn, server: await protectServer(OIDCProxy, settings, { store }) };
}

describe("OFFLINE_ACCESS", () => {
  it.each([
    [undefined, ["openid"], "openid", undefined],
    [undefined, ["openid", "offline_access"], "openid offline_access", undefined],
    ["off", ["openid", "offline_access"], "openid", undefined],
    ["scope", ["openid"], "openid offline_access", undefined],
    ["consent", ["openid"], "openid offline_access", "consent"],
    ["true", ["openid"], "openid offline_access", undefined],
    ["false", ["openid", "offline_access"], "openid", undefined],
  ] as const)("%s, where the provider lists %j, asks for %s", async (mode, listed, scope, prompt) => {
    const { standIn, server } = await start(mode === undefined ? {} : { OFFLINE_ACCESS: mode }, listed);
    await server.logIn();
    const { query } = standIn.to("/authorize")[0] ?? {};
    expect([query?.scope, query?.prompt]).toEqual([scope, prompt]);
  });

  it("leaves a prompt of the operator's as it is", async () => {
    const { standIn, server } = await start({
      OFFLINE_ACCESS: "consent",
      EXTRA_AUTHORIZE_PARAMS: '{"prompt":"login"}',
    });
    await server.logIn();
    expect(standIn.to("/authorize")[0]?.query.prompt).toBe("login");
  });

  it.each([
    ["off", ["openid"], "OIDC_OFFLINE_ACCESS is off"],
    [
      undefined,
      ["openid"],
      "does not list that scope. If the provider knows it, set FASTMCP_SERVER_AUTH_OIDC_OFFLINE_",
    ],
    ["scope", ["openid"], "set FASTMCP_SERVER_AUTH_OIDC_OFFLINE_ACCESS=consent"],
    ["consent", ["openid"], "asked for offline_access with prompt=consent"],
  ] as const)("%s without a refresh token: the log says why there may be none", async (mode, listed, words) => {
    const variables = mode === undefined ? {} : { OFFLINE_ACCESS: mode };
    const { server } = await start(variables, listed, { refresh_token: undefined });
    await server.logIn();
    const line = server.logger.lines.find(({ message }) => message.includes("no refresh token"));
    expect(line?.message).toContain(words);
  });

  it.each([OIDCProxy, OAuthProxy, ClerkProvider] as const)("must be a known word", (provider: DeclaredProvider) => {
    const { prefix } = provider.declaration;
    const { problems } = provider.fromEnvironment(environmentOf({ [`${prefix}OFFLINE_ACCESS`]: "maybe" }));
    expect(problems.find(({ variable }) => variable === `${prefix}OFFLINE_ACCESS`)?.message).toContain(
      "off, scope, consent",
    );
  });
});

describe("REVOKE_UPSTREAM", () => {
  it.each([
    ["true", 1],
    ["false", 0],
  ] as const)("%s: a logout ends the session here, and %i token at the provider", async (value, count) => {
    const { standIn, server } = await start({ REVOKE_UPSTREAM: value });
    const { client, tokens } = await server.logIn();
    expect((await client.revoke(tokens.refresh_token)).status).toBe(200);
    expect(standIn.to(REVOKE)).toHaveLength(count);
    expect((await client.refresh(tokens.refresh_token)).body.error).toBe("invalid_grant");
    await expect(server.verify(tokens.access_token)).rejects.toThrow("revoked");
  });

  it("false warns at the start that without Redis a logout counts in one process", async () => {
    const messages = ({ logger }: { logger: { lines: readonly { message: string }[] } }) =>
      logger.lines.map(({ message }) => message);
    const { server } = await start({ REVOKE_UPSTREAM: "false" });
    expect(messages(server).filter((message) => message.includes("FASTMCP_STORAGE_URL"))).toHaveLength(1);
    const { server: other } = await start();
    expect(messages(other).filter((message) => message.includes("FASTMCP_STORAGE_URL"))).toEqual([]);
  });

  it.each(["true", "false"])("has %s as its default at the providers that SECURITY.md names", (value) => {
    const page = readFileSync(new URL("../../../../SECURITY.md", import.meta.url), "utf8");
    const named = new RegExp(`^\\| ([^|]+) \\| \`${value}\`[:| ]`, "m").exec(page)?.[1]?.split(", ");
    const declared = builtInProviders
      .map(({ declaration }) => declaration)
      .filter(({ fields }) => String(fields.revokeUpstream?.default) === value)
      .map(({ title }) => title);
    expect(named).toEqual(declared.sort((one, other) => one.localeCompare(other, "en")));
  });
});

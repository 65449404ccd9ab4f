import { describe, expect, it } from "vitest";
import { environmentOf } from "../env/testing/environment-of.ts";
import { TestBrowser } from "../proxy/testing/mcp-client.ts";
import type { DeclaredProvider } from "./declaration.ts";
import { OAuthProxy } from "./oauth.ts";
import { OIDCProxy } from "./oidc.ts";
import { type OidcStandIn, startOidcStandIn } from "./testing/oidc-stand-in.ts";
import { protectServer } from "./testing/protected-server.ts";
import { CLIENT_ID, CLIENT_SECRET, isOurClient } from "./testing/stand-in.ts";

const AUDIENCE = "https://weather.example.com/api";

/** A provider that refuses every request with a parameter of PKCE, as LinkedIn does. */
async function startProvider(): Promise<OidcStandIn> {
  const standIn = await startOidcStandIn({
    claims: (_grant, iss) => ({ iss, sub: "alice", aud: AUDIENCE, azp: CLIENT_ID, scope: "openid" }),
  });
  const codes = new Map<string, string>();
  standIn.override("/authorize", ({ query }) => {
    const location = new URL(query.redirect_uri ?? "");
    const refused = query.code_challenge !== undefined || query.code_challenge_method !== undefined;
    const code = `code-${codes.size + 1}`;
    codes.set(code, query.nonce ?? "");
    location.search = new URLSearchParams({
      ...(refused ? { error: "invalid_request", error_description: "code_challenge is not supported" } : { code }),
      state: query.state ?? "",
    }).toString();
    return { status: 302, headers: { location: location.href } };
  });
  standIn.override("/token", async (request) => {
    const { form } = request;
    if (!isOurClient(request) || form.code_verifier !== undefined) {
      return { status: 400, json: { error: "invalid_request", error_description: "code_verifier is not supported" } };
    }
    const nonce = codes.get(form.code ?? "");
    if (nonce === undefined) {
      return { status: 400, json: { error: "invalid_grant" } };
    }
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: standIn.issuer, sub: "alice", iat: now, exp: now + 600 };
    return {
      json: {
        access_token: await standIn.signer.sign({ ...claims, aud: AUDIENCE, azp: CLIENT_ID, scope: "openid" }),
        id_token: await standIn.signer.sign({ ...claims, aud: CLIENT_ID, nonce }),
        token_type: "Bearer",
      },
    };
  });
  return standIn;
}

const PROVIDERS: readonly (readonly [DeclaredProvider, (standIn: OidcStandIn) => Record<string, string>])[] = [
  [OIDCProxy, ({ configUrl }) => ({ CONFIG_URL: configUrl })],
  [
    OAuthProxy,
    ({ origin, issuer }) => ({
      AUTHORIZATION_ENDPOINT: `${origin}/authorize`,
      TOKEN_ENDPOINT: `${origin}/token`,
      JWKS_URI: `${origin}/jwks.json`,
      ISSUER: issuer,
      REQUIRED_SCOPES: "openid",
    }),
  ],
];

async function start([provider, addressOf]: (typeof PROVIDERS)[number], variables: Record<string, string> = {}) {
  const standIn = await startProvider();
  const settings = { CLIENT_ID, CLIENT_SECRET, AUDIENCE, ...addressOf(standIn), ...variables };
  return { standIn, server: await protectServer(provider, settings) };
}

describe.each(PROVIDERS)("FORWARD_PKCE=false", (...row) => {
  const name = row[0].declaration.title;

  it(`logs users in at a provider without PKCE: ${name}`, async () => {
    const { standIn, server } = await start(row, { FORWARD_PKCE: "false" });
    const { tokens } = await server.logIn();
    expect((await server.verify(tokens.access_token)).subject).toBe("alice");
    expect(standIn.requests.filter(({ query, form }) => query.code_challenge ?? form.code_verifier)).toEqual([]);
    expect(server.logger.lines.map(({ fields }) => fields)).toContainEqual({ event: "no-pkce" });
  });

  it(`is named where a provider refuses PKCE, which is used otherwise: ${name}`, async () => {
    const { standIn, server } = await start(row);
    await expect(server.logIn()).rejects.toThrow();
    expect(standIn.to("/authorize")[0]?.query).toMatchObject({ code_challenge_method: "S256" });
    expect(server.logger.lines.map(({ message }) => message).join()).toContain("_FORWARD_PKCE=false");
    expect(server.logger.lines.map(({ fields }) => fields)).not.toContainEqual({ event: "no-pkce" });
  });

  it(`Security rule 5: is refused for an application without a secret: ${name}`, () => {
    const { prefix } = row[0].declaration;
    const problems = (variables: Record<string, string>) =>
      row[0]
        .fromEnvironment(
          environmentOf(
            Object.fromEntries(
              Object.entries({ FORWARD_PKCE: "false", ...variables }).map(([key, value]) => [prefix + key, value]),
            ),
          ),
        )
        .problems.filter(({ variable }) => variable === `${prefix}FORWARD_PKCE`);
    expect(problems({ CLIENT_SECRET })).toEqual([]);
    expect(problems({})[0]?.message).toContain("without a secret");
    expect(problems({ CLIENT_SECRET, TOKEN_ENDPOINT_AUTH_METHOD: "none" })).toHaveLength(1);
  });

  it(`Security rule 5: MCP clients use PKCE all the same: ${name}`, async () => {
    const { server } = await start(row, { FORWARD_PKCE: "false" });
    const client = await server.register();
    const code = (await client.authorize()).searchParams.get("code") ?? "";
    const { body } = await client.redeem(code, { code_verifier: "x".repeat(43) });
    expect(body.error).toBe("invalid_grant");
  });
});

describe("Security rule 5: without PKCE, a code of another login", () => {
  it.each(PROVIDERS.map((row) => [row[0].declaration.title, row] as const))(
    "is refused by its nonce, where the provider sends id tokens: %s",
    async (_name, row) => {
      const { server } = await start(row, { FORWARD_PKCE: "false" });
      const client = await server.register();
      const victim = await client.reachCallback(new TestBrowser());
      const browser = new TestBrowser();
      const callback = await client.reachCallback(browser);
      callback.searchParams.set("code", victim.searchParams.get("code") ?? "");
      const answer = await browser.get(callback);
      const code = new URL(answer.headers.get("location") ?? "").searchParams.get("code") ?? "";
      const { body } = await client.redeem(code);
      expect(body).not.toHaveProperty("access_token");
      expect(server.logger.lines.map(({ message }) => message).join()).toContain("nonce");
    },
  );
});

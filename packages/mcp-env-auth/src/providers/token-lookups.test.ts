import { describe, expect, it } from "vitest";
import { environmentOf } from "../env/testing/environment-of.ts";
import { ClerkProvider } from "./clerk.ts";
import type { DeclaredProvider } from "./declaration.ts";
import { discordAt } from "./discord.ts";
import { gitHubAt } from "./github.ts";
import { googleAt } from "./google.ts";
import { huggingFaceAt } from "./huggingface.ts";
import { OAuthProxy } from "./oauth.ts";
import { OIDCProxy } from "./oidc.ts";
import { createTestContext } from "./testing/context.ts";
import { startStandIn } from "./testing/stand-in.ts";
import { WorkOSProvider } from "./workos.ts";

type Setup = readonly [provider: DeclaredProvider, variables: Readonly<Record<string, string>>];

const TABLE: Readonly<Record<string, (origin: string) => Setup>> = {
  Clerk: (origin) => [ClerkProvider, { DOMAIN: origin }],
  Discord: (origin) => [discordAt(origin), {}],
  GitHub: (origin) => [gitHubAt({ site: origin, api: origin }), {}],
  Google: (origin) => [
    googleAt({ authorization: origin, token: origin, revocation: origin, tokenInfo: origin, userinfo: origin }),
    {},
  ],
  "Hugging Face": (origin) => [huggingFaceAt(origin), {}],
  WorkOS: (origin) => [WorkOSProvider, { AUTHKIT_DOMAIN: origin }],
  "any OAuth provider with userinfo": (origin) => [
    OAuthProxy,
    { AUTHORIZATION_ENDPOINT: origin, TOKEN_ENDPOINT: origin, USERINFO_ENDPOINT: origin },
  ],
  "any OAuth provider with introspection": (origin) => [
    OAuthProxy,
    { AUTHORIZATION_ENDPOINT: origin, TOKEN_ENDPOINT: origin, INTROSPECTION_ENDPOINT: origin },
  ],
};

const REQUIRED = {
  CLIENT_ID: "id",
  CLIENT_SECRET: "a secret",
  BASE_URL: "http://localhost:8000",
  TIMEOUT_SECONDS: "1",
};

/** A provider that is called and never answers. */
async function startSilence(): Promise<string> {
  const routes = Object.fromEntries(SILENT_PATHS.map((path) => [path, () => undefined]));
  const standIn = await startStandIn({
    authorizePath: "/authorize",
    tokenPath: "/token",
    issue: () => ({}),
    routes: () => routes,
  });
  return standIn.origin;
}

const SILENT_PATHS = [
  "/",
  "/.well-known/openid-configuration",
  "/api/oauth2/@me",
  "/api/oauth2/token",
  "/applications/id/token",
  "/login/oauth/access_token",
  "/oauth/token",
  "/oauth/token_info",
  "/oauth/userinfo",
  "/oauth2/introspection",
  "/oauth2/token",
];

function applicationOf([provider, variables]: Setup) {
  const named = Object.entries({ ...REQUIRED, ...variables }).map(([name, value]) => [
    provider.declaration.prefix + name,
    value,
  ]);
  const { upstream } = provider.fromEnvironment(environmentOf(Object.fromEntries(named))).provider ?? {};
  if (upstream?.kind !== "application") {
    throw new Error("These providers log users in.");
  }
  return upstream;
}

describe("the opaque tokens of a provider", () => {
  it.each(Object.entries(TABLE))(
    "of %s are looked up at the exchange and each refresh, and then sealed in",
    async (_, setUp) => {
      const upstream = await applicationOf(setUp("https://idp.example")).discover(createTestContext());
      expect(upstream.tokenKind).toBe("opaque");
    },
  );
});

const unavailable = { kind: "unavailable", message: expect.stringContaining("nothing came within 1 s") };

describe("TIMEOUT_SECONDS", () => {
  it.each(Object.entries(TABLE))("is how long %s has for a token and for what it says of one", async (_name, setUp) => {
    const { client, tokens } = await applicationOf(setUp(await startSilence())).discover(createTestContext());
    await Promise.all([
      expect(client.refresh("a refresh token", [])).rejects.toMatchObject(unavailable),
      expect(tokens.verify("an access token")).rejects.toMatchObject(unavailable),
    ]);
  });

  it("is how long any OpenID provider has for its discovery document", async () => {
    const configUrl = `${await startSilence()}/.well-known/openid-configuration`;
    const application = applicationOf([OIDCProxy, { CONFIG_URL: configUrl }]);
    await expect(application.discover(createTestContext())).rejects.toMatchObject(unavailable);
  });
});

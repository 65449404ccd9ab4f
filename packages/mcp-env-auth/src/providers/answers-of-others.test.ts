import { describe, expect, it } from "vitest";
import type { DeclaredProvider } from "./declaration.ts";
import { gitHubAt } from "./github.ts";
import { OAuthProxy } from "./oauth.ts";
import { OIDCProxy } from "./oidc.ts";
import { startOidcStandIn } from "./testing/oidc-stand-in.ts";
import { type ProtectedServer, protectServer } from "./testing/protected-server.ts";
import { CLIENT_ID, CLIENT_SECRET, type StandInAnswer } from "./testing/stand-in.ts";

const CHECK = `/applications/${CLIENT_ID}/token`;
const PAGE = { headers: { "content-type": "text/html" }, text: "<!doctype html><title>Attention required</title>" };

/** What a firewall, a login wall or a gateway answers in the provider's place. */
const ANSWERS: readonly StandInAnswer[] = [
  ...[200, 400, 401, 403, 404, 405].map((status) => ({ status, ...PAGE })),
  { status: 302, headers: { location: "https://login.example.com/" } },
  ...[400, 403, 404, 405].map((status) => ({ status })),
  { status: 403, json: { message: "Forbidden" } },
  { status: 403, json: { errorCode: "E0000006", errorSummary: "You do not have permission to do this." } },
  { status: 400, json: { timestamp: "2026-08-01", status: 400, error: "Bad Request", path: "/" } },
  { status: 200, json: {} },
  { status: 200, json: { message: "Down for maintenance" } },
  { status: 500, ...PAGE },
  { status: 429, ...PAGE },
];

/** A provider of JWTs and opaque tokens, and GitHub's endpoints beside. */
async function startProvider() {
  const codes = new Set<string>();
  const used = new Set<string>();
  const provider = await startOidcStandIn({
    machines: ["night-job"],
    claims: ({ scope, nonce }, iss) => ({
      iss,
      sub: nonce === undefined && scope === "" ? "night-job" : "alice",
      client_id: nonce === undefined && scope === "" ? "night-job" : CLIENT_ID,
      aud: "the-api",
      scope: scope || "openid",
    }),
    otherRoutes: {
      "/introspect": () => ({ json: { active: true, sub: "alice", aud: "the-api", scope: "openid" } }),
      "/me": () => ({ json: { sub: "alice" } }),
      [CHECK]: () => ({ json: { app: { client_id: CLIENT_ID }, user: { id: "alice" }, scopes: ["user"] } }),
      "/user": () => ({ json: { id: "alice" } }),
      "/login/oauth/access_token": ({ form }) =>
        form.code === undefined || used.size < used.add(form.code).size
          ? { json: { access_token: "gho_token", scope: "user", token_type: "bearer" } }
          : { json: { error: "bad_verification_code" } },
      "/login/oauth/authorize": ({ query }) => {
        const location = new URL(query.redirect_uri ?? "");
        location.search = new URLSearchParams({
          code: `code-${codes.add(query.state ?? "").size}`,
          state: query.state ?? "",
        }).toString();
        return { status: 302, headers: { location: location.href } };
      },
    },
  });
  return provider;
}

type Provider = Awaited<ReturnType<typeof startProvider>>;
type Row = readonly [
  what: string,
  path: string,
  declaration: (provider: Provider) => DeclaredProvider,
  variables: (provider: Provider) => Record<string, string>,
];

const endpoints = ({ origin }: Provider) => ({
  AUTHORIZATION_ENDPOINT: `${origin}/authorize`,
  TOKEN_ENDPOINT: `${origin}/token`,
  REQUIRED_SCOPES: "openid",
});

const TABLE: readonly Row[] = [
  ["the token endpoint", "/token", () => OIDCProxy, ({ configUrl }) => ({ CONFIG_URL: configUrl })],
  [
    "introspection",
    "/introspect",
    () => OAuthProxy,
    (provider) => ({ ...endpoints(provider), INTROSPECTION_ENDPOINT: `${provider.origin}/introspect` }),
  ],
  [
    "userinfo",
    "/me",
    () => OAuthProxy,
    (provider) => ({ ...endpoints(provider), USERINFO_ENDPOINT: `${provider.origin}/me` }),
  ],
  ["the check of a lasting token", CHECK, ({ origin }) => gitHubAt({ site: origin, api: origin }), () => ({})],
  ["the user of a lasting token", "/user", ({ origin }) => gitHubAt({ site: origin, api: origin }), () => ({})],
];

async function start([, , declaration, variables]: Row): Promise<{ provider: Provider; server: ProtectedServer }> {
  const provider = await startProvider();
  const settings = { CLIENT_ID, CLIENT_SECRET, ...variables(provider) };
  return { provider, server: await protectServer(declaration(provider), settings) };
}

describe.each(TABLE)("what something else answers in the place of %s", (...row) => {
  const [, path] = row;

  it("ends no session: the refresh gets 503, and the next one goes on", async () => {
    const { provider, server } = await start(row);
    const { client, tokens } = await server.logIn();
    let refreshToken = tokens.refresh_token;
    for (const answer of ANSWERS) {
      provider.override(path, () => answer);
      const failed = await client.refresh(refreshToken);
      expect([failed.status, failed.body.error], JSON.stringify(answer)).toEqual([503, "temporarily_unavailable"]);
      provider.override(path);
      const { status, body } = await client.refresh(refreshToken);
      expect(status, `after ${JSON.stringify(answer)}`).toBe(200);
      refreshToken = body.refresh_token ?? "";
    }
    if (path !== "/token") {
      // What the provider gave for a refresh token is kept: it may take each once only.
      const sent = provider.to("/token").flatMap(({ form }) => form.refresh_token ?? []);
      expect(sent).toEqual([...new Set(sent)]);
    }
  });

  it("costs no login: the code gets 503, and is good once the provider answers", async () => {
    const { provider, server } = await start(row);
    for (const answer of ANSWERS) {
      const client = await server.register();
      const code = (await client.authorize()).searchParams.get("code") ?? "";
      provider.override(path, () => answer);
      const failed = await client.redeem(code);
      expect([failed.status, failed.body.error], JSON.stringify(answer)).toEqual([503, "temporarily_unavailable"]);
      provider.override(path);
      expect((await client.redeem(code)).status, `after ${JSON.stringify(answer)}`).toBe(200);
    }
  });
});

describe("what something else answers a machine in the provider's place", () => {
  it("is 503, unless it is a 401 that may be about its credentials", async () => {
    const provider = await startProvider();
    const server = await protectServer(OIDCProxy, {
      ...{ CLIENT_ID, CLIENT_SECRET, CONFIG_URL: provider.configUrl, AUDIENCE: "the-api" },
      MACHINE_CLIENTS: "night-job",
    });
    const ask = async () => {
      const form = { grant_type: "client_credentials", client_id: "night-job", client_secret: CLIENT_SECRET };
      const answer = await fetch(`${server.address}/token`, { method: "POST", body: new URLSearchParams(form) });
      return [answer.status, ((await answer.json()) as { error?: string }).error];
    };
    for (const answer of ANSWERS) {
      provider.override("/token", () => answer);
      expect(await ask(), JSON.stringify(answer)).toEqual([503, "temporarily_unavailable"]);
    }
    provider.override("/token", () => ({ status: 401 }));
    expect(await ask()).toEqual([401, "invalid_client"]);
    provider.override("/token");
    expect(await ask()).toEqual([200, undefined]);
  });
});

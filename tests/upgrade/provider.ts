import { createHash } from "node:crypto";
import type { JWK } from "jose";
import { ACCOUNTS, MACHINES, PROVIDER_CLIENT_ID } from "./accounts.ts";
import { decodeState, encodeState } from "./sealed-state.ts";
import { publicPart, signJwt, type TestKeys } from "./test-keys.ts";

export interface ProviderOptions {
  readonly keys: TestKeys;
  /** Seconds since the Unix epoch. */
  readonly now: number;
}

/** Identity providers under their own https addresses, without a network. They keep nothing. */
export interface Provider {
  answer(request: Request): Promise<Response>;
  /** What the provider answers once `account` has logged in at `authorizationUrl`: the redirect to the callback. */
  logIn(authorizationUrl: string, account: string): string;
  /** Refuses every code and refresh token from now on. */
  refuseGrants(): void;
  /** An access token of an account or a machine, for `audience`. */
  accessTokenOf(host: string, name: string, audience: string): Promise<string>;
  /** Whether keys and introspection are answered with 503, so that no token can be verified. */
  verificationIsDown: boolean;
}

interface Issuer {
  readonly issuer: string;
  readonly key: JWK;
  /** Whether access tokens carry `aud`. */
  readonly audience: boolean;
}

interface Grant {
  readonly account: string;
  readonly scope: string;
  readonly audience: string;
  readonly nonce?: string;
  readonly challenge?: string;
  readonly redirectUri?: string;
  /** How many refreshes there were. */
  readonly refreshes: number;
}

const TOKEN_LIFETIME = 86_400;

const json = (body: unknown, status = 200) => Response.json(body, { status });
const refusal = (error: string, status = 400) => json({ error }, status);

export function createProvider({ keys, now }: ProviderOptions): Provider {
  const issuers: Readonly<Record<string, Issuer>> = {
    "tenant.example.test": { issuer: "https://tenant.example.test/", key: keys.providerRsa, audience: true },
    "keycloak.example.test": {
      issuer: "https://keycloak.example.test/realms/main",
      key: keys.providerEc,
      audience: false,
    },
    "enterprise.example.test": { issuer: "https://enterprise.example.test", key: keys.enterprise, audience: false },
  };
  let refusesGrants = false;

  async function accessToken(host: string, grant: Grant): Promise<string> {
    const issuer = issuers[host];
    if (issuer === undefined) {
      return encodeState(host === "github.com" ? "gho_" : "opaque.", grant);
    }
    const { account, scope, audience } = grant;
    return signJwt(issuer.key, {
      iss: issuer.issuer,
      ...(issuer.audience && { aud: [audience, `${issuer.issuer}userinfo`] }),
      iat: now,
      exp: now + TOKEN_LIFETIME,
      scope,
      ...(ACCOUNTS[account]?.claims ?? MACHINES[account]),
    });
  }

  async function issue(host: string, grant: Grant): Promise<Response> {
    const { account, nonce, challenge, redirectUri, ...lasting } = grant;
    const issuer = issuers[host];
    const idToken = issuer && {
      iss: issuer.issuer,
      sub: ACCOUNTS[account]?.subject ?? "",
      aud: PROVIDER_CLIENT_ID,
      iat: now,
      exp: now + TOKEN_LIFETIME,
      ...(ACCOUNTS[account]?.claims.org_id !== undefined && { org_id: ACCOUNTS[account].claims.org_id }),
      ...(nonce !== undefined && { nonce }),
    };
    return json({
      access_token: await accessToken(host, { account, ...lasting }),
      token_type: "Bearer",
      scope: grant.scope,
      ...(host !== "github.com" && {
        expires_in: TOKEN_LIFETIME,
        refresh_token: encodeState("refresh.", { account, ...lasting }),
      }),
      ...(issuer !== undefined &&
        grant.scope.includes("openid") && { id_token: await signJwt(issuer.key, idToken ?? {}) }),
    });
  }

  async function token(host: string, request: Request): Promise<Response> {
    const form = new URLSearchParams(await request.text());
    const clientId = clientOf(request, form);
    if (form.get("grant_type") === "client_credentials") {
      const access_token = await provider.accessTokenOf(host, clientId, form.get("audience") ?? "");
      return json({ access_token, token_type: "Bearer", expires_in: TOKEN_LIFETIME });
    }
    if (clientId !== PROVIDER_CLIENT_ID) {
      return refusal("invalid_client", 401);
    }
    if (refusesGrants) {
      return refusal("invalid_grant");
    }
    const refreshed = decodeState<Grant>("refresh.", form.get("refresh_token"));
    if (refreshed !== undefined) {
      return issue(host, { ...refreshed, refreshes: refreshed.refreshes + 1 });
    }
    const grant = decodeState<Grant>("code.", form.get("code"));
    const challenge = createHash("sha256")
      .update(form.get("code_verifier") ?? "")
      .digest("base64url");
    const matches = grant?.challenge === challenge && grant.redirectUri === form.get("redirect_uri");
    return matches ? issue(host, grant) : refusal("invalid_grant");
  }

  async function introspect(request: Request): Promise<Response> {
    const grant = decodeState<Grant>("opaque.", new URLSearchParams(await request.text()).get("token"));
    if (grant === undefined) {
      return json({ active: false });
    }
    const { introspection } = ACCOUNTS[grant.account] ?? {};
    return json({ active: true, scope: grant.scope, exp: now + TOKEN_LIFETIME, ...introspection });
  }

  function userinfo(request: Request, prefix: string): Response {
    const bearer = /^(?:Bearer|token) (.+)$/.exec(request.headers.get("authorization") ?? "")?.[1];
    const grant = decodeState<Grant>(prefix, bearer);
    if (grant === undefined) {
      return refusal("invalid_token", 401);
    }
    if (prefix === "gho_") {
      return json({ id: 583_231, login: "alice", name: "Alice", email: "alice@example.test" });
    }
    return json({ sub: ACCOUNTS[grant.account]?.subject, name: "Alice" });
  }

  async function checkGitHubToken(request: Request): Promise<Response> {
    const { access_token: sent } = (await request.json()) as { access_token?: string };
    const grant = decodeState<Grant>("gho_", sent);
    if (grant === undefined) {
      return refusal("not_found", 404);
    }
    return json({ app: { client_id: PROVIDER_CLIENT_ID }, user: { id: 583_231 }, scopes: grant.scope.split(" ") });
  }

  const provider: Provider = {
    verificationIsDown: false,
    accessTokenOf(host, name, audience) {
      return accessToken(host, { account: name, scope: "weather:read", audience, refreshes: 0 });
    },
    refuseGrants() {
      refusesGrants = true;
    },
    async answer(request) {
      const { host, pathname } = new URL(request.url);
      const issuer = issuers[host] ?? unknownIssuer(request.url, keys);
      if (pathname.endsWith("/.well-known/openid-configuration")) {
        return json(discoveryDocument(issuer));
      }
      if (pathname.endsWith("/jwks.json")) {
        return provider.verificationIsDown ? json({}, 503) : json({ keys: [publicPart(issuer.key)] });
      }
      if (pathname === "/oauth/token" || pathname === "/login/oauth/access_token") {
        return token(host, request);
      }
      if (pathname === "/oauth/revoke") {
        return new Response(null, { status: 200 });
      }
      if (pathname === "/introspect") {
        return provider.verificationIsDown ? json({}, 503) : introspect(request);
      }
      if (pathname === "/userinfo") {
        return userinfo(request, "opaque.");
      }
      if (host === "api.github.com") {
        return pathname === "/user" ? userinfo(request, "gho_") : checkGitHubToken(request);
      }
      return json({}, 503);
    },
    logIn(authorizationUrl, account) {
      const { searchParams: asked } = new URL(authorizationUrl);
      const redirect = new URL(asked.get("redirect_uri") ?? "");
      const nonce = asked.get("nonce");
      redirect.searchParams.set(
        "code",
        encodeState("code.", {
          account,
          scope: asked.get("scope") ?? "",
          audience: asked.get("audience") ?? "",
          challenge: asked.get("code_challenge"),
          redirectUri: asked.get("redirect_uri"),
          ...(nonce !== null && { nonce }),
          refreshes: 0,
        }),
      );
      redirect.searchParams.set("state", asked.get("state") ?? "");
      return redirect.href;
    },
  };
  return provider;
}

/** Any host with a discovery document, for configurations that name real providers. */
function unknownIssuer(url: string, { providerRsa }: TestKeys): Issuer {
  return { issuer: url.replace("/.well-known/openid-configuration", ""), key: providerRsa, audience: false };
}

function discoveryDocument({ issuer, key }: Issuer): object {
  const base = issuer.replace(/\/$/, "");
  const { origin } = new URL(issuer);
  return {
    issuer,
    authorization_endpoint: `${base}/authorize`,
    token_endpoint: `${origin}/oauth/token`,
    revocation_endpoint: `${origin}/oauth/revoke`,
    jwks_uri: `${base}/jwks.json`,
    scopes_supported: ["openid", "offline_access"],
    response_types_supported: ["code"],
    subject_types_supported: ["public"],
    token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
    id_token_signing_alg_values_supported: [key.alg],
  };
}

/** The client that a request names, in its header or its form. Any secret is good. */
function clientOf(request: Request, form: URLSearchParams): string {
  const basic = /^Basic (.+)$/.exec(request.headers.get("authorization") ?? "")?.[1];
  if (basic === undefined) {
    return form.get("client_id") ?? "";
  }
  return decodeURIComponent(Buffer.from(basic, "base64").toString().split(":")[0] ?? "");
}

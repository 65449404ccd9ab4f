import { createHash, randomBytes } from "node:crypto";
import type { DevAuth0 } from "../index.ts";

/** A browser as far as logins need one: it keeps the cookies of one host, and follows no redirect by itself. */
export class Browser {
  readonly #cookies = new Map<string, string>();

  async get(url: string | URL): Promise<Response> {
    return this.#send(url, { headers: { Cookie: this.cookieHeader } });
  }

  async post(url: string | URL, fields: Record<string, string>): Promise<Response> {
    return this.#send(url, {
      method: "POST",
      headers: { Cookie: this.cookieHeader },
      body: new URLSearchParams(fields),
    });
  }

  /** Follows an authorization URL to the login page, and logs in where it is shown. Answers with the redirect. */
  async logIn(url: string | URL, username: string): Promise<URL> {
    const first = locationOf(await this.get(url), url);
    if (first.pathname !== "/u/login") {
      return first;
    }
    const state = first.searchParams.get("state") ?? "";
    return locationOf(await this.post(first, { state, username }), first);
  }

  get cookieHeader(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  async #send(url: string | URL, init: RequestInit): Promise<Response> {
    const response = await fetch(url, { ...init, redirect: "manual" });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (value === "") {
        this.#cookies.delete(name);
      } else {
        this.#cookies.set(name, value);
      }
    }
    return response;
  }
}

/** Where a redirect leads. */
export function locationOf(response: Response, base: string | URL): URL {
  const location = response.headers.get("location");
  if (response.status !== 302 || location === null) {
    throw new Error(`Expected a redirect, got ${response.status}.`);
  }
  return new URL(location, base);
}

export const CALLBACK = "http://127.0.0.1:8000/auth/callback";

export interface Pkce {
  readonly verifier: string;
  readonly challenge: string;
}

export function createPkce(): Pkce {
  const verifier = randomBytes(32).toString("base64url");
  return { verifier, challenge: createHash("sha256").update(verifier).digest("base64url") };
}

/** An authorization URL of the default application, with `overrides`; `undefined` takes a parameter away. */
export function authorizeUrl(auth0: DevAuth0, overrides: Record<string, string | undefined> = {}): URL {
  const url = new URL("authorize", auth0.issuer);
  const parameters = {
    client_id: auth0.clientId,
    redirect_uri: CALLBACK,
    response_type: "code",
    scope: "openid profile email offline_access weather:read",
    audience: auth0.audience,
    state: "the state",
    ...overrides,
  };
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) {
      url.searchParams.set(name, value);
    }
  }
  return url;
}

export interface TokenResponse {
  readonly status: number;
  readonly body: Record<string, unknown> & {
    readonly access_token: string;
    readonly refresh_token: string;
    readonly id_token: string;
  };
}

/** A request of the default application to the token endpoint; `undefined` takes a parameter away. */
export async function requestToken(
  auth0: DevAuth0,
  parameters: Record<string, string | undefined>,
  headers: Record<string, string> = {},
): Promise<TokenResponse> {
  const all = { client_id: auth0.clientId, client_secret: auth0.clientSecret, ...parameters };
  const present = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const response = await fetch(`${auth0.issuer}oauth/token`, {
    method: "POST",
    headers,
    body: new URLSearchParams(present),
  });
  return { status: response.status, body: (await response.json()) as TokenResponse["body"] };
}

/** A whole login: authorization, login page, exchange. */
export async function logIn(
  auth0: DevAuth0,
  username: string,
  overrides: Record<string, string | undefined> = {},
): Promise<TokenResponse> {
  const pkce = createPkce();
  const url = authorizeUrl(auth0, { code_challenge: pkce.challenge, code_challenge_method: "S256", ...overrides });
  const callback = await new Browser().logIn(url, username);
  return requestToken(auth0, {
    grant_type: "authorization_code",
    code: callback.searchParams.get("code") ?? "",
    redirect_uri: CALLBACK,
    code_verifier: pkce.verifier,
  });
}

export function refresh(
  auth0: DevAuth0,
  refreshToken: string,
  parameters: Record<string, string | undefined> = {},
): Promise<TokenResponse> {
  return requestToken(auth0, { grant_type: "refresh_token", refresh_token: refreshToken, ...parameters });
}

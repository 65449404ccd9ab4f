import { createHash, randomBytes } from "node:crypto";
import { type DevAuth0, type DevAuth0Options, startDevAuth0 } from "dev-auth0";
import { onTestFinished } from "vitest";
import { type AuthorizationCodeClientOptions, createAuthorizationCodeClient } from "../authorization-code-client.ts";
import { discoverMetadata } from "../discovery.ts";
import { type UpstreamClient, UpstreamError } from "../upstream-client.ts";
import { recordingLogger } from "./recording-logger.ts";

export const REDIRECT_URI = "http://localhost:8000/auth/callback";

export const VARIABLES = {
  clientId: "FASTMCP_SERVER_AUTH_AUTH0_CLIENT_ID",
  clientSecret: "FASTMCP_SERVER_AUTH_AUTH0_CLIENT_SECRET",
};

/** dev-auth0 until the test has finished, and a client at it. */
export async function startAuth0(options: Partial<AuthorizationCodeClientOptions> = {}, tenant: DevAuth0Options = {}) {
  const auth0 = await startDevAuth0(tenant);
  onTestFinished(() => auth0.close());
  return { auth0, ...(await clientAt(auth0, options)) };
}

/** A client at `auth0`, of its first application unless `options` say otherwise. Requests count from here. */
export async function clientAt(auth0: DevAuth0, options: Partial<AuthorizationCodeClientOptions> = {}) {
  const logger = recordingLogger();
  const client = createAuthorizationCodeClient({
    metadata: await discoverMetadata({ configUrl: new URL(auth0.configUrl), variable: "CONFIG_URL" }),
    clientId: auth0.clientId,
    clientSecret: auth0.clientSecret,
    audience: auth0.audience,
    variables: VARIABLES,
    logger,
    ...options,
  });
  auth0.requests.length = 0;
  return { client, logger };
}

/** What one login at the provider is made of. */
export function newLogin(scopes: readonly string[] = ["openid", "weather:read"]) {
  const codeVerifier = randomBytes(32).toString("base64url");
  return {
    redirectUri: REDIRECT_URI,
    state: randomBytes(16).toString("base64url"),
    nonce: randomBytes(16).toString("base64url"),
    codeVerifier,
    codeChallenge: createHash("sha256").update(codeVerifier).digest("base64url"),
    scopes,
  };
}

/** Logs `username` in with `client`, up to the code. */
export async function loginWithCode(client: UpstreamClient, login = newLogin(), username = "alice") {
  const parameters = await logIn(await client.authorizationUrl(login), username);
  const code = parameters.get("code");
  if (code === null) {
    throw new Error(`The login gave no code: ${parameters}`);
  }
  return { ...login, code };
}

/** What `promise` rejects with, which must be an `UpstreamError`. */
export async function upstreamError(promise: Promise<unknown>): Promise<UpstreamError> {
  const error = await promise.then(
    (value) => new Error(`It was accepted: ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  if (!(error instanceof UpstreamError)) {
    throw error;
  }
  return error;
}

/** Logs `username` in at dev-auth0, as a browser sent to `url` would. @returns the parameters of the callback. */
export async function logIn(url: URL, username: string): Promise<URLSearchParams> {
  const page = await follow(url, {});
  const answer = await follow(new URL("/u/login", url), {
    method: "POST",
    body: new URLSearchParams({ state: page.searchParams.get("state") ?? "", username }),
  });
  return answer.searchParams;
}

async function follow(url: URL, init: RequestInit): Promise<URL> {
  const response = await fetch(url, { ...init, redirect: "manual" });
  const location = response.headers.get("location");
  if (location === null) {
    throw new Error(`${url.pathname} did not redirect: ${response.status} ${await response.text()}`);
  }
  return new URL(location, url);
}

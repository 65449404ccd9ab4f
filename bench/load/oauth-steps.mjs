import { createHash, randomBytes } from "node:crypto";
import { Browser, logIn } from "test-support/browser";

const REDIRECT_URI = "http://127.0.0.1:33418/callback";

/** A client's registration (RFC 7591). */
export const REGISTRATION = {
  client_name: "bench",
  redirect_uris: [REDIRECT_URI],
  grant_types: ["authorization_code", "refresh_token"],
  response_types: ["code"],
  token_endpoint_auth_method: "none",
};

/** @typedef {{ clientId: string, accessToken: string, refreshToken: string | undefined }} Session What a client has after a login. */

/** @typedef {{ origin: string, register: string, authorize: string, token: string }} Proxy An OAuth proxy's endpoints. */

/**
 * Finds the proxy's endpoints (RFC 8414).
 *
 * @param {string} origin
 * @returns {Promise<Proxy>}
 */
export async function discover(origin) {
  const metadata = await answerOf(await fetch(`${origin}/.well-known/oauth-authorization-server`));
  const { registration_endpoint, authorization_endpoint, token_endpoint } = metadata;
  return { origin, register: registration_endpoint, authorize: authorization_endpoint, token: token_endpoint };
}

/**
 * Registers a client.
 *
 * @param {Proxy} proxy
 * @returns {Promise<string>} Its id.
 */
export async function register(proxy) {
  const answer = await postJson(proxy.register, {
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(REGISTRATION),
  });
  return answer.client_id;
}

/**
 * Goes through a login as an MCP client and its user do: consent at the proxy, login at the provider, code exchange.
 *
 * @param {Proxy} proxy
 * @param {string} clientId
 * @returns {Promise<Session>}
 */
export async function login(proxy, clientId) {
  const verifier = randomBytes(32).toString("base64url");
  const state = randomBytes(16).toString("base64url");
  const query = new URLSearchParams({
    response_type: "code",
    client_id: clientId,
    redirect_uri: REDIRECT_URI,
    state,
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    resource: `${proxy.origin}/mcp`,
  });
  const redirect = await logIn(new Browser(), `${proxy.authorize}?${query}`, {
    redirectUri: REDIRECT_URI,
    username: "alice",
  });
  const code = redirect.searchParams.get("code");
  if (code === null || redirect.searchParams.get("state") !== state) {
    throw new Error(`The login ended without a code: ${redirect.searchParams.get("error_description")}`);
  }
  const form = { grant_type: "authorization_code", code, redirect_uri: REDIRECT_URI, code_verifier: verifier };
  return session(proxy, clientId, form);
}

/**
 * Exchanges the refresh token for the next session.
 *
 * @param {Proxy} proxy
 * @param {Session} session
 * @returns {Promise<Session>}
 */
export async function refresh(proxy, { clientId, refreshToken = "" }) {
  return session(proxy, clientId, { grant_type: "refresh_token", refresh_token: refreshToken });
}

/**
 * @param {Proxy} proxy
 * @param {string} clientId
 * @param {Record<string, string>} form
 * @returns {Promise<Session>}
 */
async function session(proxy, clientId, form) {
  const tokens = await postJson(proxy.token, { body: new URLSearchParams({ ...form, client_id: clientId }) });
  return { clientId, accessToken: tokens.access_token, refreshToken: tokens.refresh_token };
}

/**
 * @param {string} url
 * @param {RequestInit} init
 * @returns {Promise<any>}
 */
async function postJson(url, init) {
  return answerOf(await fetch(url, { method: "POST", ...init }));
}

/**
 * @param {Response} response
 * @returns {Promise<any>}
 */
async function answerOf(response) {
  const text = await response.text();
  if (response.ok) {
    return JSON.parse(text);
  }
  throw new Error(`${new URL(response.url).pathname} answered ${response.status}: ${text.slice(0, 500)}`);
}

import { createHash, randomBytes } from "node:crypto";
import { Browser, logIn } from "../../scripts/support/browser.mjs";

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

/**
 * Registers a client.
 *
 * @param {string} origin Of the proxy.
 * @returns {Promise<string>} Its id.
 */
export async function register(origin) {
  const answer = await postJson(`${origin}/register`, {
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(REGISTRATION),
  });
  return answer.client_id;
}

/**
 * Goes through a login as an MCP client and its user do: consent at the proxy, login at the provider, code exchange.
 *
 * @param {string} origin Of the proxy.
 * @param {string} clientId
 * @returns {Promise<Session>}
 */
export async function login(origin, clientId) {
  const verifier = randomBytes(32).toString("base64url");
  const state = randomBytes(16).toString("base64url");
  const query = new URLSearchParams({
    response_type: "code",
    client_id: clientId,
    redirect_uri: REDIRECT_URI,
    state,
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    resource: `${origin}/mcp`,
  });
  const redirect = await logIn(new Browser(), `${origin}/authorize?${query}`, {
    redirectUri: REDIRECT_URI,
    username: "alice",
  });
  const code = redirect.searchParams.get("code");
  if (code === null || redirect.searchParams.get("state") !== state) {
    throw new Error(`The login ended without a code: ${redirect.searchParams.get("error_description")}`);
  }
  const form = { grant_type: "authorization_code", code, redirect_uri: REDIRECT_URI, code_verifier: verifier };
  return session(origin, clientId, form);
}

/**
 * Exchanges the refresh token for the next session.
 *
 * @param {string} origin Of the proxy.
 * @param {Session} session
 * @returns {Promise<Session>}
 */
export async function refresh(origin, { clientId, refreshToken = "" }) {
  return session(origin, clientId, { grant_type: "refresh_token", refresh_token: refreshToken });
}

/**
 * @param {string} origin
 * @param {string} clientId
 * @param {Record<string, string>} form
 * @returns {Promise<Session>}
 */
async function session(origin, clientId, form) {
  const tokens = await postJson(`${origin}/token`, { body: new URLSearchParams({ ...form, client_id: clientId }) });
  return { clientId, accessToken: tokens.access_token, refreshToken: tokens.refresh_token };
}

/**
 * @param {string} url
 * @param {RequestInit} init
 * @returns {Promise<any>}
 */
async function postJson(url, init) {
  const response = await fetch(url, { method: "POST", ...init });
  const text = await response.text();
  if (!response.ok) throw new Error(`${new URL(url).pathname} answered ${response.status}: ${text.slice(0, 500)}`);
  return JSON.parse(text);
}

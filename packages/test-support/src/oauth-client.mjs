import { randomUUID } from "node:crypto";
import { logIn } from "./browser.mjs";

/**
 * @import { OAuthClientMetadata, OAuthClientProvider, OAuthDiscoveryState, StoredOAuthClientInformation, StoredOAuthTokens } from "@modelcontextprotocol/client"
 * @import { Browser } from "./browser.mjs"
 */

/**
 * The OAuth side of an MCP client, in memory: what the SDK asks for, with a {@link Browser} in place of the person who
 * logs in.
 *
 * @implements {OAuthClientProvider}
 */
export class OAuthClient {
  redirectUrl = "http://127.0.0.1:33418/callback";
  /** Who logs in from now on. */
  username;
  /**
   * The redirect that ended the last login, until {@link OAuthClient.takeCallback} takes it. @type {URL | undefined}
   */
  callback;
  /** How many logins there were. */
  logins = 0;
  #browser;
  #name;
  #keepsRefreshTokens;
  #state = "";
  #codeVerifier = "";
  /** @type {StoredOAuthClientInformation | undefined} */
  #registration;
  /** @type {StoredOAuthTokens | undefined} */
  #tokens;
  /** @type {OAuthDiscoveryState | undefined} */
  #discovery;

  /** @param {{ browser: Browser, username: string, name?: string, keepsRefreshTokens?: boolean }} options */
  constructor({ browser, username, name = "Example MCP client", keepsRefreshTokens = true }) {
    this.#browser = browser;
    this.#name = name;
    this.#keepsRefreshTokens = keepsRefreshTokens;
    this.username = username;
  }

  /** @returns {OAuthClientMetadata} */
  get clientMetadata() {
    return {
      client_name: this.#name,
      redirect_uris: [this.redirectUrl],
      grant_types: ["authorization_code", ...(this.#keepsRefreshTokens ? ["refresh_token"] : [])],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
    };
  }

  state() {
    this.#state = randomUUID();
    return this.#state;
  }

  clientInformation() {
    return this.#registration;
  }

  /** @param {StoredOAuthClientInformation} registration */
  saveClientInformation(registration) {
    this.#registration = registration;
  }

  tokens() {
    return this.#tokens;
  }

  /** @param {StoredOAuthTokens} tokens */
  saveTokens(tokens) {
    const { refresh_token, ...withoutRefreshToken } = tokens;
    this.#tokens = this.#keepsRefreshTokens ? tokens : withoutRefreshToken;
  }

  /** Makes the access token useless, as its end would. */
  spoilAccessToken() {
    if (this.#tokens) {
      this.#tokens = { ...this.#tokens, access_token: "no-longer-good" };
    }
  }

  /** @param {URL} authorizationUrl */
  async redirectToAuthorization(authorizationUrl) {
    this.logins += 1;
    this.callback = await logIn(this.#browser, authorizationUrl, {
      redirectUri: this.redirectUrl,
      username: this.username,
    });
  }

  /** The query of the redirect that ended the login, for `finishAuth`; `undefined` when there was no login. */
  takeCallback() {
    const parameters = this.callback?.searchParams;
    this.callback = undefined;
    if (parameters !== undefined && parameters.get("state") !== this.#state) {
      throw new Error("The redirect carries another state than the client sent");
    }
    return parameters;
  }

  /** @param {string} codeVerifier */
  saveCodeVerifier(codeVerifier) {
    this.#codeVerifier = codeVerifier;
  }

  codeVerifier() {
    return this.#codeVerifier;
  }

  /** @param {OAuthDiscoveryState} discovery */
  saveDiscoveryState(discovery) {
    this.#discovery = discovery;
  }

  discoveryState() {
    return this.#discovery;
  }

  /** @param {"all" | "client" | "tokens" | "verifier" | "discovery"} scope */
  invalidateCredentials(scope) {
    if (scope === "all" || scope === "client") {
      this.#registration = undefined;
    }
    if (scope === "all" || scope === "tokens") {
      this.#tokens = undefined;
    }
    if (scope === "all" || scope === "discovery") {
      this.#discovery = undefined;
    }
  }
}

import type { Browser } from "test-support/browser";
import { OAuthClient } from "test-support/oauth-client";
import { type ClientKind, connect } from "../../../support/clients.ts";
import { createBrowser, logInAt } from "./browser-login.ts";
import type { IdentityProvider } from "./identity-provider.ts";

/** Where tokens come from and go back to. */
export interface TokenEndpoints {
  readonly token: string;
  readonly revocation: string | undefined;
}

interface ServerMetadata {
  readonly token_endpoint: string;
  readonly revocation_endpoint?: string | undefined;
}

/** How a client proves itself at them. */
export interface ClientAuthentication {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent with every request. */
  readonly form: Readonly<Record<string, string>>;
  /** Sent with token requests only. */
  readonly tokenForm?: Readonly<Record<string, string>>;
}

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token?: string | undefined;
  readonly id_token?: string | undefined;
}

/** What a client has after a login. */
export class Session {
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
  readonly idToken: string | undefined;
  readonly #endpoints: TokenEndpoints;
  readonly #client: ClientAuthentication;

  constructor(tokens: Tokens, endpoints: TokenEndpoints, client: ClientAuthentication) {
    this.accessToken = tokens.access_token;
    this.refreshToken = tokens.refresh_token;
    this.idToken = tokens.id_token;
    this.#endpoints = endpoints;
    this.#client = client;
  }

  /** The answer as it comes. */
  refresh(): Promise<Response> {
    if (this.refreshToken === undefined) {
      throw new Error("The login brought no refresh token");
    }
    const grant = { grant_type: "refresh_token", refresh_token: this.refreshToken };
    return this.#post(this.#endpoints.token, { ...grant, ...this.#client.tokenForm });
  }

  /** The session after `answer`, a refresh's. A client keeps its refresh token where it gets no other. */
  async renewed(answer: Response): Promise<Session> {
    const text = await answer.text();
    if (!answer.ok) {
      throw new Error(`The refresh answered ${answer.status}: ${text}`);
    }
    const tokens = JSON.parse(text) as Tokens;
    return new Session({ refresh_token: this.refreshToken, ...tokens }, this.#endpoints, this.#client);
  }

  async refreshed(): Promise<Session> {
    return this.renewed(await this.refresh());
  }

  /** Revokes the refresh token, as clients do at a logout, or the access token where there is no other. */
  async revoke(): Promise<void> {
    if (this.#endpoints.revocation === undefined) {
      throw new Error("There is no revocation endpoint");
    }
    const answer = await this.#post(this.#endpoints.revocation, { token: this.refreshToken ?? this.accessToken });
    if (!answer.ok) {
      throw new Error(`The revocation answered ${answer.status}: ${await answer.text()}`);
    }
  }

  #post(url: string, parameters: Record<string, string>): Promise<Response> {
    const { headers, form } = this.#client;
    return fetch(url, {
      method: "POST",
      headers: { ...headers },
      body: new URLSearchParams({ ...form, ...parameters }),
    });
  }
}

/** The official SDK's side of a login, with a browser in which a user logs in at the real provider. */
class SdkClient extends OAuthClient {
  readonly #provider: IdentityProvider;
  readonly #browser: Browser;

  constructor(provider: IdentityProvider, username: string, browser: Browser) {
    super({ browser, username });
    this.#provider = provider;
    this.#browser = browser;
  }

  override async redirectToAuthorization(authorizationUrl: URL): Promise<void> {
    this.logins += 1;
    this.callback = await logInAt(this.#provider, authorizationUrl, this.username, this.redirectUrl, this.#browser);
  }
}

/** Logs in with the official SDK: it finds the authorization server, registers there, and calls the server. */
export async function logInWithSdk(
  provider: IdentityProvider,
  url: string,
  username: string,
  browser = createBrowser(),
  kind: ClientKind = "SDK v2, 2025-11-25",
): Promise<Session> {
  const oauth = new SdkClient(provider, username, browser);
  const connection = await connect({ kind, url, oauth });
  await connection.close();
  const tokens = oauth.tokens();
  const metadata: ServerMetadata | undefined = oauth.discoveryState()?.authorizationServerMetadata;
  const registration = oauth.clientInformation();
  if (tokens === undefined || metadata === undefined || registration === undefined) {
    throw new Error("The SDK connected without a login");
  }
  const { client_id, client_secret } = registration;
  return new Session(
    tokens,
    { token: metadata.token_endpoint, revocation: metadata.revocation_endpoint },
    {
      form: { client_id, ...(client_secret !== undefined && { client_secret }) },
      tokenForm: { resource: url },
    },
  );
}

import { Browser, logIn } from "test-support/browser";

const VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const CALLBACK = "http://127.0.0.1:1/callback";

export const WHOAMI = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "whoami", arguments: {} } };

/** What a client sends, one step at a time. Answers are given as they come, the bad ones too. */
export interface OAuthSteps {
  /** Posts to the MCP endpoint. */
  call(token: string | undefined, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  /** The id of a new client. */
  register(): Promise<string>;
  /** Registers a client, logs a user in and gives what a code exchange needs. */
  getCode(username?: string, parameters?: Record<string, string>): Promise<CodeExchange>;
  /** Goes the whole way to the token endpoint's answer. */
  getTokens(username?: string, parameters?: Record<string, string>): Promise<Record<string, string>>;
  /** Goes the whole way, and gives what is needed to go on. Rejects when there are no tokens at the end. */
  getSession(username?: string, parameters?: Record<string, string>): Promise<Session>;
}

export interface CodeExchange {
  readonly form: Record<string, string>;
  exchange(changes?: Record<string, string>): Promise<Response>;
}

/** What a client has after a login. */
export interface Session {
  readonly clientId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Refreshes at `at`, default where the login was. */
  refresh(at?: string, fetch?: typeof globalThis.fetch): Promise<Response>;
  /** The session after `answer`, a refresh's. */
  renewed(answer: Response): Promise<Session>;
  /** Revokes `token`, default the refresh token. */
  revoke(token?: string, at?: string): Promise<Response>;
}

/** The steps of a client of the server at `origin`. */
export function oauthSteps(origin: string, fetch: typeof globalThis.fetch = globalThis.fetch): OAuthSteps {
  const register: OAuthSteps["register"] = async () => {
    const registration = await fetch(`${origin}/register`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ redirect_uris: [CALLBACK], token_endpoint_auth_method: "none" }),
    });
    const { client_id } = (await registration.json()) as { client_id: string };
    return client_id;
  };
  const getCode: OAuthSteps["getCode"] = async (username = "alice", parameters = {}) => {
    const client_id = await register();
    const query = new URLSearchParams({
      response_type: "code",
      client_id,
      redirect_uri: CALLBACK,
      code_challenge: CHALLENGE,
      code_challenge_method: "S256",
      ...parameters,
    });
    const browser = new Browser({ fetch });
    const redirect = await logIn(browser, `${origin}/authorize?${query}`, { redirectUri: CALLBACK, username });
    const form = {
      grant_type: "authorization_code",
      code: redirect.searchParams.get("code") ?? "",
      client_id,
      redirect_uri: CALLBACK,
      code_verifier: VERIFIER,
    };
    return {
      form,
      exchange: (changes = {}) =>
        fetch(`${origin}/token`, { method: "POST", body: new URLSearchParams({ ...form, ...changes }) }),
    };
  };
  return {
    register,
    getCode,
    call: (token, body = WHOAMI, headers = {}) =>
      fetch(`${origin}/mcp`, {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          Accept: "application/json, text/event-stream",
          ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
          ...headers,
        },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    getTokens: async (username, parameters) => {
      const response = await (await getCode(username, parameters)).exchange();
      return (await response.json()) as Record<string, string>;
    },
    getSession: async (username, parameters) => {
      const { form, exchange } = await getCode(username, parameters);
      return sessionOf(form.client_id ?? "", await exchange());
    },
  };

  async function sessionOf(client_id: string, answer: Response): Promise<Session> {
    if (!answer.ok) {
      throw new Error(`The token endpoint answered ${answer.status}: ${await answer.text()}`);
    }
    const tokens = (await answer.json()) as Record<string, string>;
    const { access_token: accessToken = "", refresh_token: refreshToken = "" } = tokens;
    return {
      clientId: client_id,
      accessToken,
      refreshToken,
      renewed: (answer) => sessionOf(client_id, answer),
      refresh: (at = origin, send = fetch) => {
        const body = new URLSearchParams({ grant_type: "refresh_token", refresh_token: refreshToken, client_id });
        return send(`${at}/token`, { method: "POST", body });
      },
      revoke: (token = refreshToken, at = origin) =>
        fetch(`${at}/revoke`, { method: "POST", body: new URLSearchParams({ token, client_id }) }),
    };
  }
}

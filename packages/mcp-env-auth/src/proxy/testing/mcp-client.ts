import { createHash, randomBytes } from "node:crypto";
import type { ProxyServer } from "./proxy-server.ts";

export const REDIRECT_URI = "http://127.0.0.1:33418/callback";

/** A browser: it keeps the cookies of this machine, whose ports share them, and follows redirects only when told. */
export class TestBrowser {
  readonly cookies = new Map<string, string>();

  get(url: string | URL): Promise<Response> {
    return this.#send(url, {});
  }

  post(url: string | URL, fields: Record<string, string>): Promise<Response> {
    return this.#send(url, { method: "POST", body: new URLSearchParams(fields) });
  }

  async #send(url: string | URL, init: RequestInit): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { accept: "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", ...(cookie && { cookie }) };
    const response = await fetch(url, { ...init, headers, redirect: "manual" });
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/Max-Age=0/i.test(line) || value === "") {
        this.cookies.delete(name);
      } else {
        this.cookies.set(name, value);
      }
    }
    return response;
  }
}

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly token_type: string;
  readonly expires_in: number;
  readonly scope: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown> & Partial<Tokens>;
}

export function createPkce() {
  const verifier = randomBytes(32).toString("base64url");
  return { verifier, challenge: createHash("sha256").update(verifier).digest("base64url") };
}

/** Where a client finds its server, and what its tokens are to be for. */
export interface ServerAddress extends Pick<ProxyServer, "address"> {
  readonly options: Pick<ProxyServer["options"], "resource">;
}

/** What an MCP client does at the proxy, step by step. */
export class McpClient {
  readonly server: ServerAddress;
  readonly pkce = createPkce();
  readonly redirectUri: string;
  id = "";
  secret: string | undefined;
  /** What its user answers where the provider asks for the organization. */
  organization: string | undefined;

  constructor(server: ServerAddress, redirectUri = REDIRECT_URI) {
    this.server = server;
    this.redirectUri = redirectUri;
  }

  static async register(server: ServerAddress, metadata: Record<string, unknown> = {}): Promise<McpClient> {
    const redirectUris = (metadata.redirect_uris as string[] | undefined) ?? [REDIRECT_URI];
    const client = new McpClient(server, redirectUris[0]);
    const { status, body } = await register(server, { redirect_uris: redirectUris, client_name: "Test", ...metadata });
    if (status !== 201) {
      throw new Error(`Registration failed: ${JSON.stringify(body)}`);
    }
    client.id = body.client_id as string;
    client.secret = body.client_secret as string | undefined;
    return client;
  }

  /** `undefined` takes a parameter away. */
  authorizeUrl(overrides: Record<string, string | undefined> = {}): URL {
    const url = new URL("/authorize", this.server.address);
    const parameters = {
      response_type: "code",
      client_id: this.id,
      redirect_uri: this.redirectUri,
      state: "the state",
      code_challenge: this.pkce.challenge,
      code_challenge_method: "S256",
      resource: this.server.options.resource,
      ...overrides,
    };
    for (const [name, value] of Object.entries(parameters)) {
      if (value !== undefined) {
        url.searchParams.set(name, value);
      }
    }
    return url;
  }

  /** Opens the consent page. @returns the sealed request in it. */
  async openConsent(browser: TestBrowser, overrides: Record<string, string | undefined> = {}): Promise<string> {
    const response = await browser.get(this.authorizeUrl(overrides));
    return formOf(await response.text());
  }

  answer(browser: TestBrowser, form: string, decision = "allow"): Promise<Response> {
    return browser.post(new URL("/consent", this.server.address), { request: form, decision });
  }

  /** Approves, and logs in at the provider. @returns the URL of the callback at the proxy. */
  async reachCallback(
    browser: TestBrowser,
    username = "alice",
    overrides: Record<string, string | undefined> = {},
  ): Promise<URL> {
    const approved = await this.answer(browser, await this.openConsent(browser, overrides));
    return logInAtProvider(browser, locationOf(approved), username, this.organization);
  }

  /** A whole login in the browser. @returns the redirect to the client. */
  async authorize(
    browser = new TestBrowser(),
    username = "alice",
    overrides: Record<string, string | undefined> = {},
  ): Promise<URL> {
    return clientLocationOf(await browser.get(await this.reachCallback(browser, username, overrides)));
  }

  async redeem(code: string, overrides: Record<string, string | undefined> = {}): Promise<Answer> {
    return this.token({
      grant_type: "authorization_code",
      code,
      redirect_uri: this.redirectUri,
      code_verifier: this.pkce.verifier,
      ...overrides,
    });
  }

  async refresh(refreshToken: string, overrides: Record<string, string | undefined> = {}): Promise<Answer> {
    return this.token({ grant_type: "refresh_token", refresh_token: refreshToken, ...overrides });
  }

  async revoke(token: string): Promise<Answer> {
    return this.#post("/revoke", { token });
  }

  token(parameters: Record<string, string | undefined>): Promise<Answer> {
    return this.#post("/token", parameters);
  }

  /** Everything, up to the tokens. */
  async logIn(username = "alice", overrides: Record<string, string | undefined> = {}): Promise<Tokens> {
    const redirect = await this.authorize(new TestBrowser(), username, overrides);
    const { status, body } = await this.redeem(redirect.searchParams.get("code") ?? "");
    if (status !== 200) {
      throw new Error(`Login failed: ${redirect} ${JSON.stringify(body)}`);
    }
    return body as unknown as Tokens;
  }

  #post(path: string, parameters: Record<string, string | undefined>): Promise<Answer> {
    return postForm(new URL(path, this.server.address), {
      client_id: this.id,
      client_secret: this.secret,
      resource: path === "/token" ? this.server.options.resource : undefined,
      ...parameters,
    });
  }
}

export async function register(server: ServerAddress, metadata: unknown): Promise<Answer> {
  const response = await fetch(new URL("/register", server.address), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(metadata),
  });
  return answerOf(response);
}

export async function postForm(
  url: string | URL,
  parameters: Record<string, string | undefined> | [string, string][],
  headers: Record<string, string> = {},
): Promise<Answer> {
  const entries = Array.isArray(parameters) ? parameters : Object.entries(parameters);
  const present = entries.filter((entry): entry is [string, string] => entry[1] !== undefined);
  return answerOf(await fetch(url, { method: "POST", headers, body: new URLSearchParams(present) }));
}

/** Goes through dev-auth0's pages. @returns where it sends the browser then. */
export async function logInAtProvider(
  browser: TestBrowser,
  url: URL,
  username: string,
  organization = "",
): Promise<URL> {
  const answers: Record<string, Record<string, string>> = {
    "/u/login": { username },
    "/u/organization": { organization },
  };
  let next = locationOf(await browser.get(url), url);
  for (let answer = answers[next.pathname]; answer !== undefined; answer = answers[next.pathname]) {
    const state = next.searchParams.get("state") ?? "";
    next = locationOf(await browser.post(next, { state, ...answer }), next);
  }
  return next;
}

/** The sealed request in a consent page. */
export function formOf(page: string): string {
  const form = /name="request" value="([^"]+)"/.exec(page)?.[1];
  if (form === undefined) {
    throw new Error(`There is no consent form in: ${page}`);
  }
  return form;
}

/** Where the browser goes at the end of a login: by a redirect, or by a page that leads to an app. */
async function clientLocationOf(response: Response): Promise<URL> {
  const [, refresh] = /http-equiv="refresh" content="0;url=([^"]*)"/.exec(await response.clone().text()) ?? [];
  return refresh === undefined ? locationOf(response) : new URL(refresh.replaceAll("&amp;", "&"));
}

export function locationOf(response: Response, base?: string | URL): URL {
  const location = response.headers.get("location");
  if (location === null) {
    throw new Error(`Expected a redirect, got ${response.status}.`);
  }
  return new URL(location, base);
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === "" ? {} : JSON.parse(text) };
}

import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export const CLIENT_ID = "the-client-id";
export const CLIENT_SECRET = "the client secret/of+the application";

/** A request as the identity provider got it. */
export interface StandInRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  readonly form: Readonly<Record<string, string>>;
}

export interface StandInAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly text?: string;
}

/** Answers one path; `undefined` leaves the request open. */
export type Route = (request: StandInRequest) => StandInAnswer | undefined | Promise<StandInAnswer | undefined>;

/** A login that the stand-in let through. */
export interface Grant {
  /** The scopes asked for, as they were sent. */
  readonly scope: string;
  readonly nonce: string | undefined;
  /** 0 for the code exchange, then the number of the refresh. */
  readonly refreshes: number;
}

export interface StandInOptions {
  readonly authorizePath: string;
  readonly tokenPath: string;
  /** The token endpoint's answer in the provider's shape. `refresh_token`, where there is one, is remembered. */
  issue(grant: Grant): Record<string, unknown> | Promise<Record<string, unknown>>;
  /** Clients that get tokens in their own name (RFC 6749 section 4.4), with the application's secret. */
  readonly machines?: readonly string[];
  /** Other paths, such as `/userinfo`. */
  readonly routes: (origin: string) => Readonly<Record<string, Route>>;
  /** How the provider refuses at its token endpoint. Default: as RFC 6749 section 5.2 has it. */
  readonly refusals?: { readonly client: StandInAnswer; readonly grant: StandInAnswer };
}

/** An identity provider on 127.0.0.1 until the test has finished: it logs everyone in without asking. */
export interface StandIn {
  readonly origin: string;
  readonly requests: readonly StandInRequest[];
  /**
   * The requests to `path`, oldest first, without the server's check of its own credentials, which comes at any time.
   */
  to(path: string): readonly StandInRequest[];
  /** Answers `path` otherwise from now on; without a route, as before. */
  override(path: string, route?: Route): void;
}

const REFUSALS = {
  client: { status: 401, json: { error: "invalid_client" } },
  grant: { status: 400, json: { error: "invalid_grant" } },
};

export async function startStandIn(options: StandInOptions): Promise<StandIn> {
  const requests: StandInRequest[] = [];
  const overrides = new Map<string, Route>();
  const server = createServer(async (message, response) => {
    const request = await receive(message);
    requests.push(request);
    const route = overrides.get(request.path) ?? routes[request.path];
    send(response, route === undefined ? { status: 404, json: { error: "not_found" } } : await route(request));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const routes: Readonly<Record<string, Route>> = { ...authorizationServer(options), ...options.routes(origin) };
  return {
    origin,
    requests,
    to: (path) => requests.filter((request) => request.path === path && !isCredentialsCheck(request)),
    override(path, route) {
      if (route === undefined) {
        overrides.delete(path);
      } else {
        overrides.set(path, route);
      }
    },
  };
}

/** The authorization and token endpoints: codes are used once, PKCE and the client are checked. */
function authorizationServer({ authorizePath, tokenPath, issue, machines = [], refusals = REFUSALS }: StandInOptions) {
  const codes = new Map<string, { readonly challenge: string; readonly redirectUri: string; readonly grant: Grant }>();
  const refreshTokens = new Map<string, Grant>();

  async function answer(grant: Grant): Promise<StandInAnswer> {
    const json = await issue(grant);
    if (typeof json.refresh_token === "string") {
      refreshTokens.set(json.refresh_token, grant);
    }
    return { json };
  }

  const authorize: Route = ({ query }) => {
    if (!URL.canParse(query.redirect_uri ?? "")) {
      return { status: 400, text: "Invalid redirect_uri" };
    }
    const code = `code-${codes.size + 1}`;
    const { redirect_uri: redirectUri = "", code_challenge: challenge = "", scope = "", nonce, state = "" } = query;
    codes.set(code, { challenge, redirectUri, grant: { scope, nonce, refreshes: 0 } });
    const location = new URL(redirectUri);
    location.searchParams.set("code", code);
    location.searchParams.set("state", state);
    return { status: 302, headers: { location: location.href } };
  };

  const token: Route = (request) => {
    const { form } = request;
    if (form.grant_type === "client_credentials" && machines.some((id) => isClient(request, id))) {
      return answer({ scope: form.scope ?? "", nonce: undefined, refreshes: 0 });
    }
    if (!isOurClient(request)) {
      return refusals.client;
    }
    if (form.grant_type === "refresh_token") {
      const grant = refreshTokens.get(form.refresh_token ?? "");
      return grant === undefined ? refusals.grant : answer({ ...grant, refreshes: grant.refreshes + 1 });
    }
    const pending = codes.get(form.code ?? "");
    codes.delete(form.code ?? "");
    const challenge = createHash("sha256")
      .update(form.code_verifier ?? "")
      .digest("base64url");
    const good = pending?.challenge === challenge && pending.redirectUri === form.redirect_uri;
    return good ? answer(pending.grant) : refusals.grant;
  };

  return { [authorizePath]: authorize, [tokenPath]: token };
}

/** Whether a request carries our application's credentials, as Basic or in its form. */
export function isOurClient(request: Pick<StandInRequest, "headers" | "form">): boolean {
  return isClient(request, CLIENT_ID);
}

function isClient({ headers, form }: Pick<StandInRequest, "headers" | "form">, clientId: string): boolean {
  const encoded = /^Basic (.+)$/.exec(headers.authorization ?? "")?.[1];
  if (encoded === undefined) {
    return form.client_id === clientId && form.client_secret === CLIENT_SECRET;
  }
  const [id = "", secret = ""] = Buffer.from(encoded, "base64").toString().split(":");
  const decode = (part: string) => new URLSearchParams(`x=${part}`).get("x");
  return decode(id) === clientId && decode(secret) === CLIENT_SECRET;
}

/** The bearer token of a request. */
export function bearerOf({ headers }: StandInRequest): string | undefined {
  return /^Bearer (.+)$/.exec(headers.authorization ?? "")?.[1];
}

function isCredentialsCheck({ form }: StandInRequest): boolean {
  return form.code?.startsWith("credentials-check-") ?? false;
}

async function receive(message: IncomingMessage): Promise<StandInRequest> {
  let body = "";
  for await (const chunk of message.setEncoding("utf8")) {
    body += chunk;
  }
  const { pathname, searchParams } = new URL(message.url ?? "/", "http://stand-in");
  return {
    method: message.method ?? "",
    path: pathname,
    query: Object.fromEntries(searchParams),
    headers: message.headers,
    body,
    form: Object.fromEntries(new URLSearchParams(body)),
  };
}

function send(response: ServerResponse, answer: StandInAnswer | undefined): void {
  if (answer === undefined) {
    return;
  }
  const { status = 200, headers = {}, json, text } = answer;
  response.writeHead(status, { ...(json !== undefined && { "content-type": "application/json" }), ...headers });
  response.end(json === undefined ? text : JSON.stringify(json));
}

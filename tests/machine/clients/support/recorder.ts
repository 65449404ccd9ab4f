import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request of a client, or of its person's browser, and how it was answered. Secrets are left out. */
export interface Exchange {
  readonly from: "client" | "browser";
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Of the query and the form. */
  readonly params: readonly (readonly [name: string, value: string])[];
  /** The registration. */
  readonly json?: Readonly<Record<string, unknown>>;
  /** The method of JSON-RPC, with the tool that is called. */
  readonly rpc?: string;
  readonly status: number;
  /** The error of OAuth, in the body, the challenge or the redirect. */
  readonly error?: string;
}

/** Stands in front of a server and records what comes by. */
export interface Recorder {
  readonly origin: string;
  readonly exchanges: readonly Exchange[];
  /** Answers in the place of the server from now on, where `answer` does; `undefined` for a server as it is. */
  meddle(answer: ((url: URL) => Meddling | undefined) | undefined): void;
  /** When the last access token that was issued ends, in milliseconds of the epoch. */
  lastExpiry(): number;
  close(): Promise<void>;
}

/** An answer without a body. */
export interface Meddling {
  readonly status: number;
  readonly location?: string;
}

const SECRET = new Set([
  "code",
  "code_verifier",
  "request",
  "code_challenge",
  "state",
  "nonce",
  "client_id",
  "client_secret",
  "client_assertion",
  "refresh_token",
  "token",
]);

const KEPT_HEADERS = ["accept", "content-type", "origin", "mcp-protocol-version", "user-agent"];

/** Passes every request on to `port` of this machine, as a reverse proxy that keeps the Host. */
export async function startRecorder(port: number): Promise<Recorder> {
  const exchanges: Exchange[] = [];
  let lastExpiry = 0;
  let meddling: ((url: URL) => Meddling | undefined) | undefined;
  const server = createServer((incoming, response) => {
    void passOn(incoming, response, port, meddling?.(new URL(incoming.url ?? "", "http://recorder"))).then(
      ({ exchange, expiresIn }) => {
        exchanges.push(exchange);
        if (expiresIn !== undefined) {
          lastExpiry = Date.now() + expiresIn * 1000;
        }
      },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    exchanges,
    meddle(answer) {
      meddling = answer;
    },
    lastExpiry: () => lastExpiry,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function passOn(
  incoming: IncomingMessage,
  response: ServerResponse,
  port: number,
  meddling: Meddling | undefined,
): Promise<{ readonly exchange: Exchange; readonly expiresIn?: number | undefined }> {
  const sent: Buffer[] = [];
  const received: Buffer[] = [];
  incoming.on("data", (chunk: Buffer) => sent.push(chunk));
  if (meddling !== undefined) {
    const { status, location = "" } = meddling;
    response.writeHead(status, location === "" ? {} : { location }).end();
    incoming.resume();
    await new Promise((resolve) => incoming.once("close", resolve));
    return { exchange: toExchange(incoming, sent, { status, challenge: "", location, body: "" }) };
  }
  const { method, url, headers } = incoming;
  const answer = await new Promise<IncomingMessage | undefined>((resolve) => {
    const outgoing = request({ host: "127.0.0.1", port, method, path: url, headers });
    outgoing.once("response", resolve).once("error", () => resolve(undefined));
    response.once("close", () => outgoing.destroy());
    incoming.pipe(outgoing);
  });
  if (answer === undefined) {
    response.writeHead(502).end();
    return { exchange: toExchange(incoming, sent, { status: 502, challenge: "", location: "", body: "" }) };
  }
  response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
  answer.on("data", (chunk: Buffer) => received.push(chunk)).pipe(response);
  // Whatever cuts the answer off: what came until then counts.
  await new Promise((resolve) => answer.once("close", resolve));
  const body = Buffer.concat(received).toString("utf8");
  const { expires_in: expiresIn } = parse(body) as { readonly expires_in?: number };
  const { "www-authenticate": challenge = "", location = "" } = answer.headers;
  return {
    exchange: toExchange(incoming, sent, { status: answer.statusCode ?? 502, challenge, location, body }),
    expiresIn,
  };
}

function toExchange(
  { method = "", url = "", headers }: IncomingMessage,
  sent: readonly Buffer[],
  answer: { readonly status: number; readonly challenge: string; readonly location: string; readonly body: string },
): Exchange {
  const { pathname, searchParams } = new URL(url, "http://recorder");
  const body = Buffer.concat(sent).toString("utf8");
  const json = parse(body);
  const isForm = body !== "" && headers["content-type"] !== "application/json" && Object.keys(json).length === 0;
  const rpc = describeRpc(json);
  const error = errorOf(answer);
  return {
    from: (headers.accept ?? "").includes("text/html") ? "browser" : "client",
    method,
    path: pathname,
    headers: Object.fromEntries(
      KEPT_HEADERS.flatMap((name) => (headers[name] === undefined ? [] : [[name, String(headers[name])]])),
    ),
    params: [...searchParams, ...(isForm ? new URLSearchParams(body) : [])].map(([name, value]) => [
      name,
      SECRET.has(name) ? "…" : value,
    ]),
    ...(pathname.endsWith("/register") && { json }),
    ...(rpc !== undefined && { rpc }),
    status: answer.status,
    ...(error !== undefined && { error }),
  };
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function describeRpc(json: Readonly<Record<string, unknown>>): string | undefined {
  const { method, params } = json as { readonly method?: string; readonly params?: { readonly name?: string } };
  return method === "tools/call" ? `${method} ${params?.name}` : method;
}

function errorOf({
  challenge,
  location,
  body,
}: {
  readonly challenge: string;
  readonly location: string;
  readonly body: string;
}): string | undefined {
  if (challenge !== "") {
    return /error="([^"]+)"/.exec(challenge)?.[1];
  }
  const redirected = URL.canParse(location) ? new URL(location).searchParams.get("error") : null;
  const { error } = parse(body) as { readonly error?: unknown };
  return redirected ?? (typeof error === "string" ? error : undefined);
}

/** One line: what was asked, with all but secrets and addresses, and the status and error of the answer. */
export function describeExchange({ from, method, path, params, rpc, status, error }: Exchange): string {
  const shown = params.filter(([name, value]) => value !== "…" && name !== "redirect_uri" && name !== "resource");
  return [
    ...(from === "browser" ? ["browser:"] : []),
    method,
    path,
    ...(rpc === undefined ? [] : [rpc]),
    ...shown.map(([name, value]) => `${name}=${value.replaceAll(" ", "+")}`),
    "→",
    String(status),
    ...(error === undefined ? [] : [error]),
  ].join(" ");
}

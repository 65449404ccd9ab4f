import type { IncomingMessage } from "node:http";
import { parseUrl } from "../lib/url.ts";
import { SessionNotFound } from "../sessions/refusals.ts";
import { isEventStream, isJson, retryAfterOf } from "./forwarded-headers.ts";
import { UpstreamFault } from "./upstream-fault.ts";

/** An error that a client may read, or an acknowledgment, is no longer. */
const MAX_SHORT_BODY = 64 * 1024;

/** How long a short body may take, milliseconds. */
const SHORT_BODY_MS = 5000;

/** What clients may be told by status: other refusals are the gateway's affair. */
const CLIENT_STATUSES: ReadonlySet<number> = new Set([400, 404, 405, 406, 409, 413, 415, 422, 429]);

/** What becomes of an upstream's answer. */
export type Verdict =
  /** Its body is the client's, as it comes. */
  | { readonly kind: "forward" }
  /** It has no body, such as 202 for a notification. */
  | { readonly kind: "empty"; readonly status: number }
  /** An error of JSON-RPC, of which nothing but its fields travels. */
  | { readonly kind: "error"; readonly status: number; readonly body: object }
  /** The status says it. */
  | { readonly kind: "status"; readonly status: number };

/**
 * Decides what of an upstream's answer its client may have.
 *
 * @param inSession whether the request named a session.
 * @throws UpstreamFault for what no client may see. SessionNotFound when the upstream has forgotten the session.
 */
export async function judgeAnswer(answer: IncomingMessage, upstream: URL, inSession: boolean): Promise<Verdict> {
  const { statusCode: status = 0, headers } = answer;
  const encoding = headers["content-encoding"] ?? "identity";
  if (status >= 300 && status < 400) {
    throw redirected(answer, upstream);
  }
  if (status >= 200 && status < 300) {
    if (encoding !== "identity") {
      throw unusable(answer, upstream, `compressed its answer (${quoted(encoding)}) without being asked to`);
    }
    if (status === 200 && (isJson(headers) || isEventStream(headers))) {
      return { kind: "forward" };
    }
    return emptyAnswer(answer, upstream, status);
  }
  if (CLIENT_STATUSES.has(status)) {
    const said = encoding === "identity" && isJson(headers) ? await shortBody(answer) : undefined;
    answer.destroy();
    const body = said && rpcErrorOf(said);
    if (status === 404) {
      return judgeMissing(body, upstream, inSession);
    }
    return body === undefined ? { kind: "status", status } : { kind: "error", status, body };
  }
  answer.destroy();
  throw failed(answer, upstream, status);
}

function judgeMissing(body: object | undefined, upstream: URL, inSession: boolean): Verdict {
  if (inSession) {
    throw new SessionNotFound();
  }
  if (body !== undefined) {
    return { kind: "error", status: 404, body };
  }
  const text = `The upstream has nothing at ${upstream.pathname} (404). Correct the path in FASTMCP_UPSTREAM_URL.`;
  throw new UpstreamFault("unusable", text);
}

/** @throws UpstreamFault where there is something in it */
async function emptyAnswer(answer: IncomingMessage, upstream: URL, status: number): Promise<Verdict> {
  const isText = answer.headers["content-type"] !== undefined && !isJson(answer.headers);
  const said = isText && status === 200 ? undefined : await shortBody(answer);
  answer.destroy();
  // Some answer a notification with `null`, or a word.
  if (said === undefined || (status === 200 && said.length > 0)) {
    throw unusable(answer, upstream, `answered ${quoted(answer.headers["content-type"] ?? "without a Content-Type")}`);
  }
  return { kind: "empty", status: status === 204 ? 204 : 202 };
}

/** All of a short body; `undefined` for one that is longer, takes long or breaks off. */
export async function shortBody(answer: IncomingMessage): Promise<Buffer | undefined> {
  const late = setTimeout(() => answer.destroy(new Error("A short body took too long.")), SHORT_BODY_MS);
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > MAX_SHORT_BODY) {
        return undefined;
      }
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch {
    return undefined;
  } finally {
    clearTimeout(late);
  }
}

interface RpcError {
  readonly jsonrpc?: unknown;
  readonly id?: unknown;
  readonly error?: { readonly code?: unknown; readonly message?: unknown; readonly data?: unknown } | null;
}

/** What of an error of JSON-RPC (section 5.1) a client may have; `undefined` for anything else. */
function rpcErrorOf(body: Buffer): object | undefined {
  let parsed: RpcError | null;
  try {
    parsed = JSON.parse(body.toString("utf8")) as RpcError | null;
  } catch {
    return undefined;
  }
  const { jsonrpc, id = null, error } = parsed ?? {};
  if (jsonrpc !== "2.0" || typeof error?.message !== "string" || !Number.isSafeInteger(error.code)) {
    return undefined;
  }
  const { code, message, data } = error;
  const said = { code, message: message.split("\n", 1)[0], ...(isPlain(data) && { data }) };
  return { jsonrpc: "2.0", id, error: said };
}

/** Such as the supported versions. Texts of several lines are what a stack trace looks like. */
function isPlain(data: unknown): boolean {
  return typeof data === "object" && data !== null && !/\\n|"(?:stack|traceback|trace)":/i.test(JSON.stringify(data));
}

function redirected(answer: IncomingMessage, upstream: URL): UpstreamFault {
  answer.destroy();
  const target = parseUrl(answer.headers.location ?? "", upstream);
  const where = target === undefined ? "an invalid address" : quoted(target.origin + target.pathname);
  return new UpstreamFault(
    "redirect",
    `The upstream ${upstream.href} redirects to ${where} (${answer.statusCode}). Redirects are not followed: if that is the right address, set FASTMCP_UPSTREAM_URL to it.`,
  );
}

function unusable(answer: IncomingMessage, upstream: URL, what: string): UpstreamFault {
  answer.destroy();
  return new UpstreamFault(
    "unusable",
    `The upstream ${upstream.href} ${what}, which is not MCP. Check that FASTMCP_UPSTREAM_URL is the address of a Streamable HTTP endpoint.`,
  );
}

function failed({ headers }: IncomingMessage, upstream: URL, status: number): UpstreamFault {
  if (status === 401 || status === 403 || status === 407) {
    const text = `The upstream ${upstream.href} refused the gateway (${status}). Clients' tokens never reach it: turn off its own login, or have it accept the JWT of the gateway (docs/gateway.md).`;
    return new UpstreamFault("refused", text);
  }
  const retryAfter = retryAfterOf(headers);
  const text = `The upstream ${upstream.href} answered ${status}. Its own log says why.`;
  return new UpstreamFault("failed", text, {
    ...(status === 503 && { status }),
    ...(retryAfter !== undefined && { retryAfter }),
  });
}

/** What an upstream said, cut to what fits into a line of the log. */
function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 200));
}

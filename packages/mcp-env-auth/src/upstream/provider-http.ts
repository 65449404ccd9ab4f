import { parseUrl } from "../lib/parse-url.ts";
import { type OutgoingProxy, outgoing } from "../outgoing.ts";
import { activeTelemetry } from "../telemetry.ts";
import { displayUrl } from "./provider-url.ts";
import { UpstreamError } from "./upstream-client.ts";

/** How long the provider has for one answer, seconds. */
export const DEFAULT_TIMEOUT = 10;

const MAX_BYTES = 512 * 1024;
const MAX_REDIRECTS = 3;

export interface ProviderRequest {
  readonly method?: "DELETE" | "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: RequestInit["body"];
  /** Seconds for the whole exchange, the body included. Default {@link DEFAULT_TIMEOUT}. */
  readonly timeout?: number | undefined;
}

/** An answer whose body was read whole. */
export interface ProviderAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/**
 * One HTTP request to the identity provider, with a time and a size limit. Redirects are not followed.
 *
 * @throws UpstreamError `unavailable` without an answer in time, `rejected` when the answer is too large.
 */
export async function requestProvider(url: string, request: ProviderRequest = {}): Promise<ProviderAnswer> {
  const send = () => exchange(url, request);
  return activeTelemetry()?.provider({ method: request.method ?? "GET", url }, send) ?? send();
}

async function exchange(url: string, request: ProviderRequest): Promise<ProviderAnswer> {
  const timeout = request.timeout ?? DEFAULT_TIMEOUT;
  try {
    const response = await outgoing().fetch(url, {
      method: request.method ?? "GET",
      headers: { ...request.headers },
      body: request.body ?? null,
      redirect: "manual",
      signal: AbortSignal.timeout(timeout * 1000),
    });
    return { status: response.status, headers: response.headers, body: await readBody(response, url) };
  } catch (error) {
    if (error instanceof UpstreamError) {
      throw error;
    }
    // The cause is left out on purpose: a parser's error can hold what was received.
    const reason = describeFailure(error, timeout, outgoing().proxyOf(url));
    throw new UpstreamError("unavailable", `No answer from ${displayUrl(url)}: ${reason}`);
  }
}

/**
 * GETs a public document of the provider, such as its metadata or its keys. Redirects are followed within its origin.
 *
 * @throws UpstreamError as {@link requestProvider}, and `rejected` when it redirects elsewhere.
 */
export async function fetchDocument(url: string, timeout?: number): Promise<ProviderAnswer> {
  let target = url;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const answer = await requestProvider(target, { headers: { accept: "application/json" }, timeout });
    const location = answer.headers.get("location");
    if (answer.status < 300 || answer.status > 399 || location === null) {
      return answer;
    }
    const next = parseUrl(location, target);
    if (next === undefined || next.origin !== new URL(url).origin) {
      const elsewhere = next === undefined ? "no valid address" : next.origin;
      throw new UpstreamError("rejected", `${displayUrl(url)} redirects to ${elsewhere}, which is not followed.`);
    }
    target = next.href;
  }
  throw new UpstreamError("rejected", `${displayUrl(url)} redirects more than ${MAX_REDIRECTS} times.`);
}

/** Whether trying again later may help: 408, 429 and 5xx (RFC 9110 section 15, RFC 6585 section 4). */
export function isTemporary(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

/** The JSON object in `text`, or `undefined`. */
export function parseJsonObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

async function readBody(response: Response, url: string): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_BYTES) {
      throw new UpstreamError("rejected", `${displayUrl(url)} answered with more than ${MAX_BYTES} bytes.`);
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

const NETWORK_FAILURES: ReadonlyMap<string, string> = new Map([
  ["ECONNREFUSED", "the connection was refused"],
  ["ECONNRESET", "the connection was cut"],
  ["UND_ERR_SOCKET", "the connection was cut"],
  ["ENOTFOUND", "its name is not known to DNS"],
  ["EAI_AGAIN", "DNS did not answer"],
  ["UND_ERR_CONNECT_TIMEOUT", "it could not be connected to in time"],
]);

/** Failures of TLS that a private certificate authority explains. */
const UNTRUSTED: ReadonlySet<string> = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

function describeFailure(error: unknown, timeout: number, proxy: OutgoingProxy | undefined): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : undefined;
  if (code !== undefined && UNTRUSTED.has(code)) {
    return `its certificate is of an authority that is not trusted (${code}). Where it is your own, NODE_EXTRA_CA_CERTS names the file with its certificate.`;
  }
  const found = describeCause(error, code, timeout);
  return proxy === undefined ? `${found}.` : describeProxyFailure(found, proxyStatus(error), proxy);
}

function describeProxyFailure(found: string, status: string | undefined, { address, variable }: OutgoingProxy): string {
  const where = `the proxy ${address} of ${variable}`;
  if (status === undefined) {
    return `${found}, through ${where}. Check ${variable}, or add the host to NO_PROXY if it can be reached directly.`;
  }
  const advice =
    status === "407"
      ? `It wants credentials: write ${variable}=http://user:password@host:port.`
      : "Ask who runs it whether it lets this address through.";
  return `${where} answered ${status}. ${advice}`;
}

/** The status with which a proxy refused a tunnel (RFC 9110 section 9.3.6); the library has it in a message only. */
function proxyStatus(error: unknown): string | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    const [, status] = /Proxy response \((\d{3})\)/.exec(cause.message) ?? [];
    if (status !== undefined) {
      return status;
    }
  }
  return undefined;
}

function describeCause(error: unknown, code: string | undefined, timeout: number): string {
  if (error instanceof Error && error.name === "TimeoutError") {
    return `nothing came within ${timeout} s`;
  }
  if (code === undefined) {
    return "the connection failed";
  }
  return `${NETWORK_FAILURES.get(code) ?? "the connection failed"} (${code})`;
}

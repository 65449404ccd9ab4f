import { describeConnectionFailure } from "../lib/connection-failure.ts";
import { parseUrl } from "../lib/url.ts";
import { describeProxyFailure, type OutgoingProxy, outgoing } from "../outgoing.ts";
import { activeTelemetry } from "../telemetry.ts";
import { displayUrl } from "./provider-url.ts";
import { UpstreamError } from "./upstream-client.ts";

/** How long the provider has for one answer, seconds. */
export const DEFAULT_TIMEOUT = 10;

/** Seconds before a provider or issuer that could not be asked is asked again. */
export const COOLDOWN = 5;

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

/** Whether `answer` is a page for browsers: no endpoint of OAuth answers so, but firewalls and login walls do. */
export function isWebPage({ headers, body }: Pick<ProviderAnswer, "headers" | "body">): boolean {
  const text = body.trim();
  const isCalledOne = /^\s*(?:text\/html|application\/xhtml\+xml)\b/i.test(headers.get("content-type") ?? "");
  return text.startsWith("<") || (isCalledOne && text !== "" && parseJsonObject(text) === undefined);
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

function describeFailure(error: unknown, timeout: number, proxy: OutgoingProxy | undefined): string {
  if (error instanceof Error && error.name === "TimeoutError") {
    return withProxy(`nothing came within ${timeout} s`, error, proxy);
  }
  const { kind, code, reason, advice } = describeConnectionFailure(error);
  const found = code === undefined ? reason : `${reason} (${code})`;
  return kind === "tls" ? `${found}. ${advice ?? ""}`.trimEnd() : withProxy(found, error, proxy, advice);
}

function withProxy(found: string, error: unknown, proxy: OutgoingProxy | undefined, advice = ""): string {
  return proxy === undefined ? `${found}. ${advice}`.trimEnd() : describeProxyFailure(found, proxyStatus(error), proxy);
}

/** The status with which a proxy refused a tunnel (RFC 9110 section 9.3.6); the library has it in a message only. */
function proxyStatus(error: unknown): number | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    const [, status] = /Proxy response \((\d{3})\)/.exec(cause.message) ?? [];
    if (status !== undefined) {
      return Number(status);
    }
  }
  return undefined;
}

/** The `Authorization` header of a client (RFC 6749 section 2.3.1). */
export function basicCredentials(clientId: string, clientSecret: string): string {
  return `Basic ${Buffer.from(`${formEncode(clientId)}:${formEncode(clientSecret)}`).toString("base64")}`;
}

function formEncode(value: string): string {
  return new URLSearchParams([["", value]]).toString().slice(1);
}

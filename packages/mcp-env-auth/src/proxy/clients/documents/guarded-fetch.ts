import type { LookupAddress } from "node:dns";
import { lookup } from "node:dns/promises";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { connect as connectTcp, type LookupFunction, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { problemOfDocumentUrl } from "./document-url.ts";
import { isPublicAddress } from "./public-addresses.ts";

export interface GuardedFetchOptions {
  /** Every address of a host name. Default: the operating system's resolver. */
  readonly resolve?: (hostname: string) => Promise<readonly LookupAddress[]>;
  /**
   * Opens a TCP connection to one of `addresses`, which were checked, and to nothing else. Default: the first that
   * answers.
   */
  readonly connect?: (addresses: readonly LookupAddress[], hostname: string, port: number) => Socket;
  /** The certificate authorities to trust, in PEM. Default: those of Node.js. */
  readonly certificateAuthority?: string;
  /**
   * Seconds for everything, from the name to the last byte. Default 4: clients wait for an answer to `/authorize` for 5.
   */
  readonly timeout?: number;
  /** How many fetches may run at once. Default 64. */
  readonly concurrency?: number;
}

/** A document that was fetched: a JSON object, and how long it says it may be kept. */
export interface FetchedDocument {
  readonly json: Readonly<Record<string, unknown>>;
  /** `Cache-Control` (RFC 9111 section 5.2.2). */
  readonly cacheControl: string | undefined;
  /** `Age` (RFC 9111 section 5.1), seconds. */
  readonly age: number;
}

/** @throws DocumentError */
export type GuardedFetch = (url: string, maxBytes: number) => Promise<FetchedDocument>;

/**
 * A document could not be had: `unavailable` where trying again may help, `unfit` where only its owner can. The message
 * is for the log: it may tell more of this server's network than a stranger should know.
 */
export class DocumentError extends Error {
  override readonly name = "DocumentError";
  readonly kind: "unavailable" | "unfit";
  /** Whether there was no connection to the host at all: no name, no route, no answer in time. */
  readonly isUnreached: boolean;

  constructor(kind: DocumentError["kind"], message: string, { isUnreached = false } = {}) {
    super(message);
    this.kind = kind;
    this.isUnreached = isUnreached;
  }
}

const DEFAULT_TIMEOUT = 4;
const DEFAULT_CONCURRENCY = 64;
const MAX_HEADER_BYTES = 16 * 1024;
const JSON_TYPE = /^application\/(?:[\w!#$&^.+-]+\+)?json *(?:;|$)/i;

/**
 * The one way in which URLs that strangers name are fetched. The name is resolved once, every address it has must be
 * public, and the connection goes to one of just these; certificate and SNI are those of the name. Redirects are not
 * followed, nothing is decompressed, and size, time and number are limited.
 */
export function createGuardedFetch(options: GuardedFetchOptions = {}): GuardedFetch {
  const { resolve = resolveByDns, timeout = DEFAULT_TIMEOUT, concurrency = DEFAULT_CONCURRENCY } = options;
  let running = 0;
  return async (url, maxBytes) => {
    const problem = problemOfDocumentUrl(url);
    if (problem !== undefined) {
      throw new DocumentError("unfit", `The URL ${problem}.`);
    }
    if (running >= concurrency) {
      throw new DocumentError("unavailable", `${concurrency} documents are being fetched already.`);
    }
    running++;
    const deadline = AbortSignal.timeout(timeout * 1000);
    try {
      const addresses = await before(deadline, resolve(new URL(url).hostname));
      requirePublic(addresses);
      return await readDocument(await get(url, addresses, deadline, options), maxBytes);
    } catch (error) {
      throw toDocumentError(error, deadline, timeout);
    } finally {
      running--;
    }
  };
}

function resolveByDns(hostname: string): Promise<readonly LookupAddress[]> {
  return lookup(hostname, { all: true });
}

function requirePublic(addresses: readonly LookupAddress[]): void {
  if (addresses.length === 0) {
    throw new DocumentError("unavailable", "The host has no address.", { isUnreached: true });
  }
  if (!addresses.every(({ address }) => isPublicAddress(address))) {
    throw new DocumentError("unfit", "The host has an address that is not public.");
  }
}

function get(
  url: string,
  addresses: readonly LookupAddress[],
  signal: AbortSignal,
  { connect = connectToAny, certificateAuthority }: GuardedFetchOptions,
): Promise<IncomingMessage> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    request(url, {
      defaultPort: 443,
      createConnection: () => {
        const socket = connect(addresses, hostname, Number(port || 443));
        const secured = connectTls({
          socket,
          servername: hostname,
          ALPNProtocols: ["http/1.1"],
          minVersion: "TLSv1.2",
          rejectUnauthorized: true,
          ...(certificateAuthority !== undefined && { ca: certificateAuthority }),
        });
        socket.on("error", (error) => secured.destroy(error));
        return secured;
      },
      headers: { accept: "application/json", "accept-encoding": "identity", "user-agent": "mcp-env-auth" },
      maxHeaderSize: MAX_HEADER_BYTES,
      signal,
    })
      .on("response", resolve)
      .on("error", reject)
      .end();
  });
}

/** Connects to the first of `addresses` that answers. The name is for show: it is not resolved again. */
export function connectToAny(addresses: readonly LookupAddress[], hostname: string, port: number): Socket {
  const checked: LookupFunction = (_hostname, _options, callback) => callback(null, [...addresses]);
  return connectTcp({ host: hostname, port, lookup: checked, autoSelectFamily: true });
}

async function readDocument(response: IncomingMessage, maxBytes: number): Promise<FetchedDocument> {
  try {
    const { statusCode = 0, headers } = response;
    if (statusCode !== 200) {
      const temporary = statusCode === 408 || statusCode === 429 || statusCode >= 500;
      throw new DocumentError(temporary ? "unavailable" : "unfit", `It answered ${statusCode}, not 200.`);
    }
    if (!JSON_TYPE.test(headers["content-type"] ?? "")) {
      throw new DocumentError("unfit", "Its Content-Type is not JSON.");
    }
    if ((headers["content-encoding"] ?? "identity") !== "identity") {
      throw new DocumentError("unfit", "It is compressed, which was not asked for.");
    }
    const json = parseObject(await readBody(response, maxBytes));
    return { json, cacheControl: headers["cache-control"], age: Number(headers.age) || 0 };
  } finally {
    response.destroy();
  }
}

async function readBody(response: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  const tooLarge = () => new DocumentError("unfit", `It is larger than ${maxBytes} bytes.`);
  if (Number(response.headers["content-length"] ?? 0) > maxBytes) {
    throw tooLarge();
  }
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) {
      throw tooLarge();
    }
    chunks.push(chunk);
  }
  if (!response.complete) {
    throw new DocumentError("unavailable", "The connection was cut.");
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseObject(text: string): FetchedDocument["json"] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new DocumentError("unfit", "It is not JSON.");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new DocumentError("unfit", "It is not a JSON object.");
  }
  return value as FetchedDocument["json"];
}

function before<T>(deadline: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    deadline.addEventListener("abort", () => reject(deadline.reason), { once: true });
    work.then(resolve, reject);
  });
}

function toDocumentError(error: unknown, deadline: AbortSignal, timeout: number): DocumentError {
  if (error instanceof DocumentError) {
    return error;
  }
  if (deadline.aborted) {
    return new DocumentError("unavailable", `It was not there within ${timeout} s.`, { isUnreached: true });
  }
  const code = error instanceof Error && "code" in error ? String(error.code) : "no code";
  return new DocumentError("unavailable", `The connection failed (${code}).`, { isUnreached: true });
}

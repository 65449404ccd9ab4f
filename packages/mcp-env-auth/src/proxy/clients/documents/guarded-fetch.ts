import type { LookupAddress } from "node:dns";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { connect as connectTcp, type LookupFunction, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { describeConnectionFailure } from "../../../lib/connection-failure.ts";
import { describeProxyFailure, type OutgoingProxy, outgoing, TunnelError } from "../../../outgoing.ts";
import { isListedByName, problemOfDocumentUrl } from "./document-url.ts";
import { isPublicAddress } from "./public-addresses.ts";
import { createHostResolver, type ResolveHost } from "./resolve-host.ts";

export interface GuardedFetchOptions {
  /**
   * The hosts that the operator lists. Those that are listed by name are fetched from through the proxy of the
   * environment, if one applies to them.
   */
  readonly hosts?: readonly string[] | undefined;
  /** Default: the hosts file and DNS servers of the operating system. */
  readonly resolve?: ResolveHost;
  /**
   * Opens a TCP connection to one of `addresses`, which were checked, and to nothing else. Default: the first that
   * answers.
   */
  readonly connect?: (addresses: readonly LookupAddress[], hostname: string, port: number) => Socket;
  /** The certificate authorities to trust, in PEM. Default: those of Node.js and of NODE_EXTRA_CA_CERTS. */
  readonly authorities?: readonly string[] | undefined;
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
 * Where a fetch failed: no address for the name, one that is not public, no connection, no answer of 200, or what came.
 */
export type FetchStage = "name" | "address" | "connection" | "answer" | "document";

/**
 * A document could not be had. `unavailable`: its host did not serve it, which says nothing about the document. It may
 * be out, or let nobody in from here: content delivery networks answer data centers with 401, 403 or a web page. A name
 * whose address is not public is `unavailable` like one that nobody knows, so that strangers learn of no name inside.
 * `unfit`: the document was withdrawn (404, 410), or can't be used as it is. The message is for the log: it may tell
 * more of this server's network than a stranger should know.
 */
export class DocumentError extends Error {
  override readonly name = "DocumentError";
  readonly kind: "unavailable" | "unfit";
  /** What failed. Default: the document. */
  readonly stage: FetchStage;
  /**
   * Whether there was no good connection to the host: no name, no public address, no route, no trusted certificate.
   * What goes wrong after that depends on the URL, which strangers choose.
   */
  readonly isUnreached: boolean;

  constructor(
    kind: DocumentError["kind"],
    message: string,
    { stage = "document", isUnreached = false }: { readonly stage?: FetchStage; readonly isUnreached?: boolean } = {},
  ) {
    super(message);
    this.kind = kind;
    this.stage = stage;
    this.isUnreached = isUnreached;
  }
}

/** A document was not asked for: too many are being fetched, in all or for one address. Says nothing of its host. */
export class TooManyFetches extends DocumentError {
  /** `address`: one address has asked for too much. `server`: all together have. */
  readonly whose: "address" | "server";
  /** Seconds. */
  readonly retryAfter: number;

  constructor(whose: TooManyFetches["whose"], message: string, retryAfter: number) {
    super("unavailable", message);
    this.whose = whose;
    this.retryAfter = retryAfter;
  }
}

const DEFAULT_TIMEOUT = 4;
const DEFAULT_CONCURRENCY = 64;
const MAX_HEADER_BYTES = 16 * 1024;
const DEFAULT_PORT = 443;

/** Statuses by which a host says that there is no such document (RFC 9110 sections 15.5.5 and 15.5.11). */
const WITHDRAWN: ReadonlySet<number> = new Set([404, 410]);
const JSON_TYPE = /^application\/(?:[\w!#$&^.+-]+\+)?json *(?:;|$)/i;

/**
 * The one way in which URLs that strangers name are fetched. The name is resolved once, every address it has must be
 * public, and the connection goes to one of just these; certificate and SNI are those of the name. Redirects are not
 * followed, nothing is decompressed, and size, time and number are limited. A fetch counts as running until all of its
 * work has ended.
 *
 * A proxy resolves the name itself, so no address can be checked. It is used only for hosts that the operator lists by
 * name: whoever can't show their certificate is sent nothing, wherever the name leads.
 */
export function createGuardedFetch(options: GuardedFetchOptions = {}): GuardedFetch {
  const { resolve = createHostResolver(), timeout = DEFAULT_TIMEOUT, concurrency = DEFAULT_CONCURRENCY } = options;
  const { connect = connectToAny, hosts } = options;
  let running = 0;

  async function open(url: string, deadline: AbortSignal, progress: Progress): Promise<() => Socket> {
    const { hostname, port: ownPort } = new URL(url);
    const port = Number(ownPort || DEFAULT_PORT);
    if (progress.proxy !== undefined) {
      progress.stage = "connection";
      const tunnel = await progress.proxy.openTunnel(hostname, port, deadline);
      progress.stage = "answer";
      return () => tunnel;
    }
    const addresses = await resolve(hostname, deadline);
    requirePublic(addresses);
    progress.stage = "connection";
    return () =>
      connect(addresses, hostname, port).once("connect", () => {
        progress.stage = "answer";
      });
  }

  async function run(
    url: string,
    maxBytes: number,
    deadline: AbortSignal,
    progress: Progress,
  ): Promise<FetchedDocument> {
    try {
      const connection = await open(url, deadline, progress);
      deadline.throwIfAborted();
      return await readDocument(await get(url, connection, deadline, options, progress), maxBytes);
    } finally {
      running--;
    }
  }

  return async (url, maxBytes) => {
    const problem = problemOfDocumentUrl(url);
    if (problem !== undefined) {
      throw new DocumentError("unfit", `The URL ${problem}.`);
    }
    if (running >= concurrency) {
      throw new TooManyFetches("server", `${concurrency} documents are being fetched already.`, timeout);
    }
    running++;
    const deadline = AbortSignal.timeout(timeout * 1000);
    const proxy = isListedByName(url, hosts) ? outgoing().proxyOf(url) : undefined;
    const progress: Progress = { stage: "name", isConnected: false, proxy };
    try {
      return await before(deadline, run(url, maxBytes, deadline, progress));
    } catch (error) {
      throw toDocumentError(error, deadline, timeout, progress);
    }
  };
}

interface Progress {
  stage: Exclude<FetchStage, "document">;
  /** Whether the host has shown its certificate. */
  isConnected: boolean;
  /** `undefined`: the host is connected to directly. */
  readonly proxy: OutgoingProxy | undefined;
}

function requirePublic(addresses: readonly LookupAddress[]): void {
  if (addresses.length === 0) {
    throw new DocumentError("unavailable", "The host has no address.", { stage: "name", isUnreached: true });
  }
  if (!addresses.every(({ address }) => isPublicAddress(address))) {
    throw new DocumentError("unavailable", "The host has an address that is not public.", {
      stage: "address",
      isUnreached: true,
    });
  }
}

function get(
  url: string,
  connection: () => Socket,
  signal: AbortSignal,
  { authorities = outgoing().authorities }: GuardedFetchOptions,
  progress: Progress,
): Promise<IncomingMessage> {
  const { hostname } = new URL(url);
  return new Promise((resolve, reject) => {
    request(url, {
      defaultPort: DEFAULT_PORT,
      createConnection: () => {
        const socket = connection();
        const secured = connectTls({
          socket,
          servername: hostname,
          ALPNProtocols: ["http/1.1"],
          minVersion: "TLSv1.2",
          rejectUnauthorized: true,
          ...(authorities !== undefined && { ca: [...authorities] }),
        });
        secured.once("secureConnect", () => {
          progress.isConnected = true;
        });
        socket.on("error", (error) => secured.destroy(error));
        // One that is still connecting would go on to.
        secured.once("close", () => socket.destroy());
        return secured;
      },
      headers: { accept: "application/json", "accept-encoding": "identity", "user-agent": "mcp-env-auth" },
      maxHeaderSize: MAX_HEADER_BYTES,
      signal,
    })
      .on("response", resolve)
      .on("error", reject)
      .on("upgrade", (_response, socket) => {
        socket.destroy();
        reject(new Error("The host switched to another protocol."));
      })
      // Whatever else ends it without an answer: one that never settled would be counted as running for good.
      .on("close", () => reject(new Error("The connection ended without an answer.")))
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
      const kind = WITHDRAWN.has(statusCode) ? "unfit" : "unavailable";
      throw new DocumentError(kind, `It answered ${statusCode}, not 200.`, { stage: "answer" });
    }
    if (!JSON_TYPE.test(headers["content-type"] ?? "")) {
      throw new DocumentError("unavailable", "Its Content-Type is not JSON.");
    }
    if ((headers["content-encoding"] ?? "identity") !== "identity") {
      throw new DocumentError("unavailable", "It is compressed, which was not asked for.");
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
    throw new DocumentError("unavailable", "The connection was cut.", { stage: "answer" });
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseObject(text: string): FetchedDocument["json"] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new DocumentError("unavailable", "It is not JSON.");
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

function toDocumentError(
  error: unknown,
  deadline: AbortSignal,
  timeout: number,
  { stage, isConnected, proxy }: Progress,
): DocumentError {
  if (error instanceof DocumentError) {
    return error;
  }
  const { found, advice } = deadline.aborted ? { found: `it was not there within ${timeout} s` } : describe(error);
  const status = error instanceof TunnelError ? error.status : undefined;
  // What there is to say of a certificate is about the host's, once the tunnel is open.
  const isAboutProxy = proxy !== undefined && !isConnected && (stage === "connection" || advice === undefined);
  const message = isAboutProxy ? describeProxyFailure(found, status, proxy) : `${found}. ${advice ?? ""}`.trimEnd();
  return new DocumentError("unavailable", `No answer: ${message}`, { stage, isUnreached: !isConnected });
}

function describe(error: unknown): { readonly found: string; readonly advice?: string | undefined } {
  const { code, reason, advice } = describeConnectionFailure(error);
  return { found: `${reason} (${code ?? "no code"})`, advice };
}

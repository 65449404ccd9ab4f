import type { IncomingMessage } from "node:http";

/**
 * A Fetch-standard view of a request whose body was read already.
 *
 * A `Request` of the platform's costs more than all our checks of a call: it parses the URL and makes
 * a second signal that follows the first. This one holds what the MCP SDK reads; the rest of what a
 * `Request` has comes from a real one, made when somebody asks for it. Only the platform's own code, given
 * this one for a `Request` (as in `new Request(it)`), does not know it; its `clone()` is a real one.
 *
 * @param body the parsed body, for {@link parsedBodyOf}.
 * @param signal makes one that aborts when the client goes away.
 */
export function toWebRequest(request: IncomingMessage, url: string, body: unknown, signal: () => AbortSignal): Request {
  return new LightRequest(request, url, body, signal) as unknown as Request;
}

/** The parsed body of a request that {@link toWebRequest} made; `undefined` for any other, or without one. */
export function parsedBodyOf(request: Request | undefined): unknown {
  return request instanceof LightRequest ? request.parsedBody : undefined;
}

class LightRequest {
  readonly #request: IncomingMessage;
  readonly #url: string;
  readonly #parsedBody: unknown;
  readonly #signal: () => AbortSignal;
  #headers: Headers | undefined;
  #whole: Request | undefined;

  constructor(request: IncomingMessage, url: string, parsedBody: unknown, signal: () => AbortSignal) {
    this.#request = request;
    this.#url = url;
    this.#parsedBody = parsedBody;
    this.#signal = signal;
  }

  get method(): string {
    return this.#request.method ?? "GET";
  }

  get url(): string {
    return this.#url;
  }

  get signal(): AbortSignal {
    return this.#signal();
  }

  get headers(): Headers {
    this.#headers ??= toHeaders(this.#request);
    return this.#headers;
  }

  get parsedBody(): unknown {
    return this.#parsedBody;
  }

  get whole(): Request {
    const { method, url, headers, signal } = this;
    this.#whole ??= new Request(url, { method, headers, signal });
    return this.#whole;
  }
}

for (const name of Object.getOwnPropertyNames(Request.prototype)) {
  if (Object.hasOwn(LightRequest.prototype, name)) continue;
  Object.defineProperty(LightRequest.prototype, name, {
    get(this: LightRequest) {
      const value: unknown = Reflect.get(this.whole, name);
      return typeof value === "function" ? value.bind(this.whole) : value;
    },
  });
}
Object.setPrototypeOf(LightRequest.prototype, Request.prototype);

/**
 * What proves who is calling, or could be used in their name. It was for this server, and no handler needs it:
 * so none can pass it on by accident (MCP 2026-07-28, Security Best Practices, Token Passthrough).
 */
const CREDENTIALS: ReadonlySet<string> = new Set(["authorization", "cookie", "dpop", "proxy-authorization"]);

function toHeaders({ headersDistinct }: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, values] of Object.entries(headersDistinct)) {
    if (CREDENTIALS.has(name)) continue;
    for (const value of values ?? []) headers.append(name, value);
  }
  return headers;
}

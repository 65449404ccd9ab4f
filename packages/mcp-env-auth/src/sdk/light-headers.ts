import type { IncomingMessage } from "node:http";
import { standInFor } from "./light-view.ts";

/**
 * What proves who is calling, or could be used in their name. It was for this server, and no handler needs it:
 * so none can pass it on by accident (MCP 2026-07-28, Security Best Practices, Token Passthrough).
 */
const CREDENTIALS: ReadonlySet<string> = new Set(["authorization", "cookie", "dpop", "proxy-authorization"]);

/**
 * A Fetch-standard view of a request's headers without credentials. It looks up what it is asked for; the platform's
 * `Headers`, which copies and checks all of them, is made when somebody asks for more than one by its name.
 */
export function toHeaders(request: IncomingMessage): Headers {
  return new LightHeaders(request) as unknown as Headers;
}

class LightHeaders {
  readonly #request: IncomingMessage;
  #whole: Headers | undefined;

  constructor(request: IncomingMessage) {
    this.#request = request;
  }

  get(name: string): string | null {
    if (this.#whole !== undefined) return this.#whole.get(name);
    const lower = String(name).toLowerCase();
    const { headersDistinct } = this.#request;
    if (CREDENTIALS.has(lower) || !Object.hasOwn(headersDistinct, lower)) return null;
    return headersDistinct[lower]?.join(", ") ?? null;
  }

  has(name: string): boolean {
    return this.get(name) !== null;
  }

  get whole(): Headers {
    if (this.#whole === undefined) {
      this.#whole = new Headers();
      for (const [name, values = []] of Object.entries(this.#request.headersDistinct)) {
        if (!CREDENTIALS.has(name)) for (const value of values) this.#whole.append(name, value);
      }
    }
    return this.#whole;
  }
}

standInFor(LightHeaders, Headers);

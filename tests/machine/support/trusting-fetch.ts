import { readFileSync } from "node:fs";
import { Agent, fetch as undiciFetch } from "undici";

/** A `fetch` that trusts an authority, whose connections come from `localAddress`, such as 127.0.0.2. */
export function trustingFetch(authority: string, localAddress = "127.0.0.1"): typeof fetch {
  const ca = readFileSync(authority);
  const dispatcher = new Agent({ localAddress, connect: { ca, family: 4 } });
  return ((input: string | URL, init: object = {}) =>
    undiciFetch(input, { ...init, dispatcher })) as unknown as typeof fetch;
}

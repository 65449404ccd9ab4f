import { describeConnectionFailure } from "../../lib/connection-failure.ts";
import { outgoing } from "../../outgoing.ts";

/** An answer, or why there is none. */
export type HttpAnswer =
  | { readonly answered: true; readonly status: number; readonly headers: Headers; readonly body: string }
  | { readonly answered: false; readonly cause: HttpFailure; readonly reason: string };

/** `refused`: nothing listens there. `name`: DNS does not know it. `tls`: its certificate is not good. */
export type HttpFailure = "refused" | "name" | "tls" | "timeout" | "other";

/** Seconds for one answer. */
const TIMEOUT = 10;

const MAX_BYTES = 256 * 1024;

/** What to do about each. */
export const FAILURE_FIXES: Readonly<Record<HttpFailure, string>> = {
  refused: "Start the server, and let what is in front of it listen and forward.",
  name: "Correct the name, or publish it in DNS.",
  tls: "Install a certificate for this name that public clients trust, with its intermediates, on the proxy in front of the server.",
  timeout: "Check firewalls and the proxy; from inside its own network a server may not reach its public address.",
  other: "Check the address and the proxy.",
};

/** Sends one request and follows no redirect. Never rejects. */
export async function requestAnswer(url: string, init: RequestInit = {}): Promise<HttpAnswer> {
  try {
    const response = await outgoing().fetch(url, {
      ...init,
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT * 1000),
    });
    return { answered: true, status: response.status, headers: response.headers, body: await readStart(response) };
  } catch (error) {
    return { answered: false, ...explain(error, url) };
  }
}

async function readStart(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    text += decoder.decode(chunk, { stream: true });
    if (size > MAX_BYTES) {
      break;
    }
  }
  return text;
}

function explain(error: unknown, url: string): { readonly cause: HttpFailure; readonly reason: string } {
  const { kind, code, reason } = describeConnectionFailure(error);
  const proxy = outgoing().proxyOf(url);
  if (proxy !== undefined) {
    const where = `through the proxy ${proxy.address} of ${proxy.variable}`;
    return kind === "tls"
      ? { cause: kind, reason: `${reason}, ${where}` }
      : { cause: "other", reason: `no answer came ${where}` };
  }
  if (error instanceof Error && error.name === "TimeoutError") {
    return { cause: "timeout", reason: `nothing came within ${TIMEOUT} s` };
  }
  const inner = error instanceof Error ? error.cause : undefined;
  // Fetch Standard section 2.9.
  if (inner instanceof Error && inner.message === "bad port") {
    return { cause: "other", reason: "browsers refuse to connect to this port" };
  }
  if (kind === "refused") {
    return { cause: kind, reason: "nothing listens there" };
  }
  if (kind === "cut" || kind === "other") {
    return { cause: "other", reason: `${reason} (${code ?? "no code"})` };
  }
  return { cause: kind, reason };
}

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

const CAUSES: Readonly<Record<string, readonly [HttpFailure, string]>> = {
  ECONNREFUSED: ["refused", "nothing listens there"],
  ENOTFOUND: ["name", "its name is not known to DNS"],
  EAI_AGAIN: ["name", "DNS does not answer"],
  CERT_HAS_EXPIRED: ["tls", "its certificate has expired"],
  DEPTH_ZERO_SELF_SIGNED_CERT: ["tls", "its certificate is signed by itself"],
  SELF_SIGNED_CERT_IN_CHAIN: ["tls", "its certificate is of an authority that is not trusted"],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ["tls", "it does not send the intermediate certificates"],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ["tls", "its certificate is of an authority that is not trusted"],
  ERR_TLS_CERT_ALTNAME_INVALID: ["tls", "its certificate is for another name"],
  ERR_SSL_WRONG_VERSION_NUMBER: ["tls", "it does not speak TLS"],
  ERR_SSL_PACKET_LENGTH_TOO_LONG: ["tls", "it does not speak TLS"],
  UND_ERR_CONNECT_TIMEOUT: ["timeout", "it can't be connected to in time"],
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
  const proxy = outgoing().proxyOf(url);
  if (proxy !== undefined) {
    return { cause: "other", reason: `no answer came through the proxy ${proxy.address} of ${proxy.variable}` };
  }
  if (error instanceof Error && error.name === "TimeoutError") {
    return { cause: "timeout", reason: `nothing came within ${TIMEOUT} s` };
  }
  const inner = error instanceof Error ? error.cause : undefined;
  // Fetch Standard section 2.9.
  if (inner instanceof Error && inner.message === "bad port") {
    return { cause: "other", reason: "browsers refuse to connect to this port" };
  }
  const code = typeof inner === "object" && inner !== null && "code" in inner ? String(inner.code) : "no code";
  const [cause, reason] = CAUSES[code] ?? ["other", `the connection failed (${code})`];
  return { cause, reason };
}

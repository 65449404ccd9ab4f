import type { Auth0Domain } from "./domain.ts";

/** What the tenant's discovery document says, in a sentence. */
export type DiscoveryCheck =
  | { readonly outcome: "found"; readonly message: string }
  /** There is no tenant at this address, as far as can be told from here. */
  | { readonly outcome: "wrong"; readonly message: string }
  | { readonly outcome: "unknown"; readonly message: string };

const TIMEOUT_MS = 5_000;
const MAX_BYTES = 1_000_000;

/**
 * Fetches the discovery document (OpenID Connect Discovery 1.0 section 4) and says what is there. Never throws: without
 * a connection the outcome is `unknown`, and the server checks again when it starts.
 */
export async function checkDiscovery(
  { host, configUrl }: Auth0Domain,
  stop: AbortSignal = new AbortController().signal,
): Promise<DiscoveryCheck> {
  let response: Response;
  let body: string;
  try {
    response = await fetch(configUrl, {
      headers: { accept: "application/json" },
      redirect: "manual",
      signal: AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), stop]),
    });
    body = await readText(response);
  } catch (error) {
    return unknown(host, reason(error));
  }
  const { status } = response;
  if ((status >= 300 && status < 400) || status === 404) {
    return wrong(host, `it answers with HTTP ${status}`);
  }
  if (status !== 200) {
    return unknown(host, `it answered with HTTP ${status}`);
  }
  const document = parseObject(body);
  if (document === undefined) {
    return wrong(host, "what it serves there is not JSON");
  }
  return judge(host, configUrl, document);
}

function judge(host: string, configUrl: string, document: Readonly<Record<string, unknown>>): DiscoveryCheck {
  const { issuer, authorization_endpoint: authorize, token_endpoint: token } = document;
  if (typeof issuer !== "string" || typeof authorize !== "string" || typeof token !== "string") {
    return wrong(host, "the document there names no issuer, authorization_endpoint or token_endpoint");
  }
  const expected = configUrl.replace(/\.well-known\/.*$/, "");
  if (issuer !== expected && `${issuer}/` !== expected) {
    return wrong(host, `the document there is that of ${JSON.stringify(issuer.slice(0, 200))}`);
  }
  const scopes = Array.isArray(document.scopes_supported) ? document.scopes_supported : [];
  const offline = scopes.includes("offline_access") ? "refresh tokens are available" : "it lists no refresh tokens";
  return { outcome: "found", message: `Found ${issuer}: login and token endpoints are there, ${offline}.` };
}

function wrong(host: string, why: string): DiscoveryCheck {
  return { outcome: "wrong", message: `There is no tenant at ${host}: ${why}. Check the domain.` };
}

function unknown(host: string, why: string): DiscoveryCheck {
  // The server has a way through a proxy, which would more than double this program.
  const server = isBehindProxy(process.env) ? "The server, which uses HTTPS_PROXY," : "The server";
  return { outcome: "unknown", message: `Could not check ${host}: ${why}. ${server} checks it when it starts.` };
}

function isBehindProxy({ HTTPS_PROXY, https_proxy }: NodeJS.ProcessEnv): boolean {
  return Boolean(https_proxy || HTTPS_PROXY);
}

function reason(error: unknown): string {
  if (error instanceof Error && error.name === "TimeoutError") {
    return `no answer within ${TIMEOUT_MS / 1000} seconds`;
  }
  const { cause } = error as { cause?: { code?: unknown } };
  switch (cause?.code) {
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return "the name can't be resolved (is this machine offline, or the domain misspelt?)";
    case "ECONNREFUSED":
      return "nothing listens there";
    default:
      return typeof cause?.code === "string" ? `no connection (${cause.code})` : "no connection";
  }
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_BYTES) {
      break;
    }
    chunks.push(chunk);
  }
  return size > MAX_BYTES ? "" : Buffer.concat(chunks).toString("utf8");
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

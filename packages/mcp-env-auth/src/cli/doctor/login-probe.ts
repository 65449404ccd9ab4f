import { createHash, randomBytes, randomUUID } from "node:crypto";
import { parseUrl } from "../../lib/url.ts";
import { type ProviderAnswer, requestProvider } from "../../upstream/provider-http.ts";
import { type UpstreamClient, UpstreamError } from "../../upstream/upstream-client.ts";

/** What the provider's authorization endpoint makes of a login that may show no page (`prompt=none`). */
export type LoginProbe =
  /** It would log a user in: all that it checks before that is in order. */
  | { readonly outcome: "ready" }
  /** It sends an error to our callback URL, which it therefore accepts. */
  | { readonly outcome: "error"; readonly error: string; readonly description: string }
  /** It shows an error in place of a redirect: the callback URL or the client is not accepted. */
  | { readonly outcome: "refused"; readonly description: string }
  /** It shows a page of its own, which may be its login: nothing can be told from that. */
  | { readonly outcome: "page" }
  | { readonly outcome: "unreachable"; readonly description: string };

/**
 * What a provider answers to `prompt=none` when all it misses is the user (OpenID Connect Core 1.0 section 3.1.2.6).
 */
const NEEDS_USER: ReadonlySet<string> = new Set([
  "login_required",
  "consent_required",
  "interaction_required",
  "account_selection_required",
]);

export interface LoginProbeOptions {
  readonly client: UpstreamClient;
  readonly callbackUrl: string;
  readonly scopes: readonly string[];
}

/**
 * The request of a login that shows no page. Nobody is logged in by it: its state and code challenge are thrown away.
 */
export async function loginRequest({ client, callbackUrl, scopes }: LoginProbeOptions): Promise<URL> {
  const url = await client.authorizationUrl({
    redirectUri: callbackUrl,
    state: randomUUID(),
    nonce: randomUUID(),
    codeChallenge: createHash("sha256").update(randomBytes(32)).digest("base64url"),
    scopes,
  });
  url.searchParams.set("prompt", "none");
  return url;
}

/** Sends `request` and reads the answer as one to `callbackUrl`. */
export async function probeLogin(request: URL, callbackUrl: string): Promise<LoginProbe> {
  try {
    return readAnswer(await requestProvider(request.href, { headers: { accept: "text/html" } }), request, callbackUrl);
  } catch (error) {
    if (error instanceof UpstreamError) {
      return { outcome: "unreachable", description: error.message };
    }
    throw error;
  }
}

function readAnswer({ status, headers, body }: ProviderAnswer, request: URL, callbackUrl: string): LoginProbe {
  const location = headers.get("location");
  const target = location === null ? undefined : parseUrl(location, request.href);
  if (status >= 300 && status < 400 && target !== undefined) {
    return readRedirect(target, callbackUrl);
  }
  if (status === 429 || status >= 500) {
    return { outcome: "unreachable", description: `It answers ${status}.` };
  }
  if (status >= 400) {
    return { outcome: "refused", description: describePage(body) || `It answers ${status}.` };
  }
  return { outcome: "page" };
}

function readRedirect(target: URL, callbackUrl: string): LoginProbe {
  const error = target.searchParams.get("error");
  const description = target.searchParams.get("error_description") ?? "";
  if (!isSamePlace(target, new URL(callbackUrl))) {
    // A tenant may have an error page of its own.
    return error === null ? { outcome: "page" } : { outcome: "refused", description: description || error };
  }
  if (error === null || NEEDS_USER.has(error)) {
    return { outcome: "ready" };
  }
  return { outcome: "error", error, description };
}

function isSamePlace(a: URL, b: URL): boolean {
  return a.origin === b.origin && a.pathname === b.pathname;
}

const LONGEST_DESCRIPTION = 300;

/** The words of an error page, as far as they fit into a sentence. */
function describePage(html: string): string {
  const text = html
    .replace(/<(script|style|head)\b.*?<\/\1>/gis, " ")
    .replace(/<[^>]*>/g, " ")
    .replace(/&(?:nbsp|#160);/g, " ")
    .replace(/&quot;|&#34;/g, '"')
    .replace(/&#0?39;|&apos;/g, "'")
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&amp;/g, "&")
    .replace(/\s+/g, " ")
    .trim();
  return text.length > LONGEST_DESCRIPTION ? `${text.slice(0, LONGEST_DESCRIPTION)}…` : text;
}

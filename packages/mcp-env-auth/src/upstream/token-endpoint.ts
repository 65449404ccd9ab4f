import type { CustomFetch } from "openid-client";
import { isTemporary, type ProviderAnswer, parseJsonObject, requestProvider } from "./provider-http.ts";
import { displayUrl } from "./provider-url.ts";
import { UpstreamError, type UpstreamErrorKind } from "./upstream-client.ts";

const MAX_DESCRIPTION = 300;

/** GitHub's names for errors that RFC 6749 section 5.2 has a code for. */
const OWN_CODES: ReadonlyMap<string, UpstreamErrorKind> = new Map([
  ["bad_verification_code", "invalid_grant"],
  ["bad_refresh_token", "invalid_grant"],
  ["incorrect_client_credentials", "credentials"],
]);

export interface TokenEndpointFetchOptions {
  /** Seconds for each answer. */
  readonly timeout: number | undefined;
  /** Whether the library is to read an id token in the answer; else it gets none. */
  readonly idToken: boolean;
  /** Gets an id token that the library is not to read. */
  readonly onUnreadIdToken?: ((idToken: unknown) => void) | undefined;
  /** What the request holds that a message must not repeat. */
  readonly secrets: readonly (string | undefined)[];
}

/**
 * The `fetch` that the OAuth library uses at the provider's endpoints.
 *
 * @throws UpstreamError for every answer that is not a success. Answers that are reach the library as a plain 200.
 */
export function tokenEndpointFetch(options: TokenEndpointFetchOptions): CustomFetch {
  const { timeout, idToken, onUnreadIdToken, secrets } = options;
  return async (url, { method, headers, body }) => {
    const answer = await requestProvider(url, { method: method as "POST", headers, body: body ?? null, timeout });
    const json = parseJsonObject(answer.body);
    // Some providers answer 200 to a refused request.
    const refused = answer.status < 200 || answer.status > 299 || typeof json?.error === "string";
    if (refused) {
      throw refusal(url, answer, json, secrets);
    }
    if (!idToken) onUnreadIdToken?.(json?.id_token);
    return Response.json(json === undefined ? null : meaningfulMembers(json, idToken));
  };
}

/** Without what some providers send for "absent": `null`, and empty strings. */
function meaningfulMembers(json: Readonly<Record<string, unknown>>, idToken: boolean): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(json).filter(([name, value]) => value !== null && value !== "" && (idToken || name !== "id_token")),
  );
}

function refusal(
  url: string,
  { status }: ProviderAnswer,
  json: Readonly<Record<string, unknown>> | undefined,
  secrets: readonly (string | undefined)[],
): UpstreamError {
  const code = typeof json?.error === "string" ? printable(json.error, secrets) : undefined;
  const description =
    typeof json?.error_description === "string" ? printable(json.error_description, secrets) : undefined;
  const found = [String(status), code, description && `(${description})`].filter(Boolean).join(" ");
  return new UpstreamError(kindOf(status, code), `${displayUrl(url)} answered ${found}.`, { code });
}

function kindOf(status: number, code: string | undefined): UpstreamErrorKind {
  if (isTemporary(status) || code === "temporarily_unavailable") {
    return "unavailable";
  }
  switch (code) {
    case "invalid_grant":
      return "invalid_grant";
    case "invalid_client":
    case "unauthorized_client":
      return "credentials";
    // Auth0 says `access_denied` for a wrong secret, and other providers nothing at all.
    case "access_denied":
    case undefined:
      return status === 401 ? "credentials" : "rejected";
    default:
      return OWN_CODES.get(code) ?? "rejected";
  }
}

/** `text` on one line, of bounded length, without any of `secrets`. */
function printable(text: string, secrets: readonly (string | undefined)[]): string {
  let result = text;
  for (const secret of secrets) {
    if (secret !== undefined && secret !== "") {
      result = result.replaceAll(secret, "[removed]");
    }
  }
  return result.replace(/[^\x20-\x7e\u00a0-\uffff]+/g, " ").slice(0, MAX_DESCRIPTION);
}

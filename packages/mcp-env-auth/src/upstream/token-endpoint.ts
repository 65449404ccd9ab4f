import type { CustomFetch } from "openid-client";
import { isWebPage, type ProviderAnswer, requestProvider } from "./provider-http.ts";
import { displayUrl } from "./provider-url.ts";
import { printable } from "./provider-values.ts";
import { readableIdToken } from "./readable-id-token.ts";
import { type ProviderRefusal, readTokenAnswer } from "./token-answer.ts";
import { judgeRefusal } from "./token-refusal.ts";
import { UpstreamError } from "./upstream-client.ts";

export interface TokenEndpointFetchOptions {
  /** Seconds for each answer. */
  readonly timeout: number | undefined;
  /** Whether the library is to read an id token in the answer; else it gets none. */
  readonly idToken: boolean;
  /** Gets an answer's id token as it came. */
  readonly onIdToken?: ((idToken: unknown) => void) | undefined;
  /** What a success holds: tokens, or nothing that is read. Default tokens. */
  readonly expects?: "tokens" | "nothing" | undefined;
  /** Whether it is a refresh: a refusal without a known code is then about the refresh token. */
  readonly refreshes?: boolean | undefined;
  /** What the request holds that a message must not repeat. */
  readonly secrets: readonly (string | undefined)[];
}

/**
 * The `fetch` that the OAuth library uses at the provider's endpoints.
 *
 * @throws UpstreamError for every answer that is not a success. Answers that are reach the library as a plain 200.
 */
export function tokenEndpointFetch(options: TokenEndpointFetchOptions): CustomFetch {
  const { timeout, idToken, onIdToken, expects = "tokens" } = options;
  return async (url, { method, headers, body }) => {
    const answer = await requestProvider(url, { method: method as "POST", headers, body: body ?? null, timeout });
    const read = readTokenAnswer(answer);
    if (expects === "nothing" && read.outcome !== "refused") {
      return nothing(url, answer);
    }
    switch (read.outcome) {
      case "refused":
        throw refused(url, answer, read.refusal, options);
      case "malformed":
        throw malformed(url, answer, read.refreshToken);
      case "tokens": {
        const { id_token: found, ...members } = read.members;
        onIdToken?.(found);
        if (!idToken || found === undefined) {
          return Response.json(members);
        }
        return Response.json({ ...members, id_token: typeof found === "string" ? readableIdToken(found) : found });
      }
    }
  };
}

/** RFC 7009 section 2.2: the status is the answer, unless a login wall gave it. */
function nothing(url: string, answer: ProviderAnswer): Response {
  if (isWebPage(answer)) {
    throw new UpstreamError("rejected", `${displayUrl(url)} answered ${answer.status} with a web page.`, {
      about: "answer",
    });
  }
  return Response.json(null);
}

/** Without a new refresh token nothing is gained by trying again; with one, the next try goes on from there. */
function malformed(url: string, answer: ProviderAnswer, refreshToken: string | undefined): UpstreamError {
  const what = isWebPage(answer) ? "with a web page" : "without an access token";
  const found = `${displayUrl(url)} answered ${what}, which breaks the protocol.`;
  return refreshToken === undefined
    ? new UpstreamError("rejected", found, { about: "answer" })
    : new UpstreamError("unavailable", found, { refreshToken });
}

function refused(
  url: string,
  answer: ProviderAnswer,
  refusal: ProviderRefusal,
  { secrets, refreshes = false }: TokenEndpointFetchOptions,
): UpstreamError {
  const [code, description] = [refusal.code, refusal.description].map(
    (text) => (text && printable(text, secrets)) || undefined,
  );
  const { kind, isVerdict } = judgeRefusal(answer, refusal, refreshes);
  const page = isWebPage(answer) ? "with a web page" : undefined;
  const found = [answer.status, page, code, description && `(${description})`].filter(Boolean).join(" ");
  const about = isVerdict ? undefined : "answer";
  return new UpstreamError(kind, `${displayUrl(url)} answered ${found}.`, { code, description, about });
}

import {
  isTemporary,
  isWebPage,
  type ProviderAnswer,
  type ProviderRequest,
  parseJsonObject,
  requestProvider,
} from "./provider-http.ts";
import { displayUrl } from "./provider-url.ts";
import { printable, show } from "./provider-values.ts";
import { refusalIn } from "./token-answer.ts";
import { isMoreThanStatus, saysSpent } from "./token-refusal.ts";
import { UpstreamError } from "./upstream-client.ts";
import { UpstreamTokenError } from "./upstream-token.ts";

/** Seconds that a token whose end the provider does not tell is taken for good, before it is looked up again. */
export const UNKNOWN_LIFETIME = 3600;

/** In characters: what is shorter stands in sentences by chance. */
const MIN_REMOVED_LENGTH = 8;

type Members = Readonly<Record<string, unknown>>;

const LOOK_UP = { about: "look-up" } as const;

export interface TokenLookup extends Omit<ProviderRequest, "headers"> {
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * What the request is authorized with. `token`: the one in question, so that a 401 is a verdict on it. `client`: our
   * own credentials, so that a 401 is about those.
   */
  readonly authorizedBy: "token" | "client";
  /** The variables to check when our own credentials are refused, for the message. */
  readonly credentials?: string;
  /** The variable that the address comes from, for the message when there is nothing at it. */
  readonly address?: string;
  /** 404 says that there is no such token. By default it is a verdict only on what the request is authorized with. */
  readonly notFoundIsVerdict?: boolean;
}

/** What the provider says of a token. */
export interface LookedUpToken {
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Headers;
}

/**
 * Asks the provider about an opaque token: userinfo, tokeninfo, introspection.
 *
 * @throws UpstreamTokenError `inactive` when the provider says that the token is not good.
 * @throws UpstreamError `unavailable` without a verdict: a timeout, a rate limit, 5xx, or an answer of something in
 * front of the provider; `credentials` when our own are refused; `rejected` for an answer that makes no sense.
 */
export async function lookUpToken(url: string, lookup: TokenLookup): Promise<LookedUpToken> {
  const answer = await requestProvider(url, {
    ...lookup,
    headers: { accept: "application/json", "user-agent": "mcp-env-auth", ...lookup.headers },
  });
  const body = parseJsonObject(answer.body);
  if (answer.status !== 200 || (body !== undefined && isRefusal(body))) {
    throw refusal(url, answer, body, lookup);
  }
  if (body === undefined) {
    const found = isWebPage(answer) ? "answered with a web page" : "did not answer with a JSON object";
    throw new UpstreamError("rejected", `${displayUrl(url)} ${found}.${check(lookup.address)}`, LOOK_UP);
  }
  return { body, headers: answer.headers };
}

function refusal(url: string, answer: ProviderAnswer, body: Members | undefined, lookup: TokenLookup): Error {
  const { authorizedBy, credentials, address, notFoundIsVerdict = authorizedBy === "token" } = lookup;
  const { status } = answer;
  const isPage = isWebPage(answer);
  const words = isPage ? "with a web page" : wordsOf(body, secretsOf(url, lookup));
  const found = [`${displayUrl(url)} answered ${status}`, words].filter((part) => part !== "").join(" ");
  if (isTemporary(status) || isRateLimited(answer)) {
    return new UpstreamError("unavailable", `${found}.`);
  }
  if (authorizedBy === "client" && isAboutCredentials(answer, body)) {
    const why = isPage ? "something answers in its place, or it" : "it";
    return new UpstreamError(
      "credentials",
      `${found}: ${why} does not accept our credentials.${check(credentials)}`,
      LOOK_UP,
    );
  }
  if ((status === 404 && !notFoundIsVerdict) || status === 405) {
    return new UpstreamError("rejected", `${found}: tokens are not looked up there.${check(address)}`, LOOK_UP);
  }
  if (isVerdict(answer, body, authorizedBy)) {
    return new UpstreamTokenError("inactive", `The identity provider does not accept the token: ${found}.`);
  }
  const other = status >= 400 ? " Something in front of the provider may answer in its place." : "";
  return new UpstreamError(
    "rejected",
    `${found}, which is not a valid answer to a look-up.${other}${check(address)}`,
    LOOK_UP,
  );
}

/** Why the provider refuses, in its own words: those of {@link show}, since clients may see them. */
function wordsOf(body: Members | undefined, secrets: readonly string[]): string {
  const { code, description } = refusalIn(body && { ...body, ok: false }) ?? {};
  const [word, sentence] = [code, description].map((text) => text && show(printable(text, secrets)));
  return [word, sentence && `(${sentence})`].filter(Boolean).join(" ");
}

/** What a request held that no message may repeat. */
function secretsOf(url: string, { headers = {}, body }: TokenLookup): readonly string[] {
  const [, credentials = ""] = (headers.authorization ?? "").split(" ");
  const basic = Buffer.from(credentials, "base64").toString().split(":").slice(1).join(":");
  const sent = typeof body === "string" ? body : "";
  const inBody = Object.values(parseJsonObject(sent) ?? Object.fromEntries(new URLSearchParams(sent)));
  const decoded = new URLSearchParams(`secret=${basic}`).get("secret");
  const values = [credentials, decoded, ...inBody, ...new URL(url).searchParams.values()];
  return values
    .filter((value): value is string => typeof value === "string" && value.length >= MIN_REMOVED_LENGTH)
    .flatMap((value) => [value, encodeURIComponent(value), encodeURIComponent(value).replaceAll("%20", "+")]);
}

function check(variables: string | undefined): string {
  return variables === undefined ? "" : ` Check ${variables}.`;
}

/** What errors are made of, in the shapes of frameworks and gateways. */
const ERROR_MEMBERS: ReadonlySet<string> = new Set([
  ...["code", "detail", "error", "error_description", "error_uri", "errors", "message", "ok", "path", "requestId"],
  ...["status", "statusCode", "success", "timestamp", "title", "type"],
]);

/** Some answer errors with 200. What names a user or a state is no error, whatever else it has. */
function isRefusal(body: Members): boolean {
  const isAnswer = [body.sub, body.id, body.active].some((value) => value !== undefined);
  const isError = body.ok === false || Boolean(body.error);
  return !isAnswer && (isError || Object.keys(body).every((name) => ERROR_MEMBERS.has(name)));
}

function isAboutCredentials({ status }: ProviderAnswer, body: Members | undefined): boolean {
  return status === 401 || status === 403 || body?.error === "invalid_client" || body?.error === "unauthorized_client";
}

/**
 * Whether the provider itself says that the token is not good: by a challenge (RFC 6750 section 3), or in JSON that
 * says more than the status. Firewalls, login walls and rate limits refuse with the same statuses: with 403, a sentence
 * has to be about the token.
 */
function isVerdict(answer: ProviderAnswer, body: Members | undefined, by: TokenLookup["authorizedBy"]): boolean {
  const { status, headers } = answer;
  if (by === "token" && status === 401) {
    return !isWebPage(answer) || /\bbearer\b/i.test(headers.get("www-authenticate") ?? "");
  }
  const isChallenge = by === "token" && status === 403 && /\bbearer\b/i.test(headers.get("www-authenticate") ?? "");
  const { code, description } = refusalIn({ ...body, ok: false }) ?? {};
  if (status === 200) {
    return by === "token" && isMoreThanStatus(code);
  }
  if (status === 403) {
    return isChallenge || isMoreThanStatus(code) || saysSpent(description);
  }
  const saysWhy = body !== undefined && (status === 404 || [code, description].some(isMoreThanStatus));
  return status >= 400 && saysWhy;
}

/** GitHub and others answer 403 to a caller that asks too often. */
function isRateLimited({ status, headers }: ProviderAnswer): boolean {
  return status === 403 && (headers.has("retry-after") || headers.get("x-ratelimit-remaining") === "0");
}

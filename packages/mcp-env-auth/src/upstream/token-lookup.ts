import {
  isTemporary,
  type ProviderAnswer,
  type ProviderRequest,
  parseJsonObject,
  requestProvider,
} from "./provider-http.ts";
import { displayUrl } from "./provider-url.ts";
import { UpstreamError } from "./upstream-client.ts";
import { UpstreamTokenError } from "./upstream-token.ts";

/** Seconds that a token whose end the provider does not tell is taken for good, before it is looked up again. */
export const UNKNOWN_LIFETIME = 3600;

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
 * @throws UpstreamError `unavailable` without a verdict: a timeout, a rate limit, 5xx; `credentials` when our own are
 * refused; `rejected` for an answer that makes no sense.
 */
export async function lookUpToken(url: string, lookup: TokenLookup): Promise<LookedUpToken> {
  const answer = await requestProvider(url, {
    ...lookup,
    headers: { accept: "application/json", "user-agent": "mcp-env-auth", ...lookup.headers },
  });
  if (answer.status !== 200) {
    throw refusal(url, answer, lookup);
  }
  const body = parseJsonObject(answer.body);
  if (body === undefined) {
    throw new UpstreamError("rejected", `${displayUrl(url)} did not answer with a JSON object.`);
  }
  return { body, headers: answer.headers };
}

function refusal(url: string, answer: ProviderAnswer, lookup: TokenLookup): Error {
  const { authorizedBy, credentials, address, notFoundIsVerdict = authorizedBy === "token" } = lookup;
  const { status } = answer;
  const found = `${displayUrl(url)} answered ${status}`;
  if (isTemporary(status) || isRateLimited(answer)) {
    return new UpstreamError("unavailable", `${found}.`);
  }
  if (authorizedBy === "client" && (status === 401 || status === 403)) {
    const advice = credentials === undefined ? "" : ` Check ${credentials}.`;
    return new UpstreamError("credentials", `${found}: it does not accept our credentials.${advice}`);
  }
  if ((status === 404 && !notFoundIsVerdict) || status === 405) {
    const advice = address === undefined ? "" : ` Check ${address}.`;
    return new UpstreamError("rejected", `${found}: tokens are not looked up there.${advice}`);
  }
  if (status >= 400) {
    return new UpstreamTokenError("inactive", `The identity provider does not accept the token: ${found}.`);
  }
  return new UpstreamError("rejected", `${found}, which is no answer to a look-up.`);
}

/** GitHub and others answer 403 to a caller that asks too often. */
function isRateLimited({ status, headers }: ProviderAnswer): boolean {
  return status === 403 && (headers.has("retry-after") || headers.get("x-ratelimit-remaining") === "0");
}

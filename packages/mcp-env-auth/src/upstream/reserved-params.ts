import type { Logger } from "../logger.ts";

/** What ties an authorization request to one login of this client. */
export const RESERVED_AUTHORIZE_PARAMS: readonly string[] = [
  "client_id",
  "code_challenge",
  "code_challenge_method",
  "nonce",
  "redirect_uri",
  "response_type",
  "state",
];

/** The grant and the credentials of a token request. */
export const RESERVED_TOKEN_PARAMS: readonly string[] = [
  "client_id",
  "client_secret",
  "code",
  "code_verifier",
  "grant_type",
  "redirect_uri",
  "refresh_token",
];

/** `params` without the `reserved` ones, which are named in the log instead. */
export function acceptedParams(
  params: Readonly<Record<string, string>> | undefined,
  reserved: readonly string[],
  logger: Logger,
): Readonly<Record<string, string>> {
  const ignored = Object.keys(params ?? {}).filter((name) => reserved.includes(name));
  if (ignored.length > 0) {
    logger.warn({ ignored }, `Extra parameters can't set ${ignored.join(", ")}: take them out of the configuration.`);
  }
  return Object.fromEntries(Object.entries(params ?? {}).filter(([name]) => !reserved.includes(name)));
}

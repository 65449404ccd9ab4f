import type { Dialect } from "../client-dialects.ts";
import { refusalResult } from "../http/refusal-result.ts";

/** In the SDK's challenges, quotes and backslashes stand in no value (RFC 6750 section 3). */
const DESCRIPTION = /\berror_description="([^"]*)"/;

/**
 * What stands for a refusal of the SDK's handler, where a scope challenge of a registration made it and the client's
 * dialect has a result for it; `undefined` for every other response.
 *
 * @param body the request's.
 */
export function scopeRefusal(answer: Response, body: unknown, dialect: () => Dialect): object | undefined {
  const challenge = scopeChallengeOf(answer);
  if (challenge === undefined) {
    return undefined;
  }
  const [, text = "This call needs more scopes."] = DESCRIPTION.exec(challenge) ?? [];
  return refusalResult(body, dialect(), { kind: "scopes", text, challenges: [challenge] });
}

function scopeChallengeOf({ status, headers }: Response): string | undefined {
  const challenge = headers.get("www-authenticate") ?? "";
  return status === 403 && challenge.includes('error="insufficient_scope"') ? challenge : undefined;
}

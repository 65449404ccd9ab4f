import type { OAuthErrorCode } from "../errors.ts";

export interface Challenge {
  /** Left out when the request carried no credentials at all (RFC 6750 section 3.1). */
  readonly error?: OAuthErrorCode;
  readonly description?: string;
  readonly scopes?: readonly string[];
  /** The URL of the protected resource metadata (RFC 9728 section 5.1). */
  readonly resourceMetadata?: string | undefined;
}

/** The value of a `WWW-Authenticate` header for the Bearer scheme (RFC 6750 section 3, RFC 9728 section 5.1). */
export function formatBearerChallenge(challenge: Challenge): string {
  return formatChallenge("Bearer", challenge);
}

/** The same for the DPoP scheme; `algorithms` are those that a proof may be signed with (RFC 9449 section 7.1). */
export function formatDpopChallenge(challenge: Challenge, algorithms: readonly string[]): string {
  return formatChallenge("DPoP", challenge, [["algs", algorithms.join(" ")]]);
}

function formatChallenge(
  scheme: string,
  challenge: Challenge,
  further: readonly (readonly [name: string, value: string])[] = [],
): string {
  const parameters: string[] = [];
  const add = (name: string, value: string | undefined) => {
    if (value !== undefined && value !== "") {
      parameters.push(`${name}="${quotedValue(value)}"`);
    }
  };
  add("error", challenge.error);
  add("error_description", challenge.description);
  add("scope", challenge.scopes?.join(" "));
  add("resource_metadata", challenge.resourceMetadata);
  for (const [name, value] of further) {
    add(name, value);
  }
  return parameters.length === 0 ? scheme : `${scheme} ${parameters.join(", ")}`;
}

// RFC 6750 section 3 allows %x20-21 / %x23-5B / %x5D-7E in these values: no quotes, no backslashes, no controls.
// Anything else could end the value early or split the header.
function quotedValue(value: string): string {
  return value.replace(/["\\]/g, "'").replace(/[^\x20-\x7e]/g, "?");
}

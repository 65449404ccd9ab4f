import type { OAuthErrorCode } from "../errors.ts";

export interface BearerChallenge {
  /** Left out when the request carried no credentials at all (RFC 6750 section 3.1). */
  readonly error?: OAuthErrorCode;
  readonly description?: string;
  readonly scopes?: readonly string[];
  /** The URL of the protected resource metadata (RFC 9728 section 5.1). */
  readonly resourceMetadata?: string | undefined;
}

/** The value of a `WWW-Authenticate` header for the Bearer scheme (RFC 6750 section 3, RFC 9728 section 5.1). */
export function formatBearerChallenge(challenge: BearerChallenge): string {
  const parameters: string[] = [];
  const add = (name: string, value: string | undefined) => {
    if (value !== undefined && value !== "") parameters.push(`${name}="${quotedValue(value)}"`);
  };
  add("error", challenge.error);
  add("error_description", challenge.description);
  add("scope", challenge.scopes?.join(" "));
  add("resource_metadata", challenge.resourceMetadata);
  return parameters.length === 0 ? "Bearer" : `Bearer ${parameters.join(", ")}`;
}

// RFC 6750 section 3 allows %x20-21 / %x23-5B / %x5D-7E in these values: no quotes, no
// backslashes, no controls. Anything else could end the value early or split the header.
function quotedValue(value: string): string {
  return value.replace(/["\\]/g, "'").replace(/[^\x20-\x7e]/g, "?");
}

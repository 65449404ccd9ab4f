import { decodeProtectedHeader, type ProtectedHeaderParameters } from "jose";
import type { ProviderAdvice } from "../provider-advice.ts";
import { show } from "./provider-values.ts";
import { UpstreamTokenError } from "./upstream-token.ts";

/** Characters: twice what the headers of a request may hold. */
const MAX_LENGTH = 32 * 1024;

/** The most characters of a `jti`: each is remembered until its token expires. */
export const MAX_JTI_LENGTH = 512;

/** What is asked of a provider whose tokens are signed otherwise. */
export const SIGN_OTHERWISE = "At the provider, choose one of these.";

/** The header of a token that may be verified. */
export interface TokenHeader {
  readonly alg: string;
  readonly kid: string | undefined;
  /** `typ` in lower case, without `application/` (RFC 7515 section 4.1.9). */
  readonly type: string | undefined;
}

export interface HeaderRules {
  readonly algorithms: readonly string[];
  /** The variable that names the audience, for messages. */
  readonly audienceVariable?: string | undefined;
  readonly advice?: ProviderAdvice | undefined;
}

/**
 * Reads the header of a token and checks all that it says, before any key is looked for.
 *
 * @throws UpstreamTokenError
 */
export function readHeader(token: string, rules: HeaderRules): TokenHeader {
  if (token.length > MAX_LENGTH) {
    throw new UpstreamTokenError("malformed", `The token is longer than ${MAX_LENGTH} characters.`);
  }
  const parts = token.split(".").length;
  if (parts !== 3) {
    throw opaque(parts === 5 ? "encrypted (a JWE)" : "opaque", rules);
  }
  const { alg, crit, kid, typ } = decode(token);
  if (typeof alg !== "string" || !rules.algorithms.includes(alg)) {
    throw new UpstreamTokenError(
      "algorithm",
      `The token is signed with ${show(alg)}, but only ${rules.algorithms.join(", ")} may be. ${rules.advice?.signingAlgorithm ?? SIGN_OTHERWISE}`,
    );
  }
  if (crit !== undefined) {
    throw new UpstreamTokenError("malformed", `The token demands extensions that are not known here: ${show(crit)}.`);
  }
  const type = typeof typ === "string" ? typ.toLowerCase().replace(/^application\//, "") : undefined;
  if (typ !== undefined && type !== "jwt" && type !== "at+jwt") {
    throw new UpstreamTokenError("type", `The token is of type ${show(typ)}, not an access token (at+jwt or JWT).`);
  }
  return { alg, kid: typeof kid === "string" ? kid : undefined, type };
}

function decode(token: string): ProtectedHeaderParameters {
  try {
    return decodeProtectedHeader(token);
  } catch {
    throw new UpstreamTokenError("malformed", "The token is not a JWT: its header can't be read.");
  }
}

function opaque(found: string, { audienceVariable = "the audience", advice }: HeaderRules): UpstreamTokenError {
  return new UpstreamTokenError(
    "opaque",
    `The provider's access token is ${found}, not a signed JWT: check ${audienceVariable}. ${advice?.opaqueToken ?? "Many providers give JWTs only for an API of one's own, which it must name."}`,
  );
}

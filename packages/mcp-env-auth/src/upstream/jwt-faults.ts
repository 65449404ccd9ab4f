import { errors, type JWTPayload } from "jose";
import type { ProviderAdvice } from "../provider-advice.ts";
import { show } from "./provider-values.ts";
import { UpstreamTokenError } from "./upstream-token.ts";

/** What a token has to say. */
export interface ExpectedClaims {
  readonly issuer: string | readonly string[] | undefined;
  readonly audience: string | readonly string[] | undefined;
  /** The variable that names the audience, for messages. */
  readonly audienceVariable?: string | undefined;
  readonly advice?: ProviderAdvice | undefined;
}

/** The issuer in `claims` is not the one expected. */
export function issuerError({ iss }: JWTPayload, { issuer, advice }: ExpectedClaims): UpstreamTokenError {
  return new UpstreamTokenError(
    "issuer",
    `The token's issuer is ${show(iss)}, expected ${list(issuer)} (compared exactly). ${advice?.issuer ?? "Is it of another tenant or domain?"}`,
  );
}

/** The audience in `claims` is not one of those expected. */
export function audienceError({ aud }: JWTPayload, { audience, audienceVariable }: ExpectedClaims): UpstreamTokenError {
  const variable = audienceVariable ?? "the audience";
  if ([aud].flat().every((one) => one === undefined || one === null || one === "")) {
    return new UpstreamTokenError(
      "audience",
      `The token names no audience, expected ${list(audience)}: have the provider put that into its tokens (aud), as it is in ${variable}. Some need the parameter audience or resource.`,
    );
  }
  return new UpstreamTokenError(
    "audience",
    `The token is for ${show(aud)}, expected ${list(audience)}: compare ${variable} with the identifier of the API at the provider.`,
  );
}

export function expiredError(): UpstreamTokenError {
  return new UpstreamTokenError("expired", "The token has expired.");
}

/** The claim `name`, a time, is not a number. */
export function timeError(name: string): UpstreamTokenError {
  return new UpstreamTokenError("claims", `The token's ${show(name)} claim is not a point in time.`);
}

/** What the library found wrong with a token, in our terms; `undefined` when it is its signature or the key. */
export function toTokenError(error: unknown, expected: ExpectedClaims): UpstreamTokenError | undefined {
  if (error instanceof errors.JWTExpired) {
    return expiredError();
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    return claimError(error, expected);
  }
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid) {
    return new UpstreamTokenError("malformed", `The token is not a valid JWT: ${error.message}.`);
  }
  return undefined;
}

function claimError({ claim, reason, payload }: errors.JWTClaimValidationFailed, expected: ExpectedClaims) {
  if (claim === "aud") {
    return audienceError(payload, expected);
  }
  if (claim === "iss") {
    return issuerError(payload, expected);
  }
  if (claim === "nbf" && reason === "check_failed") {
    return new UpstreamTokenError("not_yet_valid", "The token is not valid yet: compare the clocks.");
  }
  return reason === "missing"
    ? new UpstreamTokenError("claims", `The token's ${show(claim)} claim is missing.`)
    : timeError(claim);
}

function list(values: string | readonly string[] | undefined): string {
  return [values].flat().map(show).join(" or ");
}

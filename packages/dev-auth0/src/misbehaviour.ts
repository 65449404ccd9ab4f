import type { JwtOptions } from "./jwt.ts";

/**
 * What can go wrong with any endpoint.
 *
 * - `down`: the connection is destroyed without an answer.
 * - `hanging`: the request is read and never answered.
 * - `half-open`: the answer begins, and its body never ends.
 * - `answer-lost`: the request is carried out, and the connection is destroyed in place of the answer.
 * - `html`: 200 and a web page where JSON is due.
 * - `delay`: the answer comes after so many milliseconds.
 * - `status`: the answer is this status, with an error of Auth0's shape.
 */
export type EndpointFault =
  | "down"
  | "hanging"
  | "half-open"
  | "answer-lost"
  | "html"
  | { readonly delay: number }
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string };

/** An OAuth error, whatever was asked. At /authorize it goes to the callback URL, at once. */
export interface ErrorFault {
  readonly error: string;
  readonly description?: string;
  /** At the token endpoint only. Default 403. */
  readonly status?: number;
}

/** Members put over those of the discovery document; `undefined` takes one away. */
export interface MetadataFault {
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** A token that a resource server must refuse, or options for one of your own making. */
export type AccessTokenFault =
  | "alg-none"
  | "expired"
  | "hs256"
  | "not-yet-valid"
  | "opaque"
  | "unpublished-key"
  | "without-expiry"
  | "without-permissions"
  | "wrong-audience"
  | "wrong-issuer"
  | JwtOptions;

/** An id token that a client must refuse, or none at all, or claims put over its own. */
export type IdTokenFault =
  | "expired"
  | "missing"
  | "unpublished-key"
  | "wrong-audience"
  | "wrong-issuer"
  | "wrong-nonce"
  | { readonly claims: Readonly<Record<string, unknown>> };

/** How the tenant misbehaves. Everything absent works as it should. */
export interface Misbehaviour {
  /** Every endpoint named below that has no fault of its own. */
  readonly everywhere?: EndpointFault | undefined;
  readonly discovery?: EndpointFault | MetadataFault | undefined;
  readonly jwks?: EndpointFault | undefined;
  readonly authorize?: EndpointFault | ErrorFault | undefined;
  readonly token?: EndpointFault | ErrorFault | undefined;
  readonly revoke?: EndpointFault | ErrorFault | undefined;
  readonly userinfo?: EndpointFault | undefined;
  readonly accessToken?: AccessTokenFault | undefined;
  readonly idToken?: IdTokenFault | undefined;
  /** `none`: no refresh token is issued. `without-leeway`: a rotated refresh token ends at once. */
  readonly refreshToken?: "none" | "without-leeway" | undefined;
}

/** The endpoints that can misbehave on their own. */
export type EndpointName = "discovery" | "jwks" | "authorize" | "token" | "revoke" | "userinfo";

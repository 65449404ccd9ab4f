import type { OAuthError } from "./errors.ts";

/**
 * Where authorization servers publish their metadata: by RFC 8414 section 3, and by OpenID Connect Discovery 1.0
 * section 4.
 */
export const OAUTH_METADATA = "/.well-known/oauth-authorization-server";
export const OPENID_METADATA = "/.well-known/openid-configuration";

/** Seconds that metadata may be cached. */
export const METADATA_MAX_AGE = 3600;

/** How an endpoint's body is read before its handler runs. `form` takes that type only, as browsers send it. */
export type EndpointBody = "none" | "form" | "json" | "form or json";

/** A request to an endpoint, as a value: nothing in it leads to the connection. */
export interface EndpointRequest {
  readonly method: string;
  /** Without the path of BASE_URL. */
  readonly path: string;
  /** Repeats stay visible. */
  readonly query: URLSearchParams;
  /** By lower-case name, each with its values as they were sent: a repeated header has several. */
  readonly headers: Readonly<Record<string, readonly string[] | undefined>>;
  /** In the order sent (RFC 6265 section 5.4). Repeats stay visible. */
  readonly cookies: readonly (readonly [name: string, value: string])[];
  /**
   * `URLSearchParams` for `form` and `form or json`, the parsed value for `json`; `undefined` where the request has no
   * body or it was not read.
   */
  readonly body: unknown;
  /**
   * Whether `Accept` prefers HTML to JSON (RFC 9110 section 12.5.1): a person reads the response. Vary it by `Accept`.
   */
  readonly prefersHtml: boolean;
  /** The client's IP address, as far as FASTMCP_TRUST_PROXY lets forwarded headers count. */
  readonly clientAddress: string;
}

/** A cookie to set. Every one is for the whole host, and out of reach of scripts and of other sites' requests. */
export interface EndpointCookie {
  readonly name: string;
  readonly value: string;
  /** Seconds; `0` removes the cookie. */
  readonly maxAge: number;
  /** Whether browsers send it over https only. */
  readonly secure: boolean;
}

/** What an endpoint answers, as a value. */
export interface EndpointResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly EndpointCookie[];
  /** `text` needs a Content-Type among the headers; `json` brings its own. Absent: an empty body. */
  readonly body?: { readonly json: unknown } | { readonly text: string };
}

/**
 * One HTTP endpoint, as data: the HTTP layer adds routing, body parsing with limits, CORS, rate limiting, security
 * headers and error responses.
 */
export interface Endpoint {
  /** An exact path, without the path of BASE_URL. */
  readonly path: string;
  readonly methods: readonly ("GET" | "POST")[];
  /**
   * `form` and `form or json` give the body as `URLSearchParams`, so that repeats stay visible; `json` as the parsed
   * value. GET has no body. Only `form` insists on its Content-Type.
   */
  readonly body: EndpointBody;
  /** Answers any Origin, without credentials. */
  readonly crossOrigin: boolean;
  /** What counts against the rate limit of an address. */
  readonly limit: "requests" | "failures" | "none";
  /** Headers of whatever comes of `handle`: of its response, and of the answer to its rejection. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * A rejection with `OAuthError` is answered as JSON (RFC 6749 section 5.2); with anything else, as 500 without
   * detail.
   */
  handle(request: EndpointRequest): Promise<EndpointResponse>;
  /**
   * Answers a request that was refused before `handle` got it: one too many, or one that can't be read. Default: as a
   * rejection.
   */
  answerRefusal?(request: EndpointRequest, refusal: OAuthError): EndpointResponse;
}

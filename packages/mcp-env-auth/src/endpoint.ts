import type { Request, Response } from "express";
import type { OAuthError } from "./errors.ts";

/** How an endpoint's body is read before its handler runs. */
export type EndpointBody = "none" | "form" | "json";

/**
 * One HTTP endpoint, as data: the HTTP layer adds routing, body parsing with
 * limits, CORS, rate limiting, security headers and error responses.
 */
export interface Endpoint {
  /** An exact path, without the path of BASE_URL. */
  readonly path: string;
  readonly methods: readonly ("GET" | "POST")[];
  /** `form` gives `request.body` as `URLSearchParams`, so that repeats stay visible; `json` as the parsed value. GET has no body. */
  readonly body: EndpointBody;
  /** Answers any Origin, without credentials. */
  readonly crossOrigin: boolean;
  /** What counts against the rate limit of an address. */
  readonly limit: "requests" | "failures" | "none";
  /** A rejection with `OAuthError` is answered as JSON (RFC 6749 section 5.2); with anything else, as 500 without detail. */
  handle(request: Request, response: Response): Promise<void>;
  /** Answers a request that was refused before `handle` got it: that was one of too many, or can't be read. Default: as a rejection. */
  answerRefusal?(request: Request, response: Response, refusal: OAuthError): void;
}

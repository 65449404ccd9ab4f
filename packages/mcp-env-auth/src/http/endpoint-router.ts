import type { ServerResponse } from "node:http";
import express, { type ErrorRequestHandler, type RequestHandler, Router } from "express";
import type { Endpoint } from "../endpoint.ts";
import { OAuthError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { answerPreflight, setCorsHeaders } from "./cors.ts";
import { sendErrorBody, sendOAuthError } from "./oauth-error-response.ts";
import type { RateLimits } from "./rate-limit.ts";

const BODY_LIMIT = 64 * 1024;

/** Routes endpoints: methods, cross-origin access, rate limit, body with its size limit, and errors as RFC 6749 section 5.2 has them. */
export function createEndpointRouter(endpoints: readonly Endpoint[], limits: RateLimits, logger: Logger): Router {
  const router = Router({ caseSensitive: true, strict: true });
  for (const endpoint of endpoints) {
    router.all(
      endpoint.path,
      admit(endpoint),
      ...limitFor(endpoint, limits),
      ...parserFor(endpoint),
      ...(endpoint.limit === "failures" ? [limits.turns] : []),
      (request, response) => endpoint.handle(request, response),
    );
  }
  router.use(answerError(logger));
  return router;
}

function admit(endpoint: Endpoint): RequestHandler {
  // A HEAD must change nothing, and only documents for everybody are sure to.
  const withHead = endpoint.crossOrigin && endpoint.methods.includes("GET");
  const methods = [...endpoint.methods, ...(withHead ? ["HEAD"] : [])];
  return (request, response, next) => {
    if (endpoint.crossOrigin) {
      const policy = { origin: "*", methods };
      if (request.method === "OPTIONS") return answerPreflight(request, response, policy);
      setCorsHeaders(response, policy);
    }
    if (methods.includes(request.method)) return next();
    response.setHeader("Allow", methods.join(", "));
    sendErrorBody(response, 405, "invalid_request", `Use ${endpoint.methods.join(" or ")} here.`);
  };
}

function limitFor({ limit }: Endpoint, limits: RateLimits): RequestHandler[] {
  return limit === "none" ? [] : [limits[limit]];
}

function parserFor({ body }: Endpoint): RequestHandler[] {
  if (body === "json")
    return [refuseTooLarge, express.json({ limit: BODY_LIMIT, strict: false }), requireParsed("application/json")];
  if (body === "form") {
    const type = "application/x-www-form-urlencoded";
    return [refuseTooLarge, express.text({ type, limit: BODY_LIMIT }), requireParsed(type), readForm];
  }
  return [];
}

// The parsers read a body that is too large to its promised end before they refuse it.
const refuseTooLarge: RequestHandler = (request, response, next) => {
  if (Number(request.headers["content-length"] ?? 0) > BODY_LIMIT) sendTooLarge(response);
  else next();
};

function sendTooLarge(response: ServerResponse): void {
  sendErrorBody(response, 413, "invalid_request", `The body is larger than ${BODY_LIMIT} bytes.`);
}

function requireParsed(type: string): RequestHandler {
  return (request, _response, next) => {
    const bodyless = request.method === "GET" || request.method === "HEAD";
    if (bodyless || request.body !== undefined) return next();
    next(new OAuthError("invalid_request", `Send a body of type ${type}.`));
  };
}

const readForm: RequestHandler = (request, _response, next) => {
  if (typeof request.body === "string") request.body = new URLSearchParams(request.body);
  next();
};

function answerError(logger: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) return next(error);
    if (error instanceof OAuthError) {
      if (error.status >= 500)
        logger.error({ path: request.path, error: error.code, cause: error.cause }, error.message);
      return sendOAuthError(response, error);
    }
    const status = statusOfParserError(error);
    if (status === 413) return sendTooLarge(response);
    if (status !== undefined) return sendErrorBody(response, 400, "invalid_request", "The body can't be read.");
    logger.error({ path: request.path, err: error }, "A request failed unexpectedly");
    sendErrorBody(response, 500, "server_error", "The server failed to answer. Its log says why.");
  };
}

// Express's body parsers reject with http-errors, which mark client faults by `expose` and a 4xx `status`.
function statusOfParserError(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("status" in error) || typeof error.status !== "number") return undefined;
  return error.status >= 400 && error.status < 500 ? error.status : undefined;
}

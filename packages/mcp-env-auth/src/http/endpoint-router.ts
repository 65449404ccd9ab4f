import { type ErrorRequestHandler, type Request, type RequestHandler, type Response, Router } from "express";
import { createCountedLines } from "../counted-lines.ts";
import type { Endpoint } from "../endpoint.ts";
import { ChallengeError, OAuthError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { answerPreflight, setCorsHeaders } from "./cors.ts";
import { NoRoomForOpenBody, parserFor, refusalOfParser } from "./endpoint-bodies.ts";
import { sendEndpointResponse, setHeaders, toEndpointRequest } from "./endpoint-exchange.ts";
import { createFairTurns } from "./fair-slices.ts";
import { sendErrorBody, sendOAuthError } from "./oauth-error-response.ts";
import { createOpenBodyRoom, type OpenBodyRoom } from "./open-body-room.ts";
import type { RateLimits } from "./rate-limit.ts";

/**
 * Routes endpoints: methods, cross-origin access, rate limit, body with its size limit, and errors as RFC 6749 section
 * 5.2 has them.
 */
export function createEndpointRouter(
  endpoints: readonly Endpoint[],
  limits: RateLimits,
  logger: Logger,
  room: OpenBodyRoom = createOpenBodyRoom(),
): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const fairTurn = createFairTurns();
  for (const endpoint of endpoints) {
    router.all(
      endpoint.path,
      admit(endpoint),
      ...limitFor(endpoint, limits),
      ...parserFor(endpoint.body, room, fairTurn),
      ...(endpoint.limit === "failures" ? [limits.turns] : []),
      ...refusalsOf(endpoint),
      handlerOf(endpoint, limits),
    );
  }
  router.use(answerError(logger));
  return router;
}

/** The methods that are not refused. A HEAD must change nothing, and only documents for everybody are sure to. */
export function answeredMethods({ crossOrigin, methods }: Endpoint): readonly string[] {
  return [...methods, ...(crossOrigin && methods.includes("GET") ? ["HEAD"] : [])];
}

function admit(endpoint: Endpoint): RequestHandler {
  const methods = answeredMethods(endpoint);
  return (request, response, next) => {
    if (endpoint.crossOrigin) {
      const policy = { origin: "*", methods };
      if (request.method === "OPTIONS") {
        return answerPreflight(request, response, policy);
      }
      setCorsHeaders(response, policy);
    }
    if (methods.includes(request.method)) {
      return next();
    }
    response.setHeader("Allow", methods.join(", "));
    sendErrorBody(response, 405, "invalid_request", `Use ${endpoint.methods.join(" or ")} here.`);
  };
}

function limitFor({ limit }: Endpoint, limits: RateLimits): RequestHandler[] {
  return limit === "none" ? [] : [limits[limit]];
}

function handlerOf(endpoint: Endpoint, limits: RateLimits) {
  const settled: RateLimits["settled"] = endpoint.limit === "failures" ? limits.settled : () => {};
  return async (request: Request, response: Response) => {
    setHeaders(response, endpoint.headers);
    try {
      const answer = await endpoint.handle(toEndpointRequest(request));
      settled(request, answer);
      sendEndpointResponse(response, answer);
    } catch (error) {
      settled(request, error instanceof OAuthError ? error : { status: 500 });
      throw error;
    }
  };
}

/** Stands before the handler of an endpoint that answers by itself what was refused till then. */
function refusalsOf(endpoint: Endpoint): ErrorRequestHandler[] {
  if (endpoint.answerRefusal === undefined) {
    return [];
  }
  return [
    (error: unknown, request, response, next) => {
      const refusal = error instanceof OAuthError ? error : refusalOfParser(error);
      const answer = refusal && endpoint.answerRefusal?.(toEndpointRequest(request), refusal);
      if (answer === undefined) {
        next(error);
      } else {
        sendEndpointResponse(response, answer);
      }
    },
  ];
}

function answerError(logger: Logger): ErrorRequestHandler {
  const lines = createCountedLines(logger);
  return (error: unknown, request, response, next) => {
    if (response.headersSent) {
      return next(error);
    }
    const known = error instanceof OAuthError ? error : refusalOfParser(error);
    if (known !== undefined) {
      if (known instanceof NoRoomForOpenBody) {
        const message = "Requests are refused: too many bodies are being read, or answered";
        lines.warn("open bodies", { event: "open-bodies-full" }, message);
        return sendOAuthError(response, known);
      }
      if (known.status >= 500 && !known.isCallersDoing) {
        logger.error({ path: request.path, error: known.code, cause: known.cause }, known.message);
      }
      if (known instanceof ChallengeError) {
        response.setHeader("WWW-Authenticate", known.challenge);
      }
      return sendOAuthError(response, known);
    }
    logger.error({ path: request.path, err: error }, "A request failed unexpectedly");
    sendErrorBody(response, 500, "server_error", "The server failed to answer. Its log says why.");
  };
}

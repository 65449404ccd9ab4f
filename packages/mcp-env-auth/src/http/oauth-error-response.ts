import type { ServerResponse } from "node:http";
import { type OAuthError, type OAuthErrorCode, TOO_MANY_REQUESTS } from "../errors.ts";
import { activeTelemetry } from "../telemetry.ts";

/** RFC 6585 section 4. */
/** Answers with a JSON body that no cache keeps. */
export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.setHeader("Content-Type", "application/json");
  if (!response.hasHeader("Cache-Control")) {
    response.setHeader("Cache-Control", "no-store");
  }
  response.statusCode = status;
  response.end(text);
}

/** Answers with a protocol error (RFC 6749 section 5.2). Headers set before, such as a challenge, stay. */
export function sendOAuthError(response: ServerResponse, error: OAuthError): void {
  if (error.retryAfter !== undefined) {
    response.setHeader("Retry-After", String(Math.ceil(error.retryAfter)));
  }
  sendErrorBody(response, error.status, error.code, error.message);
}

/** Answers with an error body in the shape of RFC 6749 section 5.2. */
export function sendErrorBody(
  response: ServerResponse,
  status: number,
  error: OAuthErrorCode | "not_found",
  description: string,
): void {
  activeTelemetry()?.refused(status === TOO_MANY_REQUESTS ? "rate_limited" : error);
  sendJson(response, status, { error, error_description: description });
}

import type { EndpointRequest, EndpointResponse } from "../../endpoint.ts";
import type { OAuthErrorCode } from "../../errors.ts";
import { OPENER_HEADERS } from "../../pages/page.ts";
import { activeTelemetry } from "../../telemetry.ts";
import type { ProxyContext } from "../context.ts";
import { describable } from "../protocol/parameters.ts";

/** Where an authorization response goes: a redirect URI that was checked, and the client's own state. */
export interface ResponseTarget {
  readonly redirectUri: string;
  readonly state?: string | undefined;
}

/** What an authorization error response says. */
export interface ResponseError {
  readonly code: OAuthErrorCode;
  /** Becomes the `error_description`. */
  readonly message: string;
}

/** Sends the browser back to the client with an authorization code (RFC 6749 section 4.1.2). */
export function redirectWithCode(
  context: ProxyContext,
  request: EndpointRequest,
  target: ResponseTarget,
  code: string,
): EndpointResponse {
  return redirect(request, locationAt(context, target, { code }));
}

/** Sends the browser back to the client with an error (RFC 6749 section 4.1.2.1). */
export function redirectWithError(
  context: ProxyContext,
  request: EndpointRequest,
  target: ResponseTarget,
  error: ResponseError,
): EndpointResponse {
  activeTelemetry()?.refused(error.code);
  return redirect(request, errorLocation(context, target, error));
}

/** Where an error is told to the client: its redirect URI with the error, its state and our issuer. */
export function errorLocation(context: ProxyContext, target: ResponseTarget, error: ResponseError): string {
  return locationAt(context, target, { error: error.code, error_description: describable(error.message, 400) });
}

function locationAt(
  { options }: ProxyContext,
  { redirectUri, state }: ResponseTarget,
  parameters: Readonly<Record<string, string>>,
): string {
  // RFC 9207: `iss` lets a client of several servers tell whose answer this is.
  const query = new URLSearchParams({ ...parameters, ...(state !== undefined && { state }), iss: options.issuer });
  const separator = redirectUri.includes("?") ? "&" : "?";
  // Not every client reads `+` as a space (RFC 3986). A plus itself is %2B here.
  return `${redirectUri}${separator}${query.toString().replaceAll("+", "%20")}`;
}

/** Redirects the browser with GET, after a form too (RFC 9700 section 4.12). */
export function redirect({ method }: EndpointRequest, location: string): EndpointResponse {
  return {
    status: method === "POST" ? 303 : 302,
    headers: {
      "Cache-Control": "no-store",
      "Referrer-Policy": "no-referrer",
      ...OPENER_HEADERS,
      Location: location,
    },
  };
}

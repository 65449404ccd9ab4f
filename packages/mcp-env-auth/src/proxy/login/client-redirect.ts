import type { EndpointRequest, EndpointResponse } from "../../endpoint.ts";
import type { OAuthErrorCode } from "../../errors.ts";
import { OPENER_HEADERS, pageResponse } from "../../pages/page.ts";
import { frameFor } from "../../pages/page-frame.ts";
import { activeTelemetry } from "../../telemetry.ts";
import type { LoginParameters } from "../../upstream/upstream-client.ts";
import { parseRedirectUri } from "../clients/redirect-uris.ts";
import type { ProxyContext } from "../context.ts";
import { endPage, type LoginEnd } from "../pages/end-page.ts";
import { describable } from "../protocol/parameters.ts";

/** Where an authorization response goes: a redirect URI that was checked, and the client's own state. */
export interface ResponseTarget {
  readonly redirectUri: string;
  readonly state?: string | undefined;
  readonly loginParameters?: Pick<LoginParameters, "ui_locales"> | undefined;
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
  return leadToClient(context, request, target, locationAt(context, target, { code }), "connected");
}

/** Sends the browser back to the client with an error (RFC 6749 section 4.1.2.1). */
export function redirectWithError(
  context: ProxyContext,
  request: EndpointRequest,
  target: ResponseTarget,
  error: ResponseError,
  end: LoginEnd = "failed",
): EndpointResponse {
  activeTelemetry()?.refused(error.code);
  return leadToClient(context, request, target, errorLocation(context, target, error), end);
}

/**
 * A redirect, or, for a person whose client has a scheme of its own, a page that leads there and stays when the app has
 * opened.
 */
function leadToClient(
  { site }: ProxyContext,
  request: EndpointRequest,
  { redirectUri, loginParameters }: ResponseTarget,
  location: string,
  end: LoginEnd,
): EndpointResponse {
  const parsed = parseRedirectUri(redirectUri);
  if (!request.prefersHtml || !("uri" in parsed) || (parsed.kind !== "private" && end !== "expired")) {
    return redirect(request, location);
  }
  const frame = frameFor(site, request, loginParameters?.ui_locales ?? "");
  const response = pageResponse(200, endPage(end, location, frame), frame);
  return { ...response, headers: { ...response.headers, Vary: "Accept" } };
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

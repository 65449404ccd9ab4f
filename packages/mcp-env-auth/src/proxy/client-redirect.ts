import type { Request, Response } from "express";
import type { OAuthErrorCode } from "../errors.ts";
import type { ProxyContext } from "./context.ts";
import { describable } from "./parameters.ts";

/** Where an authorization response goes: a redirect URI that was checked, and the client's own state. */
export interface ResponseTarget {
  readonly redirectUri: string;
  readonly state?: string | undefined;
}

/** Sends the browser back to the client with an authorization code (RFC 6749 section 4.1.2). */
export function redirectWithCode(
  context: ProxyContext,
  request: Request,
  response: Response,
  target: ResponseTarget,
  code: string,
): void {
  redirectToClient(context, request, response, target, { code });
}

/** Sends the browser back to the client with an error (RFC 6749 section 4.1.2.1). */
export function redirectWithError(
  context: ProxyContext,
  request: Request,
  response: Response,
  target: ResponseTarget,
  error: { readonly code: OAuthErrorCode; readonly message: string },
): void {
  const parameters = { error: error.code, error_description: describable(error.message, 400) };
  redirectToClient(context, request, response, target, parameters);
}

function redirectToClient(
  { options }: ProxyContext,
  request: Request,
  response: Response,
  { redirectUri, state }: ResponseTarget,
  parameters: Readonly<Record<string, string>>,
): void {
  // RFC 9207: `iss` lets a client of several servers tell whose answer this is.
  const query = new URLSearchParams({ ...parameters, ...(state !== undefined && { state }), iss: options.issuer });
  const separator = redirectUri.includes("?") ? "&" : "?";
  redirect(request, response, `${redirectUri}${separator}${query}`);
}

/**
 * Web clients open the login in a popup and are told of its end through
 * `window.opener`, which a stricter policy on any response on the way cuts.
 */
export const OPENER_HEADERS: Readonly<Record<string, string>> = { "Cross-Origin-Opener-Policy": "unsafe-none" };

/** Redirects the browser with GET, after a form too (RFC 9700 section 4.12). */
export function redirect(request: Request, response: Response, location: string): void {
  response.set({
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    ...OPENER_HEADERS,
  });
  response.setHeader("Location", location);
  response.status(request.method === "POST" ? 303 : 302).end();
}

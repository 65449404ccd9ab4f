import type { Request, Response } from "express";
import { activeTelemetry } from "../../telemetry.ts";
import type { RedirectUri } from "../clients/redirect-uris.ts";
import type { ProxyContext } from "../context.ts";
import { prefersPage } from "../pages/error-page.ts";
import { html } from "../pages/html.ts";
import { sendPage } from "../pages/page.ts";
import { errorLocation, type ResponseError, redirectWithError } from "./client-redirect.ts";

const TITLE = "This request can't be used";

/**
 * Tells the client of an error before the user has approved anything.
 * Anybody can register any address, so a browser is sent away by itself to
 * this computer only; elsewhere it takes a click, with the address in view
 * (RFC 9700 section 4.11.2). Programs get the redirect: they take no user along.
 */
export function answerUnapprovedError(
  context: ProxyContext,
  request: Request,
  response: Response,
  { uri, kind, host, scheme }: RedirectUri,
  state: string | undefined,
  error: ResponseError,
): void {
  const target = { redirectUri: uri, state };
  response.vary("Accept");
  if (kind === "loopback" || !prefersPage(request)) {
    redirectWithError(context, request, response, target, error);
    return;
  }
  activeTelemetry()?.refused(error.code);
  sendPage(response, 400, {
    title: TITLE,
    body: html`<h1>${TITLE}</h1>
<p>An application sent you here with a request that has a mistake in it. Nothing was given away. Go back to tell the application of it, but only if you have just used it and trust it.</p>
<dl><div><dt>What is wrong with the request</dt><dd><code>${error.code}</code></dd><dd class="note">${error.message}</dd></div></dl>
<p><a href="${errorLocation(context, target, error)}">Return to the application</a></p>
<p class="note">This leads to ${kind === "web" ? html`<strong>${host}</strong>` : html`an app that opens <code>${scheme}:</code> links`}. Nobody has checked whose address this is.</p>`,
  });
}

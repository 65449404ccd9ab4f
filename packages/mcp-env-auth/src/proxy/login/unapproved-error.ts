import type { EndpointRequest, EndpointResponse } from "../../endpoint.ts";
import { html } from "../../pages/html.ts";
import { pageResponse } from "../../pages/page.ts";
import { frameFor, type PageFrame } from "../../pages/page-frame.ts";
import { activeTelemetry } from "../../telemetry.ts";
import type { RedirectUri } from "../clients/redirect-uris.ts";
import type { ProxyContext } from "../context.ts";
import { errorLocation, type ResponseError, redirectWithError } from "./client-redirect.ts";

const TITLE = "This request can't be used";

/**
 * Tells the client of an error before the user has approved anything. Anybody can register any address, so a browser is
 * sent away by itself to this computer only; elsewhere it takes a click, with the address in view (RFC 9700 section
 * 4.11.2). Programs get the redirect: they take no user along.
 */
export function answerUnapprovedError(
  context: ProxyContext,
  request: EndpointRequest,
  redirectUri: RedirectUri,
  state: string | undefined,
  error: ResponseError,
): EndpointResponse {
  const target = { redirectUri: redirectUri.uri, state };
  const takesClick = redirectUri.kind !== "loopback" && request.prefersHtml;
  const response = takesClick
    ? errorPage(redirectUri, error, errorLocation(context, target, error), frameFor(context.site, request))
    : redirectWithError(context, request, target, error);
  return { ...response, headers: { Vary: "Accept", ...response.headers } };
}

function errorPage(
  { kind, host, scheme }: RedirectUri,
  error: ResponseError,
  location: string,
  frame: PageFrame,
): EndpointResponse {
  activeTelemetry()?.refused(error.code);
  const body = html`<h1>${TITLE}</h1>
<p>An application sent you here with a request that has a mistake in it. Nothing was given away. Go back to tell the application of it, but only if you have just used it and trust it.</p>
<dl><div><dt>What is wrong with the request</dt><dd><code>${error.code}</code></dd><dd class="note">${error.message}</dd></div></dl>
<p><a href="${location}">Return to the application</a></p>
<p class="note">This leads to ${kind === "web" ? html`<strong>${host}</strong>` : html`an app that opens <code>${scheme}:</code> links`}. Nobody has checked whose address this is.</p>`;
  return pageResponse(400, { title: TITLE, body }, frame);
}

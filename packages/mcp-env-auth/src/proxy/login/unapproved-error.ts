import type { EndpointRequest, EndpointResponse } from "../../endpoint.ts";
import { pageResponse } from "../../pages/page.ts";
import { frameFor } from "../../pages/page-frame.ts";
import { activeTelemetry } from "../../telemetry.ts";
import type { RedirectUri } from "../clients/redirect-uris.ts";
import type { ProxyContext } from "../context.ts";
import { mistakePage } from "../pages/mistake-page.ts";
import { errorLocation, type ResponseError, redirectWithError } from "./client-redirect.ts";

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
  if (!takesClick) {
    const response = redirectWithError(context, request, target, error);
    return { ...response, headers: { Vary: "Accept", ...response.headers } };
  }
  activeTelemetry()?.refused(error.code);
  const frame = frameFor(context.site, request);
  const page = mistakePage(redirectUri, error, errorLocation(context, target, error), frame);
  const response = pageResponse(400, page, frame);
  return { ...response, headers: { Vary: "Accept", ...response.headers } };
}

import type { Endpoint, EndpointRequest, EndpointResponse } from "../../endpoint.ts";
import { OAuthError, type OAuthErrorCode, TOO_MANY_REQUESTS } from "../../errors.ts";
import { html } from "../../pages/html.ts";
import { pageResponse } from "../../pages/page.ts";
import { frameFor } from "../../pages/page-frame.ts";
import type { Site } from "../../pages/site.ts";
import { activeTelemetry } from "../../telemetry.ts";
import { withStoreOutageAs503 } from "../protocol/outages.ts";

const TITLES: Readonly<Record<number, string>> = {
  [TOO_MANY_REQUESTS]: "Too many requests",
  503: "Not available right now",
};

export interface BrowserErrorOptions {
  readonly code?: OAuthErrorCode;
  readonly title: string;
  readonly status?: number;
  /** Further members of the JSON answer. */
  readonly members?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * An error of a request that a browser makes, and that must not be answered with a redirect: a page for people, JSON
 * for programs. `message` is shown.
 */
export class BrowserError extends Error {
  override readonly name = "BrowserError";
  readonly options: BrowserErrorOptions;

  constructor(message: string, options: BrowserErrorOptions) {
    super(message);
    this.options = options;
  }
}

/** An endpoint whose protocol errors are answered to the browser, as page or JSON. */
export function answeringBrowserErrors(site: Site, endpoint: Endpoint): Endpoint {
  return {
    ...endpoint,
    answerRefusal: (request, refusal) => browserErrorResponse(site, request, refusal),
    handle: (request) => answerBrowserErrors(site, request, () => endpoint.handle(request)),
  };
}

/** What comes of `work`: its response, or what the browser is answered for its protocol error. */
export async function answerBrowserErrors(
  site: Site,
  request: EndpointRequest,
  work: () => Promise<EndpointResponse>,
): Promise<EndpointResponse> {
  try {
    return await withStoreOutageAs503(work);
  } catch (error) {
    return browserErrorResponse(site, request, error);
  }
}

function toBrowserError(error: unknown): BrowserError {
  if (error instanceof BrowserError) {
    return error;
  }
  if (error instanceof OAuthError) {
    const { code, status, retryAfter } = error;
    return new BrowserError(error.message, {
      code,
      status,
      title: TITLES[status] ?? "This request can't be used",
      ...(retryAfter !== undefined && { headers: { "Retry-After": String(retryAfter) } }),
    });
  }
  throw error;
}

/** @throws what is no protocol error */
function browserErrorResponse(site: Site, request: EndpointRequest, reason: unknown): EndpointResponse {
  const error = toBrowserError(reason);
  const { code = "invalid_request", title, status = 400, members } = error.options;
  const headers = { ...error.options.headers, Vary: "Accept" };
  activeTelemetry()?.refused(status === TOO_MANY_REQUESTS ? "rate_limited" : code);
  if (request.prefersHtml) {
    const body = html`<h1>${title}</h1>
<p>${error.message}</p>`;
    const page = pageResponse(status, { title, body }, frameFor(site, request));
    return { ...page, headers: { ...headers, ...page.headers } };
  }
  return {
    status,
    headers: { ...headers, "Cache-Control": "no-store" },
    body: { json: { error: code, error_description: error.message, ...members } },
  };
}

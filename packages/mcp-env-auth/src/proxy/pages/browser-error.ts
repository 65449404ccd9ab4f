import { randomBytes } from "node:crypto";
import type { Endpoint, EndpointRequest, EndpointResponse } from "../../endpoint.ts";
import { OAuthError, type OAuthErrorCode, TOO_MANY_REQUESTS } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import { pageResponse } from "../../pages/page.ts";
import { frameFor } from "../../pages/page-frame.ts";
import type { Site } from "../../pages/site.ts";
import { activeTelemetry } from "../../telemetry.ts";
import { withStoreOutageAs503 } from "../protocol/outages.ts";
import { type ErrorKind, errorPage, type PageAction } from "./error-page.ts";

const KINDS: Readonly<Record<number, ErrorKind>> = {
  [TOO_MANY_REQUESTS]: "tooMany",
  500: "wentWrong",
  503: "unavailable",
};

/** Errors that may be over when the same address is opened again. */
const PASSING: ReadonlySet<ErrorKind> = new Set(["tooMany", "unavailable", "wentWrong"]);

export interface BrowserErrorOptions {
  readonly code?: OAuthErrorCode;
  readonly kind: ErrorKind;
  readonly status?: number;
  readonly action?: PageAction;
  /** Further members of the JSON answer. */
  readonly members?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * An error of a request that a browser makes, and that must not be answered with a redirect: a page for people, JSON
 * for programs. `message` is for developers.
 */
export class BrowserError extends Error {
  override readonly name = "BrowserError";
  readonly options: BrowserErrorOptions;

  constructor(message: string, options: BrowserErrorOptions) {
    super(message);
    this.options = options;
  }
}

/** Whose errors they are. */
export interface ErrorSource {
  readonly site: Site;
  readonly options: { readonly logger: Logger };
}

/** An endpoint whose protocol errors are answered to the browser, as page or JSON. */
export function answeringBrowserErrors(source: ErrorSource, endpoint: Endpoint): Endpoint {
  return {
    ...endpoint,
    answerRefusal: (request, refusal) => browserErrorResponse(source, request, refusal),
    handle: (request) => answerBrowserErrors(source, request, () => endpoint.handle(request)),
  };
}

/**
 * What comes of `work`: its response, or what the browser is answered for its error.
 *
 * @param uiLocales the languages that the client asked for, where they are known
 */
export async function answerBrowserErrors(
  source: ErrorSource,
  request: EndpointRequest,
  work: () => Promise<EndpointResponse>,
  uiLocales?: string,
): Promise<EndpointResponse> {
  try {
    return await withStoreOutageAs503(work);
  } catch (error) {
    return browserErrorResponse(source, request, error, uiLocales);
  }
}

/** @throws what is no protocol error, to a program */
function browserErrorResponse(
  { site, options: { logger } }: ErrorSource,
  request: EndpointRequest,
  reason: unknown,
  uiLocales?: string,
): EndpointResponse {
  const error = toBrowserError(reason, request);
  const { code = "invalid_request", kind, status = 400, members } = error.options;
  const headers = { ...error.options.headers, Vary: "Accept" };
  activeTelemetry()?.refused(status === TOO_MANY_REQUESTS ? "rate_limited" : code);
  if (!request.prefersHtml) {
    return {
      status,
      headers: { ...headers, "Cache-Control": "no-store" },
      body: { json: { error: code, error_description: error.message, ...members } },
    };
  }
  const reference = noteError(logger, error, reason);
  // Opening the address again repeats a GET alone.
  const retry = PASSING.has(kind) && request.method === "GET" ? ({ href: "", text: "tryAgain" } as const) : undefined;
  const frame = frameFor(site, request, uiLocales);
  const action = error.options.action ?? retry;
  const page = errorPage({ kind, action, reference, code, message: error.message }, frame);
  const response = pageResponse(status, page, frame);
  return { ...response, headers: { ...headers, ...response.headers } };
}

function toBrowserError(error: unknown, { prefersHtml }: EndpointRequest): BrowserError {
  if (error instanceof BrowserError) {
    return error;
  }
  if (error instanceof OAuthError) {
    const { code, status, retryAfter } = error;
    return new BrowserError(error.message, {
      code,
      status,
      kind: KINDS[status] ?? "badRequest",
      ...(retryAfter !== undefined && { headers: { "Retry-After": String(retryAfter) } }),
    });
  }
  if (prefersHtml) {
    return new BrowserError("The server failed to answer. Its log says why.", {
      code: "server_error",
      status: 500,
      kind: "wentWrong",
    });
  }
  throw error;
}

/** Logs what a page says, unless anybody can bring it about without end. @returns the reference on the page */
function noteError(logger: Logger, { message, options }: BrowserError, reason: unknown): string | undefined {
  const { kind, code } = options;
  if (kind === "tooMany") {
    return undefined;
  }
  const reference = randomBytes(5).toString("hex");
  const fields = { event: "page-error", reference, page: kind, ...(code !== undefined && { error: code }) };
  if (reason instanceof BrowserError || reason instanceof OAuthError) {
    logger.info(fields, `A page told somebody: ${message}`);
  } else {
    logger.error({ ...fields, err: reason }, "A request of a browser failed unexpectedly");
  }
  return reference;
}

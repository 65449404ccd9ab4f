import type { Request, Response } from "express";
import type { Endpoint } from "../../endpoint.ts";
import { OAuthError, type OAuthErrorCode } from "../../errors.ts";
import { activeTelemetry } from "../../telemetry.ts";
import { withStoreOutageAs503 } from "../protocol/outages.ts";
import { html } from "./html.ts";
import { sendPage } from "./page.ts";

/** RFC 6585 section 4. */
const TOO_MANY = 429;

const TITLES: Readonly<Record<number, string>> = { [TOO_MANY]: "Too many requests", 503: "Not available right now" };

export interface BrowserErrorOptions {
  readonly code?: OAuthErrorCode;
  readonly title: string;
  readonly status?: number;
  /** Further members of the JSON answer. */
  readonly members?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * An error of a request that a browser makes, and that must not be answered
 * with a redirect: a page for people, JSON for programs. `message` is shown.
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
export function answeringBrowserErrors(endpoint: Endpoint): Endpoint {
  const answer = (request: Request, response: Response, error: unknown) =>
    sendBrowserError(request, response, toBrowserError(error));
  return {
    ...endpoint,
    answerRefusal: answer,
    async handle(request, response) {
      try {
        await withStoreOutageAs503(() => endpoint.handle(request, response));
      } catch (error) {
        answer(request, response, error);
      }
    },
  };
}

/** Whether a person is to read the answer, rather than a program. Vary the response by `Accept`. */
export function prefersPage(request: Request): boolean {
  return request.accepts(["json", "html"]) === "html";
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

function sendBrowserError(request: Request, response: Response, error: BrowserError): void {
  const { code = "invalid_request", title, status = 400, members, headers } = error.options;
  for (const [name, value] of Object.entries(headers ?? {})) {
    response.setHeader(name, value);
  }
  activeTelemetry()?.refused(status === TOO_MANY ? "rate_limited" : code);
  response.vary("Accept");
  if (prefersPage(request)) {
    sendPage(response, status, {
      title,
      body: html`<h1>${title}</h1>
<p>${error.message}</p>`,
    });
    return;
  }
  response.setHeader("Cache-Control", "no-store");
  response.status(status).json({ error: code, error_description: error.message, ...members });
}

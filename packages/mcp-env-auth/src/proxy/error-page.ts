import type { Request, Response } from "express";
import type { Endpoint } from "../endpoint.ts";
import { OAuthError, type OAuthErrorCode } from "../errors.ts";
import { GuardStoreUnavailable } from "../store/guard-store.ts";
import { PROVIDER_RETRY_AFTER, type ProviderSession, type ProxyContext } from "./context.ts";
import { html } from "./html.ts";
import { sendPage } from "./page.ts";

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

/** Runs an endpoint's handler and answers its {@link BrowserError}s, and an unavailable guard store. */
export function answeringBrowserErrors(handle: Endpoint["handle"]): Endpoint["handle"] {
  return async (request, response) => {
    try {
      await handle(request, response);
    } catch (error) {
      sendBrowserError(request, response, toBrowserError(error));
    }
  };
}

/** The provider and its keys. @throws BrowserError 503 until it is known. */
export function requireProviderForBrowser(context: ProxyContext): ProviderSession {
  const session = context.providerSession();
  if (session === undefined) {
    throw new BrowserError(
      "The server is not connected to its identity provider yet. Try again in a few seconds; if this lasts, the server's log says why.",
      unavailable(PROVIDER_RETRY_AFTER),
    );
  }
  return session;
}

function unavailable(retryAfter: number): BrowserErrorOptions {
  return {
    code: "temporarily_unavailable",
    title: "Not available right now",
    status: 503,
    headers: { "Retry-After": String(retryAfter) },
  };
}

function toBrowserError(error: unknown): BrowserError {
  if (error instanceof BrowserError) {
    return error;
  }
  if (error instanceof GuardStoreUnavailable) {
    return new BrowserError("The server can't complete logins right now. Try again in a moment.", unavailable(1));
  }
  if (error instanceof OAuthError) {
    return new BrowserError(error.message, {
      code: error.code,
      title: "This request can't be used",
      status: error.status,
    });
  }
  throw error;
}

function sendBrowserError(request: Request, response: Response, error: BrowserError): void {
  const { code = "invalid_request", title, status = 400, members, headers } = error.options;
  for (const [name, value] of Object.entries(headers ?? {})) {
    response.setHeader(name, value);
  }
  response.setHeader("Vary", "Accept");
  if (request.accepts(["json", "html"]) === "html") {
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

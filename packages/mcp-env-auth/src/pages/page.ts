import { createHash } from "node:crypto";
import type { EndpointResponse } from "../endpoint.ts";
import { Html, html } from "./html.ts";
import type { PageFrame } from "./page-frame.ts";
import { PAGE_STYLE } from "./page-style.ts";
import { siteFooter, siteHeader } from "./site-frame.ts";

const STYLE_HASH = createHash("sha256").update(PAGE_STYLE).digest("base64");

// No form-action: Chrome applies it to redirects after the form too, and those lead to the provider and to the client.
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${STYLE_HASH}'`,
  "img-src data:",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/**
 * Web clients open the login in a popup and are told of its end through `window.opener`, which a stricter policy on any
 * response on the way cuts.
 */
export const OPENER_HEADERS: Readonly<Record<string, string>> = { "Cross-Origin-Opener-Policy": "unsafe-none" };

const HEADERS: Readonly<Record<string, string>> = {
  "Cache-Control": "no-store",
  "Content-Security-Policy": CONTENT_SECURITY_POLICY,
  "Content-Type": "text/html; charset=utf-8",
  ...OPENER_HEADERS,
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
};

export interface Page {
  readonly title: string;
  readonly body: Html;
  /** Where the browser goes by itself. */
  readonly refresh?: PageRefresh | undefined;
}

export interface PageRefresh {
  readonly seconds: number;
  readonly location: string;
}

/** A response with a page that runs no script, loads nothing, is kept nowhere and can't be framed. */
export function pageResponse(status: number, page: Page, frame: PageFrame): EndpointResponse {
  return { status, headers: HEADERS, body: { text: renderPage(page, frame) } };
}

/** The whole document. */
export function renderPage({ title, body, refresh }: Page, { site, texts }: PageFrame): string {
  const document = html`<!doctype html>
<html lang="${texts.language}" dir="${texts.direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
${refresh && html`<meta http-equiv="refresh" content="${refresh.seconds};url=${refresh.location}">`}
<link rel="icon" href="${site.icon ?? FAVICON}">
<title>${title}</title>
<style>${new Html(PAGE_STYLE)}</style>
</head>
<body>
${siteHeader(site)}
<main>
${body}
</main>
${siteFooter(site, texts)}
</body>
</html>
`;
  return document.markup;
}

const FAVICON = `data:image/svg+xml,${encodeURIComponent(
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#1d4ed8"/><path d="M10 15v-3a6 6 0 0 1 12 0v3" fill="none" stroke="#fff" stroke-width="3"/><rect x="8" y="15" width="16" height="11" rx="2" fill="#fff"/></svg>`,
)}`;

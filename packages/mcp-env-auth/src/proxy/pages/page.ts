import { createHash } from "node:crypto";
import type { EndpointResponse } from "../../endpoint.ts";
import { Html, html } from "./html.ts";
import { PAGE_STYLE } from "./page-style.ts";

const STYLE_HASH = createHash("sha256").update(PAGE_STYLE).digest("base64");

// No form-action: Chrome applies it to redirects after the form too, and those lead to the provider and to the client.
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${STYLE_HASH}'`,
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
}

/** A response with a page that runs no script, loads nothing, is kept nowhere and can't be framed. */
export function pageResponse(status: number, { title, body }: Page): EndpointResponse {
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${new Html(PAGE_STYLE)}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;
  return { status, headers: HEADERS, body: { text: document.markup } };
}

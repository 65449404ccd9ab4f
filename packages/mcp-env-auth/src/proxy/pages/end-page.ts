import { html } from "../../pages/html.ts";
import type { Page } from "../../pages/page.ts";
import type { PageFrame } from "../../pages/page-frame.ts";
import { fillText } from "../../pages/page-text.ts";

/** How a login ended. */
export type LoginEnd = "connected" | "denied" | "expired" | "failed";

/** Seconds to read what happened, where the page would be replaced by the application's own. */
const READING_TIME = 5;

/**
 * The last page of a login whose client has a redirect URI with a scheme of its own. Opening one leaves the tab where
 * it was, so that people would look at the provider's page and not know that the login is over. A login that expired
 * ends with it whatever the redirect URI: not every application says why it failed.
 *
 * @param location the redirect URI, which was checked, with the response. It stands in the link and in the refresh
 * alone.
 */
export function endPage(end: LoginEnd, location: string, { site, texts }: PageFrame): Page {
  const [scheme = ""] = location.split(":");
  const staysOpen = scheme !== "http" && scheme !== "https";
  const title = texts[`${end}Title`];
  return {
    title,
    refresh: { seconds: staysOpen ? 0 : READING_TIME, location },
    body: html`<h1>${title}</h1>
<p>${fillText(texts[`${end}Text`], { server: html`<strong><bdi>${site.name}</bdi></strong>` })}</p>
<p class="actions"><a class="button primary" href="${location}">${texts.returnToApplication}</a></p>
${staysOpen ? html`<p class="note">${fillText(texts.opensLinks, { scheme: html`<code dir="ltr">${scheme}:</code>` })}</p>` : undefined}`,
  };
}

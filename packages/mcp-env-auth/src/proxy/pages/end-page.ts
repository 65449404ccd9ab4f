import { html } from "../../pages/html.ts";
import type { Page } from "../../pages/page.ts";
import type { PageFrame } from "../../pages/page-frame.ts";
import { fillText } from "../../pages/page-text.ts";

/** How a login ended. */
export type LoginEnd = "connected" | "denied" | "failed";

/**
 * The last page of a login whose client has a redirect URI with a scheme of its own. Opening one leaves the tab where
 * it was, so that people would look at the provider's page and not know that the login is over.
 *
 * @param location the redirect URI, which was checked, with the response. It stands in the link and in the refresh
 * alone.
 */
export function endPage(end: LoginEnd, location: string, { site, texts }: PageFrame): Page {
  const [scheme = ""] = location.split(":");
  const title = texts[`${end}Title`];
  return {
    title,
    refresh: { seconds: 0, location },
    body: html`<h1>${title}</h1>
<p>${fillText(texts[`${end}Text`], { server: html`<strong><bdi>${site.name}</bdi></strong>` })}</p>
<p class="actions"><a class="button primary" href="${location}">${texts.returnToApplication}</a></p>
<p class="note">${fillText(texts.opensLinks, { scheme: html`<code dir="ltr">${scheme}:</code>` })}</p>`,
  };
}

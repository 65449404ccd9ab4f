import { html } from "../../pages/html.ts";
import type { Page } from "../../pages/page.ts";
import type { PageFrame } from "../../pages/page-frame.ts";
import { fillText } from "../../pages/page-text.ts";
import type { RedirectUri } from "../clients/redirect-uris.ts";
import { developerDetails } from "./error-page.ts";

/**
 * Says that an application sent a request with a mistake, before the user has approved anything.
 *
 * @param location where the application is told. Nobody has checked whose address that is, so the page says so.
 */
export function mistakePage(
  { kind, host, scheme }: Pick<RedirectUri, "kind" | "host" | "scheme">,
  error: { readonly code: string; readonly message: string },
  location: string,
  { texts }: PageFrame,
): Page {
  const leads =
    kind === "web"
      ? fillText(texts.mistakeLeads, { host: html`<bdi dir="ltr"><strong>${host}</strong></bdi>` })
      : fillText(texts.mistakeOpens, { scheme: html`<code dir="ltr">${scheme}:</code>` });
  return {
    title: texts.badRequestTitle,
    body: html`<h1>${texts.badRequestTitle}</h1>
<p>${texts.mistakeText}</p>
<p class="note">${leads}</p>
<p class="actions"><a class="button" href="${location}" rel="noreferrer">${texts.returnToApplication}</a></p>
${developerDetails(error.code, error.message, texts)}`,
  };
}

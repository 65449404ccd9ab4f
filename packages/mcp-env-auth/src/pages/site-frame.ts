import { type Html, html } from "./html.ts";
import type { Texts } from "./languages/en.ts";
import { fillText } from "./page-text.ts";
import type { Site } from "./site.ts";

/** What stands above each page: whose it is. */
export function siteHeader({ name, icon }: Site): Html {
  const image = icon === undefined ? undefined : html`<img src="${icon}" alt="" width="28" height="28">`;
  return html`<header>${image}<span><bdi>${name}</bdi></span></header>`;
}

/** What stands below each page: the operator, and the operator's links. */
export function siteFooter({ operator, links = {} }: Site, texts: Texts): Html | undefined {
  const operatedBy =
    operator === undefined
      ? []
      : [html`<span>${fillText(texts.operatedBy, { operator: html`<bdi>${operator}</bdi>` })}</span>`];
  const anchors = (["help", "privacy", "terms"] as const).flatMap((name) => {
    const url = links[name];
    return url === undefined ? [] : [html`<a href="${url.href}" rel="noreferrer">${texts[name]}</a>`];
  });
  const parts = [...operatedBy, ...anchors];
  return parts.length === 0 ? undefined : html`<footer>${parts}</footer>`;
}

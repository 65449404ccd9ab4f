import { type Html, html } from "../../pages/html.ts";
import type { Texts } from "../../pages/languages/en.ts";
import type { Page } from "../../pages/page.ts";
import type { PageFrame } from "../../pages/page-frame.ts";
import { fillText } from "../../pages/page-text.ts";

/** What a page can say went wrong. Each has a title and a text in every language. */
export type ErrorKind =
  | "answerExpired"
  | "badAddress"
  | "badRequest"
  | "blocked"
  | "loginUsed"
  | "notAllowed"
  | "otherBrowser"
  | "pageExpired"
  | "providerFailed"
  | "tooMany"
  | "unavailable"
  | "unregistered"
  | "wentWrong";

/** What the person can do now. */
export interface PageAction {
  readonly href: string;
  readonly text: keyof Texts;
}

export interface ErrorPageOptions {
  readonly kind: ErrorKind;
  readonly action?: PageAction | undefined;
  /** What the log names the error by. */
  readonly reference?: string | undefined;
  /** The error's code and description, as programs get them. */
  readonly code: string;
  readonly message: string;
}

/** Says what happened and what to do now, with what developers need folded away. */
export function errorPage({ kind, action, reference, code, message }: ErrorPageOptions, frame: PageFrame): Page {
  const { site, texts } = frame;
  const title = texts[`${kind}Title`];
  return {
    title,
    body: html`<h1>${title}</h1>
<p>${fillText(texts[`${kind}Text`], { server: html`<strong><bdi>${site.name}</bdi></strong>` })}</p>
${actions(action, frame)}
${reference === undefined ? undefined : html`<p class="note">${fillText(texts.reference, { reference: html`<code dir="ltr">${reference}</code>` })}</p>`}
${developerDetails(code, message, texts)}`,
  };
}

/** What only developers need, folded away. It is in English, as the protocol has it. */
export function developerDetails(code: string, message: string, texts: Texts): Html {
  return html`<details><summary>${texts.forDevelopers}</summary><dl dir="ltr"><dt><code>${code}</code></dt><dd><bdi lang="en">${message}</bdi></dd></dl></details>`;
}

function actions(action: PageAction | undefined, { site, texts }: PageFrame): Html | undefined {
  const { guide, links } = site;
  const ways = [
    action && ([action.href, texts[action.text]] as const),
    guide === undefined ? undefined : ([guide, texts.howToConnect] as const),
    links?.help && ([links.help.href, texts.getHelp] as const),
  ].filter((way) => way !== undefined);
  const [first, second] = ways;
  if (first === undefined) {
    return undefined;
  }
  return html`<p class="actions">${second && button(second, "button")}${button(first, "button primary")}</p>`;
}

function button([href, text]: readonly [href: string, text: string], style: string): Html {
  return html`<a class="${style}" href="${href}" rel="noreferrer">${text}</a>`;
}

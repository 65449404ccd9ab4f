import { type Html, html } from "../../pages/html.ts";
import type { Page } from "../../pages/page.ts";
import type { PageFrame } from "../../pages/page-frame.ts";
import { durationText, fillPlain, fillText } from "../../pages/page-text.ts";
import { CHOICE_FIELD } from "../protocol/chosen-scopes.ts";
import { deviceWarning, nameMarkup, type Requester, requesterLine } from "./consent-requester.ts";
import { type AskedScopes, scopeList } from "./consent-scopes.ts";
import { hostMarkup } from "./registrable-domain.ts";

export interface ConsentPageOptions {
  readonly requester: Requester;
  readonly asked: AskedScopes;
  /** Where the user will log in. */
  readonly providerHost: string;
  /** Whether the provider can be told to ask for the account. */
  readonly offersAnotherAccount: boolean;
  /** Seconds from a login to the next, at the most. */
  readonly sessionTtl: number;
  readonly resource: string;
  /** Where the form goes. */
  readonly action: string;
  /** The sealed request. */
  readonly form: string;
  /** The browser did not send the cookie that the last page was bound to: the address that asks again elsewhere. */
  readonly repeatedAt: string | undefined;
}

/** The question before every login: which client gets access to what, and where it will be sent. */
export function consentPage(options: ConsentPageOptions, { site, texts }: PageFrame): Page {
  const { requester, asked, providerHost, sessionTtl, action, form } = options;
  const client = nameMarkup(requester, texts);
  const server = html`<strong><bdi>${site.name}</bdi></strong>`;
  const provider = html`<bdi dir="ltr"><strong>${providerHost}</strong></bdi>`;
  return {
    title: fillPlain(texts.allowTitle, { server: site.name }),
    body: html`<h1>${fillText(texts.headline, { client, server })}</h1>
${warningBox(options, { site, texts })}
${requesterLine(requester, texts)}
<form method="post" action="${action}">
<input type="hidden" name="request" value="${form}">
<input type="hidden" name="${CHOICE_FIELD}" value="scopes">
${scopeList(asked, texts)}
<p>${fillText(texts.signIn, { provider })}</p>
${options.offersAnotherAccount ? anotherAccount(texts.anotherAccount) : undefined}
<p class="note">${fillText(texts.lasts, { duration: durationText(sessionTtl, texts.language) })} ${texts.endEarlier}</p>
<div class="actions">
<button type="submit" name="decision" value="deny">${texts.deny}</button>
<button type="submit" name="decision" value="allow" class="primary">${texts.allow}</button>
</div>
</form>
${facts(options, { site, texts })}`,
  };
}

function anotherAccount(text: string): Html {
  return html`<div class="switch"><input type="checkbox" id="account" name="account" value="another"><label for="account">${text}</label></div>`;
}

/** At most one: two would teach people to read none. */
function warningBox({ requester, repeatedAt }: ConsentPageOptions, { texts }: PageFrame): Html | undefined {
  const device = deviceWarning(requester.redirectUri, texts);
  if (repeatedAt === undefined) {
    return device && html`<div class="warning" role="note"><p>${device}</p></div>`;
  }
  const link = html`<a href="${repeatedAt}">${texts.thisAddress}</a>`;
  const first = html`<p>${texts.answerAgain} ${fillText(texts.answerAgainHelp, { link })}</p>`;
  return html`<div class="warning" role="alert" tabindex="-1" autofocus>${first}${device && html`<p>${device}</p>`}</div>`;
}

function facts({ requester, resource }: ConsentPageOptions, { texts }: PageFrame): Html {
  const { metadataHost, redirectHost, redirectUri } = requester;
  const described =
    metadataHost === undefined || redirectHost !== undefined
      ? undefined
      : html`<dt>${texts.describedAt}</dt><dd>${hostMarkup(metadataHost)}</dd>`;
  return html`<h2>${texts.details}</h2><dl><dt>${texts.redirectUri}</dt><dd><code dir="ltr">${redirectUri}</code></dd>${described}<dt>${texts.resource}</dt><dd><code dir="ltr">${resource}</code></dd></dl>`;
}

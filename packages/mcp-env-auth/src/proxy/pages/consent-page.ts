import { parseRedirectUri } from "../clients/redirect-uris.ts";
import { type Html, html } from "./html.ts";
import type { Page } from "./page.ts";

export interface ConsentPageOptions {
  readonly serverName: string;
  /** What the client says of itself. Nobody has checked it. */
  readonly clientName: string | undefined;
  /** The host that its metadata document came from, which was checked. */
  readonly metadataHost: string | undefined;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  /** Those among `scopes` that are part of every login, whatever the client asks for. */
  readonly requiredScopes: readonly string[];
  /** Where the user will log in. */
  readonly providerHost: string;
  readonly resource: string;
  /** Where the form goes. */
  readonly action: string;
  /** The sealed request. */
  readonly form: string;
  /** The browser did not send the cookie that the last page was bound to. */
  readonly repeated: boolean;
}

/** The question that stands before every login: which client gets access to what, and where it will be sent. */
export function consentPage(options: ConsentPageOptions): Page {
  const { serverName, clientName, metadataHost, redirectUri, providerHost, resource, action, form, repeated } = options;
  return {
    title: `Allow access to ${serverName}?`,
    body: html`<h1>Allow access to ${serverName}?</h1>
${repeated ? repeatedNotice() : undefined}
<p>An application that ${clientName === undefined ? html`gives no name` : html`calls itself “<bdi>${clientName}</bdi>”`} wants to use this server as you. Allow it only if you have just started this in an application that you trust.</p>
<dl>
<div><dt>You will be sent back to</dt>${destination(redirectUri)}</div>
<div><dt>The application calls itself</dt><dd>${clientName === undefined ? html`(no name given)` : html`<bdi>${clientName}</bdi>`}</dd></div>
${metadataHost === undefined ? undefined : html`<div><dt>It is described by a document at</dt><dd class="host">${metadataHost}</dd></div>`}
<div><dt>It asks for</dt><dd>${scopeList(options)}</dd></div>
<div><dt>For the server at</dt><dd><code>${resource}</code></dd></div>
</dl>
${warning(redirectUri)}
<form method="post" action="${action}">
<input type="hidden" name="request" value="${form}">
<div class="actions">
<button type="submit" name="decision" value="deny">Deny</button>
<button type="submit" name="decision" value="allow" class="primary">Allow</button>
</div>
</form>
<p class="note">After Allow you log in at <strong>${providerHost}</strong>. Your password goes there, not to this server and not to the application. The application chose its name itself; nobody has checked it.${metadataHost === undefined ? undefined : html` That its description is at ${metadataHost} was checked.`}</p>`,
  };
}

function destination(redirectUri: string): Html {
  const parsed = parseRedirectUri(redirectUri);
  const host = "uri" in parsed && parsed.kind !== "private" ? parsed.host : undefined;
  const scheme = "uri" in parsed ? parsed.scheme : "";
  return html`<dd class="host">${host ?? html`an app that opens <code>${scheme}:</code> links`}</dd><dd class="note"><code>${redirectUri}</code></dd>`;
}

function scopeList({ scopes, requiredScopes }: ConsentPageOptions): Html {
  const mark = (scope: string) => (requiredScopes.includes(scope) ? html` (always needed by this server)` : undefined);
  return scopes.length === 0
    ? html`no particular permission`
    : html`<ul>${scopes.map((scope) => html`<li><code>${scope}</code>${mark(scope)}</li>`)}</ul>`;
}

function warning(redirectUri: string): Html | undefined {
  const parsed = parseRedirectUri(redirectUri);
  if (!("uri" in parsed) || parsed.kind === "web") {
    return undefined;
  }
  const text =
    parsed.kind === "loopback"
      ? "This sends you to a program on this computer, and any program here could have asked. Go on only if you have just started it yourself on this computer."
      : "This opens an app on this device, and any app can claim such links. Go on only if you have just started this in an app that you installed.";
  return html`<div class="warning" role="note"><p><strong>Check this first.</strong> ${text}</p></div>`;
}

function repeatedNotice(): Html {
  return html`<div class="warning" role="alert"><p>Please answer once more: your browser did not confirm that this page was shown to you. If this repeats, allow cookies for this site, or copy the address into your normal browser.</p></div>`;
}

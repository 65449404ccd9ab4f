import { type Html, html } from "../../pages/html.ts";
import type { Texts } from "../../pages/languages/en.ts";
import { fillText } from "../../pages/page-text.ts";
import { parseRedirectUri } from "../clients/redirect-uris.ts";
import { type HostParts, hostMarkup } from "./registrable-domain.ts";

/** What is known of the client that asks. */
export interface Requester {
  /** What the client says of itself, as {@link displayName} leaves it. Nobody has checked it. */
  readonly name: string | undefined;
  readonly redirectUri: string;
  /** The host that its metadata document came from, which was checked. */
  readonly metadataHost: HostParts | undefined;
  /** The host of a redirect URI on the web. */
  readonly redirectHost: HostParts | undefined;
}

/** The client's name, in a box of its own: nothing in it is ours. */
export function nameMarkup({ name }: Requester, texts: Texts): Html {
  return name === undefined ? html`${texts.unnamedClient}` : html`<span class="name"><bdi>${name}</bdi></span>`;
}

/**
 * Says who asks, for a redirect URI on the web. Only a domain is ever verified, by the document that it serves, and
 * only where the answer goes to the web: any program can listen on this computer, or claim a scheme.
 */
export function requesterLine(requester: Requester, texts: Texts): Html | undefined {
  const { metadataHost, redirectHost } = requester;
  if (redirectHost === undefined) {
    return undefined;
  }
  if (metadataHost === undefined) {
    return html`<p>${fillText(texts.unverifiedWeb, { host: hostMarkup(redirectHost) })}</p>`;
  }
  const text = requester.name === undefined ? texts.verifiedUnnamed : texts.verifiedDomain;
  const values = { host: hostMarkup(metadataHost), client: nameMarkup(requester, texts) };
  return html`<p class="verified">${fillText(text, values)}</p>`;
}

/** What to check before going on, where the answer stays on this device. */
export function deviceWarning(redirectUri: string, texts: Texts): Html | undefined {
  const parsed = parseRedirectUri(redirectUri);
  if (!("uri" in parsed) || parsed.kind === "web") {
    return undefined;
  }
  if (parsed.kind === "private") {
    return fillText(texts.privateScheme, { scheme: html`<code>${parsed.scheme}:</code>` });
  }
  return parsed.port === undefined
    ? html`${texts.loopback}`
    : fillText(texts.loopbackPort, { port: html`<b>${parsed.port}</b>` });
}

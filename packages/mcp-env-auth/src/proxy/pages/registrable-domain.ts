import { type Html, html } from "../../pages/html.ts";

/** The parts of a host name: those that its owner chose freely, and the one that was registered. */
export interface HostParts {
  readonly subdomain: string;
  readonly domain: string;
}

/**
 * Splits a host at its registrable domain, by the public suffix list. An address, or a name without one, is all domain.
 * The list takes time to load, so the first consent page loads it.
 */
export async function splitHost(host: string): Promise<HostParts> {
  const { getDomain } = await import("tldts");
  const domain = getDomain(host, { allowPrivateDomains: true });
  const start = domain === null ? 0 : host.length - domain.length;
  return { subdomain: host.slice(0, start), domain: host.slice(start) };
}

/** A host whose registrable domain stands out. It reads from left to right in every language. */
export function hostMarkup({ subdomain, domain }: HostParts): Html {
  return html`<bdi class="host" dir="ltr">${subdomain}<b>${domain}</b></bdi>`;
}

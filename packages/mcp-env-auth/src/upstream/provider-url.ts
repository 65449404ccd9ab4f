import { isLoopback, parseUrl } from "../lib/url.ts";

/**
 * Whether secrets may be sent to `url`: https, or http to this machine for development, or to one of `plainHttpHosts`;
 * without user information or a fragment.
 */
export function isSecureUrl(url: URL, plainHttpHosts: readonly string[] = []): boolean {
  const plain = isLoopback(url.hostname) || plainHttpHosts.includes(url.host);
  const secure = url.protocol === "https:" || (url.protocol === "http:" && plain);
  return secure && url.username === "" && url.password === "" && url.hash === "";
}

/** Whether `value` is an absolute URL that {@link isSecureUrl} accepts. */
export function isSecureEndpoint(value: unknown, plainHttpHosts: readonly string[] = []): value is string {
  const url = typeof value === "string" ? parseUrl(value) : undefined;
  return url !== undefined && isSecureUrl(url, plainHttpHosts);
}

/** `url` without what may be private in it, for messages. */
export function displayUrl(url: string | URL): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}

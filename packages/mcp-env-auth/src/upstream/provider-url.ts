import { isLoopback } from "../lib/loopback.ts";
import { parseUrl } from "../lib/parse-url.ts";

/**
 * Whether secrets may be sent to `url`: https, or http to this machine for development; without user information or a
 * fragment.
 */
export function isSecureUrl(url: URL): boolean {
  const secure = url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname));
  return secure && url.username === "" && url.password === "" && url.hash === "";
}

/** Whether `value` is an absolute URL that {@link isSecureUrl} accepts. */
export function isSecureEndpoint(value: unknown): value is string {
  const url = typeof value === "string" ? parseUrl(value) : undefined;
  return url !== undefined && isSecureUrl(url);
}

/** `url` without what may be private in it, for messages. */
export function displayUrl(url: string | URL): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}

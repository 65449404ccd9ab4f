import type { EndpointCookie, EndpointRequest } from "../../endpoint.ts";
import { sha256Base64url } from "../../lib/secrets.ts";

/** A cookie's name for a purpose, such as `browser` or `login-<id>`. */
export interface CookieNames {
  readonly secure: boolean;
  /** The full name. */
  for(purpose: string): string;
  /** The purpose that a full name stands for, or `undefined` for cookies of others. */
  purposeOf(name: string): string | undefined;
}

/**
 * Names cookies. On https they have the `__Host-` prefix, which keeps subdomains and plain http from setting them; the
 * unprefixed name is never read there. Browsers drop that prefix on http. The name ends in a hash of the issuer, since
 * all servers of a host share its cookies: those on other paths, and on http those on other ports.
 */
export function createCookieNames(baseUrl: string, issuer: string): CookieNames {
  const secure = baseUrl.startsWith("https:");
  const prefix = secure ? "__Host-mcp-" : "mcp-";
  const suffix = `-${sha256Base64url(issuer).slice(0, 12)}`;
  return {
    secure,
    for: (purpose) => `${prefix}${purpose}${suffix}`,
    purposeOf(name) {
      const ours = name.startsWith(prefix) && name.endsWith(suffix) && name.length > prefix.length + suffix.length;
      return ours ? name.slice(prefix.length, name.length - suffix.length) : undefined;
    },
  };
}

/** The request's cookies that are ours, by purpose. One that came twice is left out: nobody can say which is true. */
export function readCookies(
  request: Pick<EndpointRequest, "cookies">,
  names: CookieNames,
): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  const repeated = new Set<string>();
  for (const [name, value] of request.cookies) {
    const purpose = names.purposeOf(name);
    if (purpose === undefined) {
      continue;
    }
    if (cookies.has(purpose)) {
      repeated.add(purpose);
    }
    cookies.set(purpose, value);
  }
  for (const purpose of repeated) {
    cookies.delete(purpose);
  }
  return cookies;
}

/** The cookie for a purpose, which the browser keeps for `maxAge` seconds. */
export function cookieFor(names: CookieNames, purpose: string, value: string, maxAge: number): EndpointCookie {
  return { name: names.for(purpose), value, maxAge, secure: names.secure };
}

/** Takes a cookie away from the browser. */
export function removedCookie(names: CookieNames, purpose: string): EndpointCookie {
  return cookieFor(names, purpose, "", 0);
}

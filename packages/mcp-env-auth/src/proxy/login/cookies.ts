import type { Request, Response } from "express";
import { sha256Base64url } from "../../lib/digest.ts";

/** A cookie's name for a purpose, such as `browser` or `login-<id>`. */
export interface CookieNames {
  readonly secure: boolean;
  /** The full name. */
  for(purpose: string): string;
  /** The purpose that a full name stands for, or `undefined` for cookies of others. */
  purposeOf(name: string): string | undefined;
}

/**
 * Names cookies. On https they have the `__Host-` prefix, which keeps
 * subdomains and plain http from setting them; the unprefixed name is never
 * read there. Browsers drop that prefix on http. The name ends in a hash of
 * the issuer, since all servers of a host share its cookies: those on other
 * paths, and on http those on other ports.
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
export function readCookies(request: Request, names: CookieNames): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  const repeated = new Set<string>();
  for (const pair of (request.headers.cookie ?? "").split(";")) {
    const [, name = "", value] = /^[ \t]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)=([!#-+\--:<-[\]-~]*)[ \t]*$/.exec(pair) ?? [];
    const purpose = names.purposeOf(name);
    if (purpose === undefined || value === undefined) {
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

/** Sets a cookie for `maxAge` seconds, for this host, out of reach of scripts and of other sites' requests. */
export function setCookie(
  response: Response,
  names: CookieNames,
  purpose: string,
  value: string,
  maxAge: number,
): void {
  const secure = names.secure ? "; Secure" : "";
  response.append(
    "Set-Cookie",
    `${names.for(purpose)}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${maxAge}${secure}`,
  );
}

/** Takes a cookie away from the browser. */
export function clearCookie(response: Response, names: CookieNames, purpose: string): void {
  setCookie(response, names, purpose, "", 0);
}

import { ConfigError } from "../../errors.ts";
import { isLoopbackHost, parseRedirectUri, type RedirectUri } from "./redirect-uris.ts";

/** Which redirect URIs clients of this server may have at all. */
export type RedirectPolicy = (redirectUri: RedirectUri) => boolean;

interface Pattern {
  readonly scheme: string;
  readonly host: string;
  readonly port: string | undefined;
  /** What stands between the wildcards of path and query, or `undefined` for any. */
  readonly rest: readonly string[] | undefined;
}

const ANY = "*";
const DEFAULT_PORTS: ReadonlyMap<string, string> = new Map([
  ["http", "80"],
  ["https", "443"],
]);

/**
 * The policy that a list of patterns stands for. `undefined` allows every registered redirect URI, an empty list none.
 *
 * A pattern is compared part by part, so that no wildcard reaches into the next part: scheme; host, where `*.` stands
 * for any subdomain and `*` for any host; port, where `*`, or none on a loopback host, stands for any; path and query,
 * where `*` stands for any characters and an empty path for all. A lone `*` allows everything.
 *
 * @throws ConfigError for a pattern that could never match.
 */
export function createRedirectPolicy(patterns: readonly string[] | undefined): RedirectPolicy {
  if (patterns === undefined || patterns.includes(ANY)) {
    return () => true;
  }
  const parsed = patterns.map(parsePattern);
  return (redirectUri) => parsed.some((pattern) => matches(redirectUri, pattern));
}

/**
 * Checks a pattern of an allow-list.
 *
 * @throws ConfigError for one that could never match.
 */
export function checkRedirectUriPattern(pattern: string): void {
  if (pattern !== ANY) {
    parsePattern(pattern);
  }
}

/** Whether a redirect URI from a sealed request is still one to redirect to. */
export function isStillAllowed(policy: RedirectPolicy, uri: string): boolean {
  const redirectUri = parseRedirectUri(uri);
  return "uri" in redirectUri && policy(redirectUri);
}

function parsePattern(pattern: string): Pattern {
  const [, scheme, authority = "", rest = ""] =
    /^([a-z][a-z0-9+.-]*):(?:\/\/([^/?]*))?(.*)$/i.exec(pattern.trim()) ?? [];
  const [, host, port] = /^(\*|(?:\*\.)?[a-z0-9._-]+|\[[0-9a-f:.]+\]|)(?::(\d{1,5}|\*))?$/i.exec(authority) ?? [];
  if (scheme === undefined || host === undefined || /[#\\\s]/.test(pattern.trim())) {
    throw new ConfigError(
      `"${pattern}" can't match any redirect URI. Write scheme://host:port/path, such as https://*.example.com/* or http://localhost:*; a wildcard in the host is * or begins it as *. Several stand in a JSON array.`,
    );
  }
  return { scheme: scheme.toLowerCase(), host: host.toLowerCase(), port, rest: globOf(rest) };
}

function globOf(rest: string): readonly string[] | undefined {
  return rest === "" ? undefined : rest.split(/\*+/);
}

/**
 * Whether `text` has the `literals` of a pattern in their order, the first at its beginning and the last at its end.
 * Unlike a regular expression, it looks for each literal once, however many wildcards stand between them.
 */
function matchesGlob(text: string, literals: readonly string[]): boolean {
  const [first = "", ...others] = literals;
  const last = others.pop();
  if (last === undefined) {
    return text === first;
  }
  if (!text.startsWith(first)) {
    return false;
  }
  let from = first.length;
  for (const literal of others) {
    const at = text.indexOf(literal, from);
    if (at < 0) {
      return false;
    }
    from = at + literal.length;
  }
  return text.length - last.length >= from && text.endsWith(last);
}

function matches(redirectUri: RedirectUri, pattern: Pattern): boolean {
  return (
    redirectUri.scheme === pattern.scheme &&
    matchesHost(redirectUri.host.toLowerCase(), pattern.host) &&
    matchesPort(redirectUri, pattern) &&
    (pattern.rest === undefined || matchesGlob(redirectUri.rest, pattern.rest))
  );
}

function matchesHost(host: string, pattern: string): boolean {
  if (pattern === ANY) {
    return true;
  }
  return pattern.startsWith("*.")
    ? host.endsWith(pattern.slice(1)) && host.length > pattern.length - 1
    : host === pattern;
}

function matchesPort({ scheme, port }: RedirectUri, pattern: Pattern): boolean {
  if (pattern.port === ANY || (pattern.port === undefined && isLoopbackHost(pattern.host.replace(/^\*\./, "")))) {
    return true;
  }
  return (port ?? DEFAULT_PORTS.get(scheme)) === (pattern.port ?? DEFAULT_PORTS.get(scheme));
}

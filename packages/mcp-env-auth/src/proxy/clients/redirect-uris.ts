import { parseUrl } from "../../lib/url.ts";
import { isUnsafeScheme } from "./private-use-schemes.ts";

/** A redirect URI in its parts, each spelled as it came. */
export interface RedirectUri {
  readonly uri: string;
  /** `web`: https. `loopback`: this machine. `private`: a scheme of the client's own (RFC 8252 section 7.1). */
  readonly kind: "web" | "loopback" | "private";
  readonly scheme: string;
  /** Without port. Empty where a private-use scheme has no authority. */
  readonly host: string;
  readonly port: string | undefined;
  /** Path and query. */
  readonly rest: string;
}

/** What is wrong with a redirect URI: the end of a sentence that begins with it. */
export interface RedirectUriProblem {
  readonly problem: string;
}

export const MAX_REDIRECT_URI_LENGTH = 512;

/** Names below `localhost` are loopback as well (RFC 6761 section 6.3). */
const LOOPBACK_HOST = /^(?:127\.0\.0\.1|\[::1\]|(?:[a-z0-9_-]+\.)*localhost)$/i;

/** Parameters of an authorization response: in a redirect URI they would stand there twice. */
const RESPONSE_PARAMETERS = ["code", "state", "iss", "error", "error_description", "error_uri"];

/** Takes a redirect URI apart, or says what makes it unfit (RFC 6749 section 3.1.2, RFC 9700 section 4.1). */
export function parseRedirectUri(uri: string): RedirectUri | RedirectUriProblem {
  if (uri.length > MAX_REDIRECT_URI_LENGTH) {
    return { problem: `is longer than ${MAX_REDIRECT_URI_LENGTH} characters` };
  }
  if (!/^[\x21-\x7e]+$/.test(uri) || /["<>\\^`{|}]/.test(uri)) {
    return { problem: "has characters that no URI has" };
  }
  if (uri.includes("#")) {
    return { problem: "has a fragment" };
  }
  const [, scheme = "", authority, rest = ""] = /^([a-z][a-z0-9+.-]*):(?:\/\/([^/?]*))?(.*)$/i.exec(uri) ?? [];
  if (scheme === "") {
    return { problem: "is not an absolute URI" };
  }
  const problem = problemOfRest(rest);
  if (problem !== undefined) {
    return { problem };
  }
  return authority === undefined
    ? parseWithoutAuthority(uri, scheme.toLowerCase(), rest)
    : parseWithAuthority(uri, scheme.toLowerCase(), authority, rest);
}

/** Whether `uri` leads to this machine, where any program may be listening. */
export function isLoopbackHost(host: string): boolean {
  return LOOPBACK_HOST.test(host);
}

/**
 * Whether `requested` is one of the `registered`: the same string, or, on a loopback host, the same but for the port,
 * which a native client takes as it finds it (RFC 8252 section 7.3).
 */
export function isRegistered(requested: RedirectUri, registered: readonly string[]): boolean {
  return registered.some((uri) => uri === requested.uri || differsInLoopbackPort(requested, uri));
}

function differsInLoopbackPort(requested: RedirectUri, uri: string): boolean {
  if (!isLoopbackHost(requested.host)) {
    return false;
  }
  const registered = parseRedirectUri(uri);
  return (
    "uri" in registered &&
    registered.scheme === requested.scheme &&
    registered.host === requested.host &&
    registered.rest === requested.rest
  );
}

function problemOfRest(rest: string): string | undefined {
  const [path = "", query = ""] = rest.split(/\?(.*)/s);
  if (path.split("/").some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment))) {
    return "has dot segments in its path";
  }
  if (/%5c/i.test(path)) {
    return "has a backslash in its path";
  }
  const names = new URLSearchParams(query);
  const reserved = RESPONSE_PARAMETERS.find((name) => names.has(name));
  return reserved && `has the query parameter ${reserved}, which belongs to the authorization response`;
}

function parseWithoutAuthority(uri: string, scheme: string, rest: string): RedirectUri | RedirectUriProblem {
  if (scheme === "http" || scheme === "https") {
    return { problem: "has no host" };
  }
  return isUnsafeScheme(scheme)
    ? { problem: `has the scheme ${scheme}, which is not safe to redirect to` }
    : { uri, kind: "private", scheme, host: "", port: undefined, rest };
}

function parseWithAuthority(
  uri: string,
  scheme: string,
  authority: string,
  rest: string,
): RedirectUri | RedirectUriProblem {
  if (authority.includes("@")) {
    return { problem: "has user information" };
  }
  const [, host, port] = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]*)(?::(\d{1,5}))?$/i.exec(authority) ?? [];
  const parsed = parseUrl(uri);
  if (host === undefined || parsed === undefined || Number(port ?? 0) > 65_535) {
    return { problem: "has a host or port that can't be read" };
  }
  if (isUnsafeScheme(scheme)) {
    return { problem: `has the scheme ${scheme}, which is not safe to redirect to` };
  }
  if (scheme !== "http" && scheme !== "https") {
    return { uri, kind: "private", scheme, host, port, rest };
  }
  // Browsers read 127.1, 0x7f.1 and 2130706433 as addresses: a host must be spelled as they will read it.
  if (parsed.hostname !== host.toLowerCase()) {
    return { problem: "has a host in an unusual spelling" };
  }
  const loopback = isLoopbackHost(host);
  if (scheme === "http" && !loopback) {
    return {
      problem:
        "uses http, which is only allowed for 127.0.0.1, [::1], localhost and names below localhost, even if ALLOWED_CLIENT_REDIRECT_URIS lists it; use https",
    };
  }
  return { uri, kind: loopback ? "loopback" : "web", scheme, host, port, rest };
}

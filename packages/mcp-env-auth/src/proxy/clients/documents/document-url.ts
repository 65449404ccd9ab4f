import { isIP } from "node:net";
import { parseUrl } from "../../../lib/url.ts";

const MAX_URL_LENGTH = 512;

/** Whether a client id asks for a document: all that `/register` issues begins otherwise. */
export function isUrlClientId(clientId: string): boolean {
  return /^https?:\/\//i.test(clientId);
}

/**
 * What makes `url` unfit to fetch a client's document from (the Client ID Metadata Document draft, section 3): the end
 * of a sentence that begins with it; `undefined` for a good one.
 *
 * It is https with a path, without user information and fragment, on a host with a name; and spelled as URL parsers
 * spell it, which leaves out dot segments, default ports and disguised addresses.
 */
export function problemOfDocumentUrl(url: string): string | undefined {
  if (url.length > MAX_URL_LENGTH) {
    return `is longer than ${MAX_URL_LENGTH} characters`;
  }
  const parsed = parseUrl(url);
  if (parsed === undefined || !url.startsWith("https://")) {
    return "is not an https URL";
  }
  const { hostname, pathname, username, password, href } = parsed;
  if (username !== "" || password !== "") {
    return "has user information";
  }
  if (url.includes("#")) {
    return "has a fragment";
  }
  if (isIP(hostname) !== 0 || hostname.startsWith("[") || !hostname.includes(".") || hostname.endsWith(".")) {
    return "does not name a public host";
  }
  if (pathname === "/") {
    return "has no path";
  }
  if (href !== url || /%2e|%5c|%2f/i.test(pathname)) {
    return "is not in the usual spelling: write the host in lower case, no default port and no dot segments";
  }
  return undefined;
}

/** In a list of hosts: any. Where a name follows, any of its subdomains. */
export const ANY_HOST = "*";

/**
 * Whether `hosts` has the host of `url`. Items may be `*.example.com` for subdomains and `*` for any. They stand for
 * port 443 unless they name another, such as `example.com:8443`. Without a list, any host is allowed.
 */
export function isAllowedHost(url: string, hosts: readonly string[] = [ANY_HOST]): boolean {
  return hosts.some((host) => fits(url, host));
}

/** Whether the operator has listed the host of `url` itself, and not just any. */
export function isListedHost(url: string, hosts: readonly string[] = []): boolean {
  return isAllowedHost(
    url,
    hosts.filter((host) => host !== ANY_HOST),
  );
}

/** Whether the operator has listed this very host, and not by a pattern. */
export function isListedByName(url: string, hosts: readonly string[] = []): boolean {
  return isAllowedHost(
    url,
    hosts.filter((host) => !host.includes(ANY_HOST)),
  );
}

/** What the operator can do about a host that {@link isAllowedHost} refuses. @param variable what sets the list. */
export function adviceOnHost(url: string, variable: string): string {
  const { host, port } = new URL(url);
  return port === ""
    ? `Its operator can allow it with ${variable}.`
    : `Its operator can allow ports other than 443 by listing ${host} in ${variable}.`;
}

function fits(url: string, item: string): boolean {
  const { hostname, port } = new URL(url);
  const [name = "", listedPort = ""] = item.split(":");
  const isNamed = name === ANY_HOST || name === hostname || (name.startsWith("*.") && hostname.endsWith(name.slice(1)));
  return isNamed && listedPort === port;
}

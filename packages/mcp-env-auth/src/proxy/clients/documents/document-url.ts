import { isIP } from "node:net";
import { parseUrl } from "../../../lib/parse-url.ts";

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

/**
 * Whether `hosts`, which may hold `*.example.com` for subdomains and `*` for any, has the host of `url`. Without a
 * list, any is allowed.
 */
export function isAllowedHost(url: string, hosts: readonly string[] | undefined): boolean {
  const { hostname } = new URL(url);
  return (
    hosts === undefined ||
    hosts.some(
      (host) => host === "*" || host === hostname || (host.startsWith("*.") && hostname.endsWith(host.slice(1))),
    )
  );
}

/** BASE_URL as endpoint URLs are made from it: without a trailing slash. May hold a path. */
export function endpointBase(baseUrl: URL): string {
  return `${baseUrl.origin}${baseUrl.pathname.replace(/\/+$/, "")}`;
}

/**
 * The issuer in its one spelling (RFC 8414 section 2): a bare origin has a trailing slash, as URL parsers spell it, so
 * that clients which parse and clients which compare agree.
 */
export function issuerIdentifier(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

/** The canonical URI of the MCP endpoint (RFC 8707 section 2): no trailing slash is added or removed. */
export function resourceIdentifier(baseUrl: URL, mcpPath: string): string {
  return `${endpointBase(baseUrl)}${mcpPath}`;
}

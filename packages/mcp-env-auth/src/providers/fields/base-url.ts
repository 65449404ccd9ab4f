import { httpUrl } from "../../env/url-fields.ts";

const DESCRIPTION = "The public address of this server, without the MCP path";
const EXAMPLE = "https://mcp.example.com";

/** The server's public address, for providers whose clients learn it from the metadata. */
export function requiredBaseUrl({ where = "the address under which this server is reached" } = {}) {
  return httpUrl({ description: DESCRIPTION, example: EXAMPLE, where, required: true, secure: true, base: true });
}

/** The same for providers that work without metadata. */
export function optionalBaseUrl({ example = EXAMPLE } = {}) {
  return httpUrl({ description: DESCRIPTION, example, secure: true, base: true });
}

/** The address of the MCP endpoint, where it is another than that of what else this server answers. */
export function resourceBaseUrlField() {
  return {
    resourceBaseUrl: httpUrl({
      description: "The public address of the MCP endpoint, without its path, if it is not BASE_URL",
      example: EXAMPLE,
      secure: true,
      base: true,
    }),
  };
}

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

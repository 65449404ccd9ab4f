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

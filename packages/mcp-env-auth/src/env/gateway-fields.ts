import { DAY } from "../lib/clock.ts";
import { choice, integer, text } from "./plain-fields.ts";
import { httpUrl } from "./url-fields.ts";

/** The settings of the gateway, among those of the server. */
export const gatewayFields = {
  upstreamUrl: httpUrl({
    description:
      "Of the gateway (mcp-env-auth proxy): the MCP server behind it, by the address of its Streamable HTTP endpoint",
    example: "http://127.0.0.1:9000/mcp",
    optional: true,
  }),
  upstreamCommand: text({
    description:
      "Of the gateway: the command of the MCP server behind it, which speaks stdio. Each user gets a process. Words with spaces between them, or a JSON list of words",
    example: "python server.py",
    optional: true,
  }),
  upstreamMaxProcesses: integer({
    description: "Of the gateway: the most processes of that command at once",
    example: "32",
    default: 32,
    min: 1,
  }),
  upstreamIdentity: choice(["jwt", "headers", "none"], {
    description:
      "Of the gateway: how the MCP server behind it learns whose request it is: by a signed JWT in the Authorization header, by plain X-Forwarded-User headers, or not at all",
    example: "headers",
    default: "jwt",
  }),
  upstreamTimeout: integer({
    description: "Of the gateway: seconds until the MCP server behind it must begin to answer a request",
    example: "300",
    default: 300,
    min: 1,
    max: DAY,
  }),
};

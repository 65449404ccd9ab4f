import { parseUrl } from "../lib/url.ts";
import { type CliContext, UsageError } from "./command.ts";
import { createFacts } from "./doctor/facts.ts";

/** The address of an MCP endpoint, as it is given to `--url`. @throws UsageError */
export function readAddress(text: string): URL {
  const url = parseUrl(text);
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(
      `${JSON.stringify(text)} is not an http or https URL. Give the whole address of the MCP endpoint, such as https://mcp.example.com/mcp.`,
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw new UsageError("The URL must not contain a user name or a password.");
  }
  url.hash = "";
  return url;
}

/** The MCP endpoint of the server that the environment describes. @throws UsageError, with `advice`, if it does not. */
export async function ownEndpoint(context: CliContext, advice: string): Promise<URL> {
  const resource = (await createFacts({ offline: false, production: false }, context).subject())?.authentication
    .resource;
  if (resource === undefined) {
    throw new UsageError(`The environment does not say where the server is. ${advice}`);
  }
  return new URL(resource);
}

// A file of its own: it loads the SDK, which what registers must not.
import { McpServer, type StandardSchemaWithJSON } from "@modelcontextprotocol/server";

/**
 * The schema that the SDK makes of the members of one, which JavaScript may give in its place: `{ city: z.string() }`.
 * Anything else comes back as it is, and so does what the SDK refuses: it says why when that is registered.
 */
export function schemaOfMembers(given: unknown): unknown {
  if (typeof given !== "object" || given === null || "~standard" in given) {
    return given;
  }
  const server = new McpServer({ name: "schema", version: "0" });
  const inputSchema = given as StandardSchemaWithJSON;
  try {
    return server.registerTool("schema", { inputSchema }, () => ({ content: [] })).inputSchema;
  } catch {
    return given;
  }
}

import * as z from "zod";
import { policyFileSchema } from "./policy-file-schema.ts";

/** Where the package keeps it, for editors: `"$schema": "./node_modules/mcp-env-auth/authorization.schema.json"`. */
export const SCHEMA_FILE = "authorization.schema.json";

/**
 * The JSON Schema of FASTMCP_AUTHORIZATION_FILE, made of what the server itself checks. Draft 7, which every editor
 * knows.
 */
export function policyJsonSchema(): string {
  const schema = z.toJSONSchema(policyFileSchema, { target: "draft-7" });
  return `${JSON.stringify({ ...schema, title: "mcp-env-auth authorization policy" }, undefined, 2)}\n`;
}

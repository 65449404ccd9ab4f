import type { StandardSchemaWithJSON } from "@modelcontextprotocol/server";
import { deepFreeze } from "../lib/deep-freeze.ts";

type Schema = StandardSchemaWithJSON;
type JsonSchemaOf = Schema["~standard"]["jsonSchema"]["input"];

/**
 * `schema`, whose JSON Schema is made once: the SDK asks for it at each call, to look for parameters that belong in
 * headers, and at each list. Anything but a Standard Schema that makes its own is left as it is.
 */
export function convertedOnce(schema: unknown): unknown {
  const standard = (schema as Partial<Schema> | undefined)?.["~standard"];
  if (standard?.jsonSchema === undefined) {
    return schema;
  }
  const { input, output } = standard.jsonSchema;
  const jsonSchema = { input: once(input), output: once(output) };
  return { "~standard": { ...standard, jsonSchema } };
}

function once(convert: JsonSchemaOf): JsonSchemaOf {
  const converted = new Map<string, ReturnType<JsonSchemaOf>>();
  return (options) => {
    const known = converted.get(options.target) ?? deepFreeze(convert(options));
    converted.set(options.target, known);
    return known;
  };
}

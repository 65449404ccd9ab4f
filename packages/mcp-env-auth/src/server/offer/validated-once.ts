import type { StandardSchemaWithJSON } from "@modelcontextprotocol/server";
import { runSchema } from "../../running-handler.ts";
import { isPlainZodObject } from "./plain-zod.ts";

interface ZodSchema extends StandardSchemaWithJSON {
  readonly _zod?: unknown;
  safeParseAsync?(value: unknown): Promise<Parsed>;
}

type Parsed =
  | { readonly success: true; readonly data: unknown }
  | { readonly success: false; readonly error: { readonly issues: readonly { readonly message: string }[] } };

/**
 * `schema`, whose own code (refinements, transforms) runs once for each value. As a Standard Schema, zod tries
 * synchronously first and drops the promises of what turns out to be asynchronous: a refinement that rejects would end
 * the process. Schemas without code of their own, and those of other libraries, are left as they are.
 *
 * @param what the beginning of a sentence about the schema.
 */
export function validatedOnce<Schema>(schema: Schema, what: string): Schema {
  const zod = (schema ?? {}) as Partial<ZodSchema>;
  const standard = zod["~standard"];
  if (
    zod._zod === undefined ||
    standard === undefined ||
    zod.safeParseAsync === undefined ||
    isPlainZodObject(schema)
  ) {
    return schema;
  }
  const validate = async (value: unknown) => {
    const parsed = await runSchema(what, () => zod.safeParseAsync?.(value));
    return parsed?.success ? { value: parsed.data } : { issues: parsed?.error.issues ?? [] };
  };
  // All else stays, such as the members that the SDK completes.
  return Object.create(schema as object, { "~standard": { value: { ...standard, validate }, enumerable: true } });
}

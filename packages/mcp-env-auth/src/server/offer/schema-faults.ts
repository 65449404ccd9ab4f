import type { StandardSchemaWithJSON } from "@modelcontextprotocol/server";
import { findUnsendable } from "../../lib/unwritable-json.ts";
import { isPlainZodObject, type ZodDefinition } from "./plain-zod.ts";

export type JsonSchemaDirection = "input" | "output";

/** What is wrong with a schema, and with which part of it. */
export interface SchemaFault {
  /** Such as `days[].at`; `""` for all of it. */
  readonly path: string;
  readonly message: string;
}

type Standard = Partial<StandardSchemaWithJSON["~standard"]>;

/** The version of JSON Schema that the MCP SDK lists. */
const OPTIONS = { target: "draft-2020-12" } as const;

/** Deeper, a schema refers to itself. */
const MAX_DEPTH = 20;

/**
 * Why `schema` can't be listed, by converting it as lists do; `undefined` where it can. What can without a doubt is not
 * converted.
 *
 * @param direction `input` for what clients send: MCP wants an object there.
 * @param listed what lists convert in its place.
 */
export function findSchemaFault(
  schema: unknown,
  direction: JsonSchemaDirection,
  listed: unknown = schema,
): SchemaFault | undefined {
  if (isPlainZodObject(schema)) {
    return undefined;
  }
  const standard = standardOf(listed);
  if (standard === undefined) {
    return faultOfShape(schema, direction);
  }
  const { vendor, jsonSchema } = standard;
  if (typeof standard.validate !== "function") {
    return { path: "", message: "it is not a schema: its `~standard` has no validate(). Use z.object({ … })." };
  }
  if (jsonSchema === undefined) {
    return canFallBack(schema, vendor) ? undefined : { path: "", message: withoutJsonSchema(schema, vendor) };
  }
  let converted: Record<string, unknown>;
  try {
    converted = jsonSchema[direction](OPTIONS);
  } catch (error) {
    return blame(schema, direction, error);
  }
  if (direction === "input" && converted.type !== undefined && converted.type !== "object") {
    const message = `it describes ${JSON.stringify(converted.type)}, and arguments are an object. Use z.object({ … }).`;
    return { path: "", message };
  }
  const found = findUnsendable(converted);
  return found && { path: found.path, message: `its JSON Schema has ${found.what}. ${found.remedy}` };
}

function standardOf(schema: unknown): Standard | undefined {
  const isHolder = (typeof schema === "object" && schema !== null) || typeof schema === "function";
  const standard: unknown = isHolder && "~standard" in schema ? schema["~standard"] : undefined;
  return typeof standard === "object" && standard !== null ? standard : undefined;
}

/** What is no Standard Schema may be the members of one, of zod 4's; the SDK makes an object of them. */
function faultOfShape(schema: unknown, direction: JsonSchemaDirection): SchemaFault | undefined {
  const example = "Use z.object({ … }), or another Standard Schema that makes JSON Schema.";
  if (typeof schema !== "object" || schema === null) {
    const what = schema === null ? "null" : `a ${typeof schema}`;
    return { path: "", message: `it is ${what}, not a schema. ${example}` };
  }
  if ("type" in schema && typeof schema.type === "string") {
    const message =
      'it is JSON Schema itself. Wrap it: import { fromJsonSchema } from "mcp-env-auth/sdk", and pass fromJsonSchema({ … }).';
    return { path: "", message };
  }
  if (Array.isArray(schema)) {
    return { path: "", message: `it is a list, not a schema. ${example}` };
  }
  for (const [name, member] of Object.entries(schema)) {
    if (isZod3(member)) {
      return { path: name, message: ZOD_3 };
    }
    if (standardOf(member) === undefined) {
      return { path: name, message: `it is not a schema. ${example}` };
    }
    const fault = memberFault(member, name, direction, 0);
    if (fault !== undefined) {
      return fault;
    }
  }
  return undefined;
}

const ZOD_3 =
  'it is a schema of zod 3, which can\'t make JSON Schema. Install zod 4.2 or later (npm install zod@4), and import from "zod".';

function isZod3(schema: unknown): boolean {
  return typeof schema === "object" && schema !== null && "_def" in schema && !("_zod" in schema);
}

/** The SDK converts schemas of zod 4.0 and 4.1 itself. */
function canFallBack(schema: unknown, vendor: string | undefined): boolean {
  return vendor === "zod" && typeof schema === "object" && schema !== null && "_zod" in schema;
}

function withoutJsonSchema(schema: unknown, vendor: string | undefined): string {
  if (vendor === "zod" || isZod3(schema)) {
    return ZOD_3;
  }
  if (vendor === "valibot") {
    return "valibot makes no JSON Schema by itself. Install @valibot/to-json-schema, and pass toStandardJsonSchema(schema).";
  }
  if (vendor === "arktype") {
    return "this version of arktype makes no JSON Schema. Install arktype 2.1.28 or later.";
  }
  return `the library ${vendor ?? "that it comes from"} makes no JSON Schema. Update it, or pass fromJsonSchema({ … }) from mcp-env-auth/sdk.`;
}

/** The innermost part that can't be converted: libraries say what it is, and not where. */
function blame(schema: unknown, direction: JsonSchemaDirection, error: unknown, path = "", depth = 0): SchemaFault {
  if (depth < MAX_DEPTH) {
    for (const [step, part] of partsOf(schema)) {
      const isMember = step !== "" && !step.startsWith("[") && path !== "";
      const fault = memberFault(part, `${path}${isMember ? "." : ""}${step}`, direction, depth + 1);
      if (fault !== undefined) {
        return fault;
      }
    }
  }
  const said = error instanceof Error ? error.message : String(error);
  return { path, message: `it can't become JSON Schema: ${said.replace(/\.?\s*$/, ".")} ${remedyFor(said)}` };
}

function memberFault(
  part: unknown,
  path: string,
  direction: JsonSchemaDirection,
  depth: number,
): SchemaFault | undefined {
  const jsonSchema = standardOf(part)?.jsonSchema;
  try {
    jsonSchema?.[direction](OPTIONS);
    return undefined;
  } catch (error) {
    return blame(part, direction, error, path, depth);
  }
}

/** The parts of a zod schema, with the step of a path to each; of others, none. */
function partsOf(schema: unknown): [step: string, part: unknown][] {
  const { _zod: zod } = (schema ?? {}) as { _zod?: { def?: ZodDefinition } };
  const { shape, element, innerType, valueType, keyType, left, right, in: from, out, items, options } = zod?.def ?? {};
  const inside = [innerType, keyType, left, right, from, out, ...(options ?? [])];
  return [
    ...Object.entries(shape ?? {}),
    ...[element, valueType].map((part): [string, unknown] => ["[]", part]),
    ...(items ?? []).map((part, index): [string, unknown] => [`[${index}]`, part]),
    ...inside.map((part): [string, unknown] => ["", part]),
  ].filter((entry): entry is [string, unknown] => entry[1] !== undefined);
}

function remedyFor(said: string): string {
  if (/date/i.test(said)) {
    return "JSON has no dates: use z.iso.datetime() or z.iso.date(), and new Date(…) in the handler.";
  }
  if (/bigint/i.test(said)) {
    return "JSON has no BigInt: use z.int(), or a string of digits.";
  }
  if (/transform|pipe/i.test(said)) {
    return "Describe what comes out with .pipe(…), or transform in the handler.";
  }
  return "Use a type that JSON has: string, number, boolean, null, a list or an object.";
}

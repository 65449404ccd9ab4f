/** The definition of a schema of zod 4: the parts that are read here. */
export interface ZodDefinition {
  readonly type?: string;
  readonly shape?: object;
  readonly catchall?: unknown;
  readonly element?: unknown;
  readonly innerType?: unknown;
  readonly keyType?: unknown;
  readonly valueType?: unknown;
  readonly options?: readonly unknown[];
  readonly items?: readonly unknown[];
  readonly rest?: unknown;
  readonly left?: unknown;
  readonly right?: unknown;
  readonly in?: unknown;
  readonly out?: unknown;
  readonly entries?: object;
  readonly values?: readonly unknown[];
  readonly defaultValue?: unknown;
  readonly checks?: readonly { readonly _zod?: { readonly def?: { readonly check?: unknown } } }[];
}

interface ZodSchema {
  readonly _zod?: { readonly def?: ZodDefinition; readonly toJSONSchema?: unknown; readonly parent?: unknown };
  meta?(): Readonly<Record<string, unknown>> | undefined;
}

const MAX_DEPTH = 30;

/** Checks with code of the author's, or with schemas that may have it. */
const OPAQUE: ReadonlySet<unknown> = new Set(["custom", "property", "properties", undefined]);

/**
 * Whether `schema` is an object of zod 4's that becomes JSON Schema without a doubt, and runs no code of its author's,
 * found by its definition: to convert it takes ten times as long, and a start would do that for every tool. What it
 * does not know is `false`.
 */
export function isPlainZodObject(schema: unknown): boolean {
  try {
    return (schema as ZodSchema | undefined)?._zod?.def?.type === "object" && isPlain(schema, 0);
  } catch {
    // A default that is made by code.
    return false;
  }
}

function isPlain(schema: unknown, depth: number): boolean {
  if (schema === undefined || schema === null) {
    return true;
  }
  const { _zod: zod } = schema as ZodSchema;
  if (zod?.def === undefined || zod.toJSONSchema !== undefined || depth > MAX_DEPTH || hasCode(zod.def)) {
    return false;
  }
  // Only a schema that was derived from another has what `.describe()` and `.meta()` say.
  return (zod.parent === undefined || hasPlainMeta(schema as ZodSchema)) && isPlainType(zod.def, depth + 1);
}

function hasCode({ checks = [] }: ZodDefinition): boolean {
  return checks.some((check) => OPAQUE.has(check._zod?.def?.check));
}

function hasPlainMeta(schema: ZodSchema): boolean {
  const meta = schema.meta?.();
  for (const name in meta) {
    if ((name !== "description" && name !== "title") || typeof meta[name] !== "string") {
      return false;
    }
  }
  return true;
}

function isPlainType(definition: ZodDefinition, depth: number): boolean {
  switch (definition.type) {
    case "string":
    case "number":
    case "boolean":
    case "null":
    case "any":
    case "unknown":
    case "never":
      return true;
    case "enum":
      return Object.values(definition.entries ?? {}).every(isPrimitive);
    case "literal":
      return (definition.values ?? []).every(isPrimitive);
    case "object":
      return arePlain(definition.shape, depth) && isPlain(definition.catchall, depth);
    case "array":
      return isPlain(definition.element, depth);
    case "optional":
    case "nullable":
    case "nonoptional":
    case "readonly":
      return isPlain(definition.innerType, depth);
    case "default":
    case "prefault":
      return isPrimitive(definition.defaultValue) && isPlain(definition.innerType, depth);
    case "union":
      return arePlain(definition.options, depth);
    case "record":
      return isPlain(definition.keyType, depth) && isPlain(definition.valueType, depth);
    case "tuple":
      return arePlain(definition.items, depth) && isPlain(definition.rest, depth);
    default:
      return false;
  }
}

function arePlain(parts: object | undefined, depth: number): boolean {
  for (const name in parts) {
    if (!isPlain((parts as Record<string, unknown>)[name], depth)) {
      return false;
    }
  }
  return true;
}

function isPrimitive(value: unknown): boolean {
  return value === null || typeof value === "string" || typeof value === "boolean" || Number.isFinite(value);
}

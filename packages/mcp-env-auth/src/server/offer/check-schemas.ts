import type { ConfigProblem } from "../../errors.ts";
import { findUnsendable } from "../../lib/unwritable-json.ts";
import type { Registration } from "./registration.ts";
import { findSchemaFault } from "./schema-faults.ts";

/** What each schema of a registration describes: what clients send, or what they get. */
const DIRECTIONS = { inputSchema: "input", outputSchema: "output", argsSchema: "input" } as const;

/**
 * Looks at every schema as the first list would: one that can't become JSON Schema would fail the list of all for
 * everybody. What a list says of a registration besides must be what JSON can write, and of the right type.
 */
export function checkSchemas(registrations: readonly Registration[]): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  for (const { label, schemas, listed: members } of registrations) {
    for (const field of ["inputSchema", "outputSchema", "argsSchema"] as const) {
      const { given, listed } = schemas[field] ?? {};
      const fault = given === undefined ? undefined : findSchemaFault(given, DIRECTIONS[field], listed);
      if (fault !== undefined) {
        const where = fault.path === "" ? field : `${field}, at \`${fault.path}\``;
        problems.push({ message: `${label}: ${where}: ${fault.message}` });
      }
    }
    for (const [field, isRight, expected] of TYPES) {
      const value = members[field];
      const problem = value === undefined ? undefined : problemOf(field, value, isRight(value) ? undefined : expected);
      if (problem !== undefined) {
        problems.push({ message: `${label}: ${problem}` });
      }
    }
  }
  return problems;
}

/** The types of what is listed as it was registered. */
const TYPES: readonly (readonly [field: string, isRight: (value: unknown) => boolean, expected: string])[] = [
  ["title", isText, "a text"],
  ["description", isText, "a text"],
  ["mimeType", isText, "a text"],
  ["annotations", isObject, "an object"],
  ["_meta", isObject, "an object"],
  ["icons", Array.isArray, "a list"],
];

function problemOf(field: string, value: unknown, expected: string | undefined): string | undefined {
  if (expected !== undefined) {
    return `${field} must be ${expected}: clients refuse the whole list otherwise.`;
  }
  const found = typeof value === "string" ? undefined : findUnsendable(value);
  if (found === undefined) {
    return undefined;
  }
  const path = found.path === "" ? field : `${field}.${found.path}`;
  return `\`${path}\` is ${found.what}, which can't be sent to clients. Leave it out.`;
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

import type { ConfigProblem } from "../errors.ts";
import { type AnyField, InvalidValue } from "./field.ts";

/** A required value is not there. `note` is a sentence about what was found instead. */
export function missingProblem(variable: string, field: AnyField, note?: string): ConfigProblem {
  return { variable, message: sentences("is required.", note, `${field.description}.`, example(field), where(field)) };
}

/** A value is not what its field expects. Nothing of `error` is told unless it was made to be. */
export function invalidProblem(variable: string, field: AnyField, error: unknown): ConfigProblem {
  const reason = error instanceof InvalidValue ? error.message : undefined;
  return { variable, message: sentences(`must be ${field.expected}.`, reason, example(field), where(field)) };
}

function example(field: AnyField): string {
  return `Example: ${field.example}`;
}

function where(field: AnyField): string | undefined {
  return field.where && `Where: ${field.where}`;
}

function sentences(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join(" ");
}

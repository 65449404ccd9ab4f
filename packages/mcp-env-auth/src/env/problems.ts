import type { ConfigProblem } from "../errors.ts";
import { type AnyField, InvalidValue } from "./field.ts";

/** A required value is not there. `note` is a sentence about what was found instead. */
export function missingProblem(variable: string, field: AnyField, note?: string): ConfigProblem {
  return { variable, message: sentences("is required.", note, `${field.description}.`, example(field), where(field)) };
}

/**
 * A value is not what its field expects. The message of `error` is shown only if it is an `InvalidValue`. `note` is a
 * sentence about what was found.
 */
export function invalidProblem(variable: string, field: AnyField, error: unknown, note?: string): ConfigProblem {
  const reason = error instanceof InvalidValue ? error.message : undefined;
  return { variable, message: sentences(`must be ${field.expected}.`, reason, note, example(field), where(field)) };
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

import type { ConfigProblem } from "../errors.ts";
import { nearest } from "../lib/nearest.ts";
import type { AnyField, FieldInputs, Fields, FieldValues } from "./field.ts";
import { invalidProblem, missingProblem } from "./problems.ts";

/** What code gave for some fields. */
export interface CheckedInputs<F extends Fields> {
  /** What is good. Complete when there are no problems. */
  readonly values: Partial<FieldValues<F>>;
  readonly given: ReadonlySet<keyof F>;
  /** Named after the options. */
  readonly problems: readonly ConfigProblem[];
  /** What must never be shown. */
  readonly secrets: readonly string[];
}

/** Checks options given in code by the same fields as the environment; the environment itself is not looked at. */
export function checkInputs<F extends Fields>(fields: F, inputs: FieldInputs<F>): CheckedInputs<F> {
  const given = new Map(Object.entries(inputs).filter(([, value]) => value !== undefined));
  const values = new Map<string, unknown>();
  const problems: ConfigProblem[] = [];
  for (const [name, field] of Object.entries(fields)) {
    const result = checkInput(name, field, given.get(name));
    if ("problem" in result) {
      problems.push(result.problem);
    } else if (result.value !== undefined) {
      values.set(name, result.value);
    }
  }
  const unknown = [...given.keys()].filter((name) => !Object.hasOwn(fields, name));
  return {
    values: Object.fromEntries(values) as Partial<FieldValues<F>>,
    given: new Set([...given].filter(([name, input]) => !isEmpty(fields[name], input)).map(([name]) => name)),
    secrets: Object.entries(fields).flatMap(([name, field]) => {
      const value = values.get(name);
      return field.secret && value !== undefined ? field.secretsIn(value) : [];
    }),
    problems: [...problems, ...unknown.map((name) => unknownOption(name, Object.keys(fields)))],
  };
}

function checkInput(
  name: string,
  field: AnyField,
  input: unknown,
): { readonly value: unknown } | { readonly problem: ConfigProblem } {
  if (input === undefined || isEmpty(field, input)) {
    if (field.presence !== "required") {
      return { value: field.default };
    }
    return { problem: missingProblem(name, field, input === undefined ? undefined : "It is empty.") };
  }
  try {
    return { value: field.accept(input) };
  } catch (error) {
    return { problem: invalidProblem(name, field, error) };
  }
}

function isEmpty(field: AnyField | undefined, input: unknown): boolean {
  return typeof input === "string" && field?.isUnset(input) === true;
}

function unknownOption(name: string, known: readonly string[]): ConfigProblem {
  const guess = nearest(name, known);
  return { variable: name, message: guess === undefined ? "is no option." : `is no option. Did you mean ${guess}?` };
}

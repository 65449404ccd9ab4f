import { cleanEnv, EnvMissingError, makeExactValidator } from "envalid";
import type { ConfigProblem } from "../errors.ts";
import type { Environment, EnvironmentVariable } from "./environment.ts";
import { type AnyField, type Fields, type FieldValues, secretFileVariable, variableName } from "./field.ts";
import { invalidProblem, missingProblem } from "./problems.ts";
import { describeReference, withReference } from "./references.ts";
import { readSecretFile } from "./secret-file.ts";
import {
  hasSuspiciousEnds,
  holdsPlaceholder,
  INVISIBLE_ENDS,
  isLikelyPlaceholder,
  isPlaceholder,
  withoutInvisibleEnds,
} from "./value-ends.ts";
import { originOf, spellValue, type VariableOrigin } from "./variable-origin.ts";

/** What the environment says about some fields. */
export interface Reading<F extends Fields> {
  /** What could be read. Complete when there are no problems. */
  readonly values: Partial<FieldValues<F>>;
  /** The fields that have a value, right or wrong. */
  readonly given: ReadonlySet<keyof F>;
  /** Everything that is wrong, at once. */
  readonly problems: readonly ConfigProblem[];
  readonly origins: readonly VariableOrigin[];
  /** What must never be shown. */
  readonly secrets: readonly string[];
  /** What is odd and does not stop the start. */
  readonly warnings: readonly ConfigProblem[];
  /** Of fields whose text was trimmed, what the exact text stands for: earlier releases read that. */
  readonly untrimmed: Partial<FieldValues<F>>;
}

interface Located {
  readonly name: string;
  readonly field: AnyField;
  readonly variable: string;
  /** As it is set, without invisible characters at its ends; `undefined` when it is not, or its file can't be read. */
  readonly text?: string;
  /** As it is set, where that differs. */
  readonly exactText?: string;
  readonly source?: VariableOrigin["source"];
  /** The variable that names its file, where the name has invisible characters at its ends. */
  readonly oddFile?: string;
  /** A predicate about an odd reference in its text. */
  readonly reference?: string;
  readonly problem?: ConfigProblem;
}

/** Reads `fields` from the variables under `prefix`. Never throws for what the environment holds. */
export function readFields<F extends Fields>(fields: F, prefix: string, environment: Environment): Reading<F> {
  const located = Object.entries(fields).map(([name, field]) => locate(name, field, prefix, environment));
  const { cleaned, errors } = validate(located);
  const valid = located.filter(({ variable, problem }) => problem === undefined && !errors.has(variable));
  const present = valid.filter(({ variable }) => cleaned.get(variable) !== undefined);
  const readValue = ({ variable }: Located) => cleaned.get(variable);
  return {
    values: Object.fromEntries(present.map((entry) => [entry.name, readValue(entry)])) as Partial<FieldValues<F>>,
    given: new Set(located.filter((entry) => isSet(entry) || entry.problem).map(({ name }) => name)),
    problems: located.flatMap(
      (entry) => entry.problem ?? describe(entry, errors.get(entry.variable), readValue(entry)) ?? [],
    ),
    origins: present.map((entry) => describeSource(entry, readValue(entry))),
    secrets: located.flatMap((entry) => secretsOf(entry, readValue(entry))),
    warnings: located.flatMap((entry) => [...oddEnds(entry), ...(errors.has(entry.variable) ? [] : reference(entry))]),
    untrimmed: Object.fromEntries(valid.flatMap(untrimmedValue)) as Partial<FieldValues<F>>,
  };
}

function locate(name: string, field: AnyField, prefix: string, environment: Environment): Located {
  const variable = effectiveVariable(variableName(prefix, name), field, environment);
  const entry = { name, field, variable };
  const set = environment.get(variable);
  const fileVariable = secretFileVariable(variable);
  const file = field.secret ? environment.get(fileVariable) : undefined;
  if (file === undefined) {
    if (set === undefined) {
      return entry;
    }
    const value = field.keepsEnds ? { text: set.value } : trimmed(set.value);
    return { ...entry, ...value, ...oddReference(set), source: set.source };
  }
  if (set !== undefined) {
    return { ...entry, problem: { variable, message: `and ${fileVariable} are both set. Remove one of them.` } };
  }
  const named = trimmed(file.value);
  const oddFile = named.exactText === undefined ? {} : { oddFile: fileVariable };
  const secret = readSecretFile(fileVariable, named.text, environment.cwd);
  if ("problem" in secret) {
    return { ...entry, ...oddFile, problem: withReference(secret.problem, file) };
  }
  return { ...entry, ...oddFile, ...trimmed(secret.value), source: { kind: "secret-file", path: secret.path } };
}

function oddReference(set: EnvironmentVariable): Pick<Located, "reference"> {
  const found = describeReference(set);
  return found === undefined ? {} : { reference: found };
}

function trimmed(exactText: string): { readonly text: string; readonly exactText?: string } {
  const text = withoutInvisibleEnds(exactText);
  return text === exactText ? { text } : { text, exactText };
}

const KEPT = "begins or ends with a space or a quote, which counts as part of the value. Remove it, unless it is.";

function oddEnds({ variable, field, text, exactText, oddFile }: Located): ConfigProblem[] {
  const isSuspicious = text !== undefined && field.secret && hasSuspiciousEnds(text) && text.trim() !== "";
  return [
    ...(oddFile === undefined ? [] : [{ variable: oddFile, message: INVISIBLE_ENDS }]),
    ...(exactText === undefined ? [] : [{ variable, message: INVISIBLE_ENDS }]),
    ...(isSuspicious ? [{ variable, message: KEPT }] : []),
    ...(text !== undefined && isLikelyPlaceholder(text)
      ? [{ variable, message: "looks like a placeholder. Replace it, unless it is the value." }]
      : []),
  ];
}

function reference({ variable, reference, problem }: Located): ConfigProblem[] {
  return reference === undefined || problem !== undefined ? [] : [{ variable, message: reference }];
}

function untrimmedValue({ name, field, exactText }: Located): (readonly [string, unknown])[] {
  if (exactText === undefined) {
    return [];
  }
  try {
    return [[name, field.parse(exactText)]];
  } catch {
    return [];
  }
}

function effectiveVariable(own: string, { alias }: AnyField, environment: Environment): string {
  const byAlias = alias !== undefined && environment.get(own) === undefined && environment.get(alias) !== undefined;
  return byAlias ? alias : own;
}

function validate(located: readonly Located[]) {
  const errors = new Map<string, Error>();
  const set = located.filter(isSet);
  const cleaned = cleanEnv<Record<string, unknown>>(
    Object.fromEntries(set.map(({ variable, text }) => [variable, text])),
    Object.fromEntries(located.map(({ variable, field }) => [variable, specOf(field)])),
    {
      // envalid's own reporter prints the values of secrets, and exits.
      reporter: ({ errors: found }) => {
        for (const [variable, error] of Object.entries(found)) {
          if (error !== undefined) {
            errors.set(variable, error);
          }
        }
      },
    },
  );
  // A copy, since envalid's own object throws for a name that it has no value for.
  return { cleaned: new Map<string, unknown>(Object.entries(cleaned)), errors };
}

function isSet({ field, text }: Located): boolean {
  return text !== undefined && !field.isUnset(text);
}

function specOf(field: AnyField) {
  const validator = makeExactValidator<unknown>((text) => field.parse(text));
  const spec = { desc: field.description, example: field.example };
  return field.presence === "required" ? validator(spec) : validator({ ...spec, default: field.default });
}

function describe(
  { variable, field, text, reference }: Located,
  error: Error | undefined,
  value: unknown,
): ConfigProblem | undefined {
  if (text !== undefined && (isPlaceholder(text) || holdsPlaceholder(value))) {
    return { variable, message: `is a placeholder. Replace it with the value itself. ${exampleOf(field)}` };
  }
  if (error === undefined) {
    return undefined;
  }
  const note = reference && `It ${reference}`;
  if (!(error instanceof EnvMissingError)) {
    return invalidProblem(variable, field, error, note);
  }
  return missingProblem(variable, field, text === undefined ? undefined : (note ?? "It is set, but empty."));
}

function describeSource(entry: Located, value: unknown): VariableOrigin {
  const { variable, field, text = "", source } = entry;
  const { secret } = field;
  if (source === undefined || !isSet(entry)) {
    return originOf(variable, { kind: "default" }, { value: spellValue(value), secret });
  }
  return originOf(variable, source, { value: text, secret });
}

function secretsOf({ field, text }: Located, value: unknown): readonly string[] {
  if (!field.secret || text === undefined) {
    return [];
  }
  return value === undefined ? [text] : field.secretsIn(value);
}

function exampleOf({ example, where }: AnyField): string {
  return `Example: ${example}${where === undefined ? "" : ` Where: ${where}`}`;
}

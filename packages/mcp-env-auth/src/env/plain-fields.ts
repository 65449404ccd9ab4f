import { defineField, type Field, type FieldDetails, InvalidValue, type PresenceOf } from "./field.ts";
import { isServiceLink } from "./service-link.ts";

const SERVICE_LINK =
  "Kubernetes sets it for a Service of that name. Set enableServiceLinks to false in the pod, or this variable.";

const isBlank = (text: string) => text.trim() === "";

function requireText(text: string): string {
  if (isBlank(text)) {
    throw new InvalidValue("It is empty.");
  }
  return text;
}

/** A string, as it is. An empty one counts as not set. */
export function text<const D extends FieldDetails<string>>(details: D): Field<string, string, PresenceOf<D>> {
  return defineField({ expected: "text that is not empty", parse: requireText, isUnset: isBlank }, details);
}

/** The path of a file. An empty one is an error: a file that was meant and is not there must not go unnoticed. */
export function file<const D extends FieldDetails<string>>(details: D): Field<string, string, PresenceOf<D>> {
  const parse = (input: string) => {
    if (isBlank(input)) {
      throw new InvalidValue("It is empty; remove it where there is no file.");
    }
    return input;
  };
  return defineField({ expected: "the path of a file", parse }, details);
}

/** A string that is kept out of logs, as it is. An empty one would be no secret: it counts as not set. */
export function secret<const D extends FieldDetails<string>>(details: D): Field<string, string, PresenceOf<D>> {
  return defineField(
    { expected: "a secret that is not empty", parse: requireText, isUnset: isBlank, secretsIn: (value) => [value] },
    details,
  );
}

const INTEGER = /^[+-]?\d+(?:_\d+)*(?:\.0+)?$/;

export interface IntegerRange {
  readonly min?: number;
  readonly max?: number;
}

/** A whole number from `min` to `max`, in the spellings that FastMCP reads. */
export function integer<const D extends FieldDetails<number> & IntegerRange>(
  details: D,
): Field<number, number, PresenceOf<D>> {
  const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = details;
  const check = (value: number) => {
    if (!Number.isSafeInteger(value)) {
      throw new InvalidValue("It is not a whole number.");
    }
    if (value < min || value > max) {
      throw new InvalidValue(`It is ${value < min ? "too small" : "too large"}.`);
    }
    return value;
  };
  return defineField(
    {
      expected: describeRange(details),
      parse(input) {
        if (isServiceLink(input)) {
          throw new InvalidValue(SERVICE_LINK);
        }
        return check(INTEGER.test(input.trim()) ? Number(input.trim().replaceAll("_", "")) : Number.NaN);
      },
      convert: check,
    },
    details,
  );
}

function describeRange({ min, max }: IntegerRange): string {
  if (min !== undefined && max !== undefined) {
    return `a whole number from ${min} to ${max}`;
  }
  if (min !== undefined) {
    return `a whole number, at least ${min}`;
  }
  return max === undefined ? "a whole number" : `a whole number, at most ${max}`;
}

const TRUE: ReadonlySet<string> = new Set(["1", "true", "t", "yes", "y", "on"]);
const FALSE: ReadonlySet<string> = new Set(["0", "false", "f", "no", "n", "off"]);

/** Yes or no, in the spellings that FastMCP reads, in any case. */
export function flag<const D extends FieldDetails<boolean>>(details: D): Field<boolean, boolean, PresenceOf<D>> {
  return defineField(
    {
      expected: "true or false (or 1/0, yes/no, on/off, t/f, y/n)",
      parse(input) {
        const word = input.toLowerCase();
        if (!TRUE.has(word) && !FALSE.has(word)) {
          throw new InvalidValue("It is none of these words.");
        }
        return TRUE.has(word);
      },
      convert(value: unknown) {
        if (typeof value !== "boolean") {
          throw new InvalidValue(`A ${typeof value} is neither.`);
        }
        return value;
      },
    },
    details,
  );
}

export interface ChoiceSpellings<Choice> {
  /** Other spellings of a choice, in lower case. */
  readonly aliases?: Readonly<Record<string, Choice>>;
  /** What to say to a value that someone may well try, in lower case. */
  readonly refusals?: Readonly<Record<string, string>>;
}

/** One of `choices`, in any case. */
export function choice<Choice extends string, const D extends FieldDetails<NoInfer<Choice>>>(
  choices: readonly Choice[],
  details: D,
  { aliases = {}, refusals = {} }: ChoiceSpellings<Choice> = {},
): Field<Choice, Choice, PresenceOf<D>> {
  return defineField(
    {
      expected: `one of ${choices.join(", ")}`,
      parse(input: string) {
        const word = input.trim().toLowerCase();
        const found = choices.find((candidate) => candidate.toLowerCase() === word);
        const value = found ?? (Object.hasOwn(aliases, word) ? aliases[word] : undefined);
        if (value === undefined) {
          throw new InvalidValue(Object.hasOwn(refusals, word) ? refusals[word] : "It is none of these.");
        }
        return value;
      },
    },
    details,
  );
}

/** The path of a URL; a missing `/` is put before it. An empty one counts as not set. */
export function path<const D extends FieldDetails<string>>(details: D): Field<string, string, PresenceOf<D>> {
  return defineField(
    {
      expected: "the path of a URL",
      parse(input: string) {
        const value = input.trim().replace(/^(?!\/)/, "/");
        if (/[?#]/.test(value)) {
          throw new InvalidValue("It has a query or a fragment.");
        }
        if (value.includes("://")) {
          throw new InvalidValue("It is a whole URL.");
        }
        const plain = value.startsWith("//") ? undefined : new URL(value, "http://localhost").pathname;
        if (plain !== value) {
          throw new InvalidValue("It holds characters or segments that a URL spells otherwise.");
        }
        return value;
      },
      isUnset: isBlank,
    },
    details,
  );
}

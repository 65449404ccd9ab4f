import { defineField, type Field, type FieldDetails, InvalidValue, type PresenceOf } from "./field.ts";

type StringRecord = Readonly<Record<string, string>>;

export interface RecordRules {
  /** Names that the runtime sets itself. */
  readonly reserved?: readonly string[];
}

/** Names with values: a JSON object, or URL-encoded as in a query. Empty counts as not set. */
export function stringRecord<const D extends FieldDetails<StringRecord> & RecordRules>(
  details: D,
): Field<StringRecord, StringRecord | string, PresenceOf<D>> {
  return defineField(recordKind(details), details);
}

/** As `stringRecord`, but the values are kept out of logs. */
export function secretRecord<const D extends FieldDetails<StringRecord> & RecordRules>(
  details: D,
): Field<StringRecord, StringRecord | string, PresenceOf<D>> {
  return defineField({ ...recordKind(details), secretsIn: (record: StringRecord) => Object.values(record) }, details);
}

function recordKind({ reserved = [] }: RecordRules) {
  const convert = (input: unknown) => checkRecord(input, reserved);
  return {
    expected: 'a JSON object such as {"name":"value"}, or name=value&name=value',
    parse: (input: string) => convert(input.trim().startsWith("{") ? parseObject(input) : parseQuery(input.trim())),
    convert,
    isUnset: (input: string) => input.trim() === "" || input.trim() === "null",
  };
}

function parseObject(input: string): unknown {
  try {
    return JSON.parse(input);
  } catch {
    throw new InvalidValue("It starts like a JSON object and is not one; names and values need double quotes.");
  }
}

function parseQuery(input: string): StringRecord {
  if (!input.includes("=")) {
    throw new InvalidValue("It holds no name=value.");
  }
  const pairs = [...new URLSearchParams(input)];
  if (new Set(pairs.map(([name]) => name)).size < pairs.length) {
    throw new InvalidValue("A name is given twice.");
  }
  return Object.fromEntries(pairs);
}

function checkRecord(input: unknown, reserved: readonly string[]): StringRecord {
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    throw new InvalidValue("It is no object.");
  }
  const pairs = Object.entries(input).map(([name, value]): [string, string] => {
    if (name === "") {
      throw new InvalidValue("A name is empty.");
    }
    if (reserved.includes(name)) {
      throw new InvalidValue(`${name} is set by the server itself and can't be an extra one.`);
    }
    if (typeof value === "object" || value === undefined) {
      throw new InvalidValue("A value is neither text nor a number.");
    }
    return [name, String(value)];
  });
  return Object.fromEntries(pairs);
}

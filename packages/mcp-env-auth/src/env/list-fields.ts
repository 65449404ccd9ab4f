import { defineField, type Field, type FieldDetails, InvalidValue, type PresenceOf } from "./field.ts";

/** A list in code: the items, or a string in the spelling of the environment. */
export type ListInput = readonly string[] | string;

type List = readonly string[];

const NOT_JSON = Symbol("not JSON");

/** Scopes, as FastMCP reads them: a JSON array, or separated by commas and spaces. None counts as not set. */
export function scopes<const D extends FieldDetails<List>>(details: D): Field<List, ListInput, PresenceOf<D>> {
  const parse = (input: string) => checkScopes(splitOrList(input));
  return defineField(
    {
      expected: "scopes, separated by spaces or commas, or as a JSON array",
      parse,
      convert: (input) => checkScopes(convertList(input)),
      isUnset: namesNothing,
    },
    details,
  );
}

/** RFC 6749 section 3.3. */
function checkScopes(list: List): List {
  const wrong = list.findIndex((scope) => !/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope));
  if (wrong !== -1) {
    throw new InvalidValue(`Scope ${wrong + 1} holds a space, a quote or another character that no scope can.`);
  }
  return list;
}

export interface StringListRules {
  /** Checks and normalises one item. @throws InvalidValue */
  readonly item?: (item: string) => string;
  /** An empty value is the empty list. By default it is an error, as in FastMCP, where `[]` says it. */
  readonly emptyIsNone?: true;
}

/** Strings: a JSON array, or, unlike FastMCP, also separated by commas and spaces. `null` counts as not set. */
export function stringList<const D extends FieldDetails<List> & StringListRules>(
  details: D,
): Field<List, ListInput, PresenceOf<D>> {
  return defineField(listKind("values", details), details);
}

/**
 * As `stringList`, but the items are kept out of logs, and those of a JSON array count exactly as they are: spaces at
 * their ends may belong to a secret. They also count without, as a person may mean them.
 */
export function secretList<const D extends FieldDetails<List>>(details: D): Field<List, ListInput, PresenceOf<D>> {
  const kind = listKind("secrets", {});
  const withExact = (items: unknown, list: List): List => [...new Set([...list, ...exactItems(items)])];
  return defineField(
    {
      ...kind,
      parse: (input: string) => withExact(tryJson(input), kind.parse(input)),
      convert: (input: unknown) => withExact(input, kind.convert(input)),
      secretsIn: (list: List) => list,
    },
    details,
  );
}

function exactItems(items: unknown): List {
  return Array.isArray(items) ? items.map(String).filter((item) => item.trim() !== "") : [];
}

function listKind(what: string, { item = (text) => text, emptyIsNone }: StringListRules) {
  return {
    expected: `a JSON array of strings, or ${what} separated by commas or spaces`,
    parse(input: string): List {
      if (input.trim() === "" && !emptyIsNone) {
        throw new InvalidValue("It is empty; write [] for none, or remove it.");
      }
      return splitOrList(input).map(item);
    },
    convert: (input: unknown): List => convertList(input).map(item),
    isUnset: isJsonNull,
  };
}

/** One string, or several as a JSON array: what a JWT's `iss` or `aud` may be. `null` counts as not set. */
export function stringOrList<const D extends FieldDetails<string | List>>(
  details: D,
): Field<string | List, ListInput, PresenceOf<D>> {
  return defineField(
    {
      expected: "one value, or a JSON array of strings",
      parse(input: string) {
        const json = tryJson(input);
        const text = json === NOT_JSON ? input : json;
        if (typeof text === "string" && text.trim() === "") {
          throw new InvalidValue("It is empty; remove it if it is not needed.");
        }
        if (typeof text === "string") {
          return text;
        }
        if (Array.isArray(json)) {
          return atLeastOne(convertList(json));
        }
        throw new InvalidValue('It is a number, a word or an object to JSON; write it as ["…"].');
      },
      convert: (input: unknown) => atLeastOne(convertList(input)),
      isUnset: isJsonNull,
    },
    details,
  );
}

function atLeastOne(list: List): List {
  if (list.length === 0) {
    throw new InvalidValue("The list is empty; remove it if it is not needed.");
  }
  return list;
}

function splitOrList(input: string): List {
  const json = tryJson(input);
  if (json === null) {
    return [];
  }
  if (Array.isArray(json)) {
    return convertList(json);
  }
  if (json !== NOT_JSON && typeof json !== "string") {
    throw new InvalidValue("It is a number, true, false or an object to JSON.");
  }
  return split(typeof json === "string" ? json : input);
}

function split(input: string): List {
  return input.split(/[\s,]+/).filter((part) => part !== "");
}

function convertList(input: unknown): List {
  if (!Array.isArray(input)) {
    throw new InvalidValue(`A value of type ${typeof input} is no list.`);
  }
  if (!input.every((item) => typeof item === "string" || typeof item === "number")) {
    throw new InvalidValue("An item of the list is not a string.");
  }
  return input.map((item) => String(item).trim()).filter((item) => item !== "");
}

function tryJson(input: string): unknown {
  try {
    return JSON.parse(input);
  } catch {
    return NOT_JSON;
  }
}

function isJsonNull(input: string): boolean {
  return input.trim() === "null";
}

/** Whether a text is an empty list, however it is spelled. */
export function namesNothing(input: string): boolean {
  const json = tryJson(input);
  if (Array.isArray(json)) {
    return json.every((item) => typeof item === "string" && item.trim() === "");
  }
  if (json === NOT_JSON || typeof json === "string") {
    return split(typeof json === "string" ? json : input).length === 0;
  }
  return json === null;
}

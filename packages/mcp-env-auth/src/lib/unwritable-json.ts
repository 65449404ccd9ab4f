import { types } from "node:util";

/** What of a value JSON can't write, or would write as something else. */
export interface Unwritable {
  /** Where it is, such as `days[2].high`; `""` for the value itself. */
  readonly path: string;
  /** What it is, such as `a Map`. */
  readonly what: string;
  /** What its author can do: a sentence. */
  readonly remedy: string;
}

/** Far deeper, `JSON.stringify` runs out of stack. */
const MAX_DEPTH = 1000;

/**
 * The first part of `value` that JSON can't write (a BigInt, a circle, a member that throws), or would silently write
 * as something else (a Map as `{}`, NaN as `null`) or leave out (a function). Members that are `undefined` are fine: to
 * leave them out is what they are for. Nothing is returned for a value that JSON writes as it is.
 */
export function findUnwritable(value: unknown): Unwritable | undefined {
  return search(value, true);
}

/** The same, of what makes `JSON.stringify` throw, and of a value that it writes nothing for. */
export function findUnsendable(value: unknown): Unwritable | undefined {
  const isNothing = value === undefined || typeof value === "function" || typeof value === "symbol";
  return search(value, isNothing);
}

function search(value: unknown, isStrict: boolean): Unwritable | undefined {
  const search = new Search(isStrict);
  try {
    const found = search.look(value);
    if (found === undefined) {
      return undefined;
    }
    settleUnheard(value);
    return { path: search.path(), ...found };
  } catch (error) {
    settleUnheard(value);
    // A getter, a trap of a proxy, or toJSON.
    return {
      path: search.path(),
      what: "a value that can't be read",
      remedy: `Reading it throws: ${messageOf(error)}`,
    };
  }
}

type Found = Omit<Unwritable, "path">;

class Search {
  /** The names and indexes that lead to what is looked at. */
  readonly #trail: (string | number)[] = [];
  readonly #parents = new Set<object>();
  readonly #isStrict: boolean;

  /** @param isStrict also finds what is written as something else, or left out. */
  constructor(isStrict: boolean) {
    this.#isStrict = isStrict;
  }

  path(): string {
    return this.#trail.map((step, index) => describeStep(step, index === 0)).join("");
  }

  look(value: unknown): Found | undefined {
    if (typeof value === "bigint") {
      return { what: "a BigInt", remedy: "Return a string, or Number(…) if it is small enough." };
    }
    if (typeof value === "object") {
      return value === null ? undefined : this.#lookInto(value);
    }
    return this.#isStrict ? changed(value) : undefined;
  }

  #lookInto(value: object): Found | undefined {
    if (this.#trail.length > MAX_DEPTH) {
      this.#trail.length = 3;
      return { what: "a value that is nested too deeply", remedy: `Return at most ${MAX_DEPTH} levels.` };
    }
    if (this.#parents.has(value)) {
      return { what: "a circular reference", remedy: "Return a copy with the members that clients need." };
    }
    const { toJSON } = value as { toJSON?: unknown };
    if (typeof toJSON !== "function") {
      return this.#lookAtShape(value);
    }
    if (this.#isStrict && types.isDate(value) && Number.isNaN(value.getTime())) {
      return { what: "an invalid Date", remedy: "JSON writes it as null. Return null, or a time." };
    }
    const written: unknown = toJSON.call(value, String(this.#trail.at(-1) ?? ""));
    if (written !== value && typeof written === "object" && written !== null) {
      return this.#lookAtShape(written);
    }
    return written === value ? this.#lookAtMembers(value) : this.look(written);
  }

  #lookAtShape(value: object): Found | undefined {
    return (this.#isStrict ? strange(value) : undefined) ?? this.#lookAtMembers(value);
  }

  #lookAtMembers(value: object): Found | undefined {
    if (isBoxed(value)) {
      return undefined;
    }
    this.#parents.add(value);
    const found = Array.isArray(value) ? this.#lookAtItems(value) : this.#lookAtFields(value);
    this.#parents.delete(value);
    return found;
  }

  #lookAtItems(list: readonly unknown[]): Found | undefined {
    const at = this.#trail.push(0) - 1;
    for (let index = 0; index < list.length; index += 1) {
      this.#trail[at] = index;
      const found = this.look(list[index]);
      if (found !== undefined) {
        return found;
      }
    }
    this.#trail.length = at;
    return undefined;
  }

  #lookAtFields(value: object): Found | undefined {
    const at = this.#trail.push("") - 1;
    for (const name of Object.keys(value)) {
      this.#trail[at] = name;
      const member = (value as Record<string, unknown>)[name];
      // That is how a member is left out.
      const found = member === undefined ? undefined : this.look(member);
      if (found !== undefined) {
        return found;
      }
    }
    this.#trail.length = at;
    return undefined;
  }
}

/** What JSON writes as null, or not at all. */
function changed(value: unknown): Found | undefined {
  switch (typeof value) {
    case "number":
      return Number.isFinite(value)
        ? undefined
        : { what: String(value), remedy: "JSON writes it as null. Return null, or leave it out." };
    case "undefined":
      return { what: "undefined", remedy: "Return a value, or null where there is none." };
    case "function":
      return { what: "a function", remedy: "Call it, or leave it out." };
    case "symbol":
      return { what: "a Symbol", remedy: "Return a string." };
    default:
      return undefined;
  }
}

/** How many parts of a value that is refused are looked at for promises. */
const MAX_PARTS = 100_000;

/**
 * Nobody will wait for the promises in a value that is refused, as of `cities.map(async …)` or of a Map: when they
 * reject later, that must not end the process.
 */
function settleUnheard(value: unknown): void {
  const parts = new Set([value]);
  // A set is also walked through what is added meanwhile.
  for (const part of parts) {
    if (types.isPromise(part)) {
      part.catch(() => {});
    } else if (typeof part === "object" && part !== null) {
      addParts(part, parts);
    }
  }
}

function addParts(value: object, parts: Set<unknown>): void {
  try {
    const isList = Array.isArray(value) || types.isMap(value) || types.isSet(value);
    for (const part of isList ? value.values() : dataOf(value)) {
      if (parts.size >= MAX_PARTS) {
        return;
      }
      parts.add(part);
    }
  } catch {
    // A proxy.
  }
}

/** The members of `value` that no code of its own makes. */
function* dataOf(value: object): Generator<unknown> {
  if (ArrayBuffer.isView(value)) {
    return;
  }
  for (const name of Object.keys(value)) {
    yield Object.getOwnPropertyDescriptor(value, name)?.value;
  }
}

/** How many characters of a member's name a path shows. */
const MAX_NAME = 100;

function describeStep(step: string | number, isFirst: boolean): string {
  if (typeof step === "number") {
    return `[${step}]`;
  }
  if (!/^[\p{L}\p{N}_$-]+$/u.test(step) || step.length > MAX_NAME) {
    return `[${JSON.stringify(step.slice(0, MAX_NAME))}]`;
  }
  return isFirst ? step : `.${step}`;
}

function isBoxed(value: object): boolean {
  return types.isBoxedPrimitive(value) && !types.isBigIntObject(value) && !types.isSymbolObject(value);
}

/** What has its contents where JSON does not look. */
function strange(value: object): Found | undefined {
  if (Array.isArray(value)) {
    return undefined;
  }
  if (types.isPromise(value) || typeof (value as { then?: unknown }).then === "function") {
    return { what: "a Promise", remedy: "Await it before you return." };
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) {
    return undefined;
  }
  if (types.isMap(value)) {
    return { what: "a Map", remedy: "JSON writes it as {}. Return Object.fromEntries(map), or an array." };
  }
  if (types.isSet(value)) {
    return { what: "a Set", remedy: "JSON writes it as {}. Return an array: [...set]." };
  }
  if (types.isBigIntObject(value) || types.isSymbolObject(value)) {
    return { what: "a boxed BigInt or Symbol", remedy: "Return a string." };
  }
  if (types.isNativeError(value) || value instanceof Error) {
    return { what: "an Error", remedy: "Throw it; or throw a ToolError, whose message the user reads." };
  }
  if (types.isAnyArrayBuffer(value)) {
    return { what: "an ArrayBuffer", remedy: 'Return Buffer.from(buffer).toString("base64").' };
  }
  const tag = Object.prototype.toString.call(value).slice("[object ".length, -1);
  if (ArrayBuffer.isView(value)) {
    return { what: `a ${tag}`, remedy: "JSON writes its items as members. Return an array, or base64." };
  }
  const isOfPlatform = tag !== "Object" && !isBoxed(value);
  if (!isOfPlatform || Object.keys(value).length > 0) {
    return undefined;
  }
  return { what: `an object of the kind ${tag}`, remedy: "JSON writes it as {}. Return what it holds." };
}

function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? error.message : String(error);
  } catch {
    return "no reason can be given.";
  }
}

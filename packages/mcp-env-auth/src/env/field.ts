import { EnvError } from "envalid";

/** Whether a setting has a value without one being given. */
export type Presence = "required" | "defaulted" | "optional";

/** What people need to know of a setting. From it come the messages, the documentation and `.env.example`. */
export interface FieldDetails<Value> {
  /** What it is, as a noun phrase that starts a sentence. */
  readonly description: string;
  /** A value in the spelling of the environment. Never a real secret. */
  readonly example: string;
  /** Where to find the value, such as a path through a dashboard. */
  readonly where?: string;
  /** Another variable, in full, that is read where the field's own is not set. */
  readonly alias?: string;
  /** Invisible characters at its ends count: only its being the same text matters. */
  readonly keepsEnds?: true;
  readonly required?: true;
  readonly default?: Value;
}

/** The presence that `Details` give a field. */
export type PresenceOf<Details> = Details extends { readonly required: true }
  ? "required"
  : Details extends { readonly default: unknown }
    ? "defaulted"
    : "optional";

/** Hosts that may be reached by http. */
export interface PlainHttpException {
  /** With their port. */
  readonly hosts: readonly string[];
  /** The variable that names them, for messages. */
  readonly variable: string;
}

/**
 * One setting: how it is read from the environment and from code.
 *
 * `Value` is what it becomes, `Input` what code may give for it.
 */
export interface Field<Value, Input = Value, P extends Presence = Presence> {
  readonly presence: P;
  readonly description: string;
  readonly example: string;
  readonly where: string | undefined;
  readonly alias: string | undefined;
  readonly keepsEnds: boolean;
  readonly default: Value | undefined;
  /** Never shown; may also be given in a file, as `<NAME>_FILE`. */
  readonly secret: boolean;
  /** The same field, where the configuration names hosts that may be reached by http. Absent: none may. */
  readonly onPlainHttpHosts?: (exception: PlainHttpException) => Field<Value, Input, P>;
  /** What a value must be, as the rest of "must be …". */
  readonly expected: string;
  /** @throws InvalidValue */
  parse(text: string): Value;
  /** Checks a value given in code. @throws InvalidValue */
  accept(input: Input): Value;
  /** Whether a text stands for "no value", so that the default holds. */
  isUnset(text: string): boolean;
  /** The strings to keep out of logs, of a secret field. */
  secretsIn(value: Value): readonly string[];
}

/** Any field. */
// biome-ignore lint/suspicious/noExplicitAny: the bound of a field of any type, as in envalid's own.
export type AnyField = Field<any, any>;

/** Fields by their names in camel case. */
export type Fields = Readonly<Record<string, AnyField>>;

type NamesWith<F extends Fields, P extends Presence> = {
  [Name in keyof F]: F[Name]["presence"] extends P ? Name : never;
}[keyof F];

type ValueOf<F extends AnyField> = ReturnType<F["parse"]>;
type InputOf<F extends AnyField> = Parameters<F["accept"]>[0];

type Flat<T> = { [Key in keyof T]: T[Key] };

/** The settings that `F` declare. */
export type FieldValues<F extends Fields> = Flat<
  { readonly [Name in NamesWith<F, "required" | "defaulted">]: ValueOf<F[Name]> } & {
    readonly [Name in NamesWith<F, "optional">]?: ValueOf<F[Name]>;
  }
>;

/** What code gives for `F`. */
export type FieldInputs<F extends Fields> = Flat<
  { readonly [Name in NamesWith<F, "required">]: InputOf<F[Name]> } & {
    readonly [Name in NamesWith<F, "defaulted" | "optional">]?: InputOf<F[Name]> | undefined;
  }
>;

/**
 * A value is not what its field expects. The message is a sentence that says why, and never holds the value: it may be
 * a secret in the wrong place.
 */
export class InvalidValue extends EnvError {}

/** What sets one kind of field apart. */
export interface FieldKind<Value, Input> {
  readonly expected: string;
  readonly parse: (text: string) => Value;
  /** For values from code that are no strings; by default such a value is refused. */
  readonly convert?: (input: Exclude<Input, string>) => Value;
  /** By default nothing does: an empty value is a value, and must be a good one. */
  readonly isUnset?: (text: string) => boolean;
  readonly secretsIn?: (value: Value) => readonly string[];
}

/** A field of a kind. */
export function defineField<Value, Input, const Details extends FieldDetails<Value>>(
  kind: FieldKind<Value, Input>,
  details: Details,
): Field<Value, Input, PresenceOf<Details>> {
  const presence: Presence = details.required ? "required" : details.default === undefined ? "optional" : "defaulted";
  return {
    presence: presence as PresenceOf<Details>,
    description: details.description,
    example: details.example,
    where: details.where,
    alias: details.alias,
    keepsEnds: details.keepsEnds ?? false,
    default: details.default,
    secret: kind.secretsIn !== undefined,
    expected: kind.expected,
    parse: kind.parse,
    accept(input) {
      if (typeof input === "string") {
        return kind.parse(input);
      }
      if (kind.convert === undefined) {
        throw new InvalidValue(`A ${typeof input} is none.`);
      }
      return kind.convert(input as Exclude<Input, string>);
    },
    isUnset: kind.isUnset ?? (() => false),
    secretsIn: kind.secretsIn ?? (() => []),
  };
}

/**
 * The environment variable of a field: `configUrl` under `FASTMCP_SERVER_AUTH_AUTH0_` is
 * `FASTMCP_SERVER_AUTH_AUTH0_CONFIG_URL`.
 */
export function variableName(prefix: string, field: string): string {
  return `${prefix}${field.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toUpperCase()}`;
}

/** The variable that names a file with a secret's value, as Docker and Kubernetes mount them. */
export function secretFileVariable(variable: string): string {
  return `${variable}_FILE`;
}

import type { AnyField } from "../../env/field.ts";
import type { Redactor } from "../../env/redaction.ts";
import type { VariableOrigin } from "../../env/variable-origin.ts";

/** What `env --json` prints. docs/cli.md describes it. */
export interface VariableList {
  /** `null` for an open server, and for a provider that a module exports ready made. */
  readonly provider: { readonly title: string; readonly classPath: string } | null;
  readonly variables: readonly VariableEntry[];
}

/** One variable. */
export interface VariableEntry {
  readonly variable: string;
  /** `standard`: a name that other programs share, such as `HTTPS_PROXY`. */
  readonly group: "provider" | "server" | "standard";
  /** `invalid`: set to a value that can't be used. `missing`: required, and not set or empty. */
  readonly status: "set" | "default" | "unset" | "missing" | "invalid";
  /** The text as written; `[redacted]` for a secret. Left out if there is none. */
  readonly value?: string;
  readonly source?: VariableOrigin["source"];
  /** The name that was set, if it differs from `variable`. */
  readonly setAs?: string;
  readonly required: boolean;
  /** Its value is never shown. */
  readonly secret: boolean;
  readonly description: string;
  /** Why it is invalid or missing: a message that follows the variable's name. */
  readonly problem?: string;
}

export interface EntryFacts {
  readonly group: VariableEntry["group"];
  readonly variable: string;
  readonly field: Pick<AnyField, "secret" | "presence" | "description">;
  readonly origin: VariableOrigin | undefined;
  readonly problem: string | undefined;
}

export function toEntry({ group, variable, field, origin, problem }: EntryFacts): VariableEntry {
  const { secret, presence, description } = field;
  return {
    variable,
    group,
    status: statusOf(origin, problem),
    ...(origin !== undefined && { value: origin.value, source: origin.source }),
    ...(origin !== undefined && origin.variable !== variable && { setAs: origin.variable }),
    required: presence === "required",
    secret,
    description,
    ...(problem !== undefined && { problem }),
  };
}

function statusOf(origin: VariableOrigin | undefined, problem: string | undefined): VariableEntry["status"] {
  if (problem !== undefined) {
    return origin === undefined || problem.startsWith("is required.") ? "missing" : "invalid";
  }
  return origin === undefined ? "unset" : origin.source.kind === "default" ? "default" : "set";
}

/** `list` without secrets. Unlike a redactor's own copy, it keeps values that are only named like a secret. */
export function redactStrings(list: VariableList, { redactText }: Redactor): VariableList {
  return JSON.parse(JSON.stringify(list), (_name, value: unknown) =>
    typeof value === "string" ? redactText(value) : value,
  ) as VariableList;
}

import { REDACTED } from "./credential-patterns.ts";
import type { VariableSource } from "./environment.ts";

/** Where the value of a variable comes from, with the value fit to be shown. */
export interface VariableOrigin {
  readonly variable: string;
  readonly source:
    | VariableSource
    | { readonly kind: "secret-file"; readonly path: string }
    | { readonly kind: "default" };
  /** As it was written; `[redacted]` for a secret. */
  readonly value: string;
}

/** One line for the log at start, such as `FASTMCP_PORT=8000 (default)`. */
export function describeOrigin({ variable, source, value }: VariableOrigin): string {
  const shown = /^[\x21-\x7e]*$/.test(value) ? value : JSON.stringify(value);
  return `${variable}=${shown} (${describePlace(source)})`;
}

/** Where a value comes from, in a few words. */
export function describePlace(source: VariableOrigin["source"]): string {
  switch (source.kind) {
    case "process":
      return "process environment";
    case "default":
      return "default";
    case "platform":
      return source.because;
    default:
      return source.path;
  }
}

/** A value in the spelling of the environment. */
export function spellValue(value: unknown): string {
  if (value instanceof URL) {
    return value.href;
  }
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** The origin of a value that was set. */
export function originOf(
  variable: string,
  source: VariableOrigin["source"],
  { value, secret }: { readonly value: string; readonly secret: boolean },
): VariableOrigin {
  return { variable, source, value: secret && source.kind !== "default" ? REDACTED : value };
}

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how an env file refers to a variable.
import type { ConfigProblem } from "../errors.ts";
import type { EnvironmentVariable } from "./environment.ts";

/** A value that is only a reference in another dialect. */
const FOREIGN = /^(?:\$[A-Z_][A-Z0-9_]*|\$\([A-Za-z_][\w.-]*\)|%[A-Z_][A-Z0-9_]*%|\{\{[^{}]*\}\})$/;

const BRACED = /\$\{[A-Za-z_][A-Za-z0-9_]*(?::?-[^}]*)?\}/;

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Describes odd references in a value, as a predicate that follows the variable's name or "It": one that is not set was
 * replaced by an empty text, and one of another dialect is not replaced. `undefined` if there is none.
 *
 * Of a value, only the names of variables are shown.
 */
export function describeReference({ value, unset, source }: EnvironmentVariable): string | undefined {
  if (unset !== undefined) {
    return describeUnset(unset);
  }
  if (FOREIGN.test(value.trim())) {
    return "looks like a reference, but is not replaced. In an env file, write ${NAME}; elsewhere, write the value itself.";
  }
  if (source.kind === "file" || !BRACED.test(value)) {
    return undefined;
  }
  return "contains a reference in ${…}, which is replaced in an env file, but not in the process's environment. Write the value itself.";
}

/** Adds a predicate about odd references in the value to `problem`. */
export function withReference(problem: ConfigProblem, variable: EnvironmentVariable): ConfigProblem {
  const reference = describeReference(variable);
  return reference === undefined ? problem : { ...problem, message: `${problem.message} It ${reference}` };
}

function describeUnset(unset: readonly string[]): string {
  const names = unset.filter((name) => NAME.test(name));
  const [first] = names;
  if (first === undefined) {
    return "contains ${…} without the name of a variable, which was replaced by an empty text. An env file can't hold such a value: set it in the process's environment.";
  }
  const what = names.map((name) => `\${${name}}`).join(" and ");
  const why = names.length === 1 ? `${first} is not set` : "they are not set";
  return `contains ${what}, and ${why}: each was replaced by an empty text. Set ${names.join(" and ")} in a line above or in the process's environment, or write \${${first}:-default}.`;
}

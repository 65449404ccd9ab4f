import { quoteEnvValue } from "./env-value.ts";

/** One environment variable as its provider declares it. */
export interface DeclaredVariable {
  /** In full, such as `FASTMCP_SERVER_AUTH_AUTH0_CLIENT_ID`. */
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
  readonly secret: boolean;
  readonly example?: string;
  /** Where a person finds the value. */
  readonly where?: string;
  /** What holds when the variable is absent. */
  readonly default?: string;
}

const WIDTH = 110;

/**
 * Renders an env file: each variable under what it means and where its value comes from. A variable without a value is
 * left empty when it is required, else it is there as a comment.
 *
 * @throws Error for a value that no spelling protects from some loader; answers are checked before.
 */
export function renderEnvFile(
  header: readonly string[],
  variables: readonly DeclaredVariable[],
  values: Readonly<Record<string, string>>,
): string {
  const blocks = variables.map((variable) => renderVariable(variable, values[variable.name]));
  return `${[comment(header), ...blocks].join("\n\n")}\n`;
}

function renderVariable(variable: DeclaredVariable, value: string | undefined): string {
  const { name, required, secret } = variable;
  const notes = [variable.description];
  if (variable.where !== undefined) {
    notes.push(`Where: ${variable.where}`);
  }
  if (value === undefined && required && !secret && variable.example !== undefined) {
    notes.push(`Example: ${variable.example}`);
  }
  return `${comment(notes)}\n${assignment(variable, name, value)}`;
}

function assignment(
  { required, secret, ...variable }: DeclaredVariable,
  name: string,
  value: string | undefined,
): string {
  if (value !== undefined) {
    return `${name}=${spell(name, value)}`;
  }
  if (required) {
    return `${name}=`;
  }
  return `# ${name}=${variable.default ?? (secret ? "" : (variable.example ?? ""))}`;
}

function spell(name: string, value: string): string {
  const quoted = quoteEnvValue(value);
  if (!quoted.ok) {
    throw new Error(`The value of ${name} can't be written: it ${quoted.problem}.`);
  }
  return quoted.value;
}

function comment(paragraphs: readonly string[]): string {
  return paragraphs.flatMap(wrap).join("\n");
}

function wrap(paragraph: string): string[] {
  const lines = ["#"];
  for (const word of paragraph.split(/\s+/)) {
    const line = `${lines.at(-1)} ${word}`;
    if (line.length <= WIDTH || lines.at(-1) === "#") {
      lines[lines.length - 1] = line;
    } else {
      lines.push(`# ${word}`);
    }
  }
  return lines;
}

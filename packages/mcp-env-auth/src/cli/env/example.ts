import { quoteEnvValue } from "../../env/dotenv.ts";
import { createEnvironment } from "../../env/environment.ts";
import { type AnyField, type Fields, variableName } from "../../env/field.ts";
import { SERVER_PREFIX, serverFields } from "../../env/server-settings.ts";
import { wrap } from "../../env/terminal-text.ts";
import { spellValue } from "../../env/variable-origin.ts";
import type { DeclaredProvider } from "../../providers/declaration.ts";

const WIDTH = 98;

/** A `.env` to fill in: what is required with an example, the rest as comments with its default. Secrets are blank. */
export function formatExample(provider: DeclaredProvider | undefined): string {
  const { serverAuth, ...others } = serverFields;
  const declaration = provider?.declaration;
  return [
    comment(`${serverAuth.description}.`),
    `FASTMCP_SERVER_AUTH=${declaration?.classPath ?? "none"}`,
    "",
    ...(provider === undefined ? [] : formatFamily(provider.declaration, neededVariables(provider))),
    ...formatFamily({ title: "The server", prefix: SERVER_PREFIX, fields: others }, new Set()),
  ].join("\n");
}

/**
 * What the provider asks for until it has enough: its required variables, those that only some of its settings make
 * necessary, and those that these make necessary in turn.
 */
function neededVariables(provider: DeclaredProvider): ReadonlySet<string> {
  const { prefix, fields } = provider.declaration;
  const examples = new Map(Object.entries(fields).map(([name, { example }]) => [variableName(prefix, name), example]));
  const given: Record<string, string> = {};
  for (;;) {
    const { problems } = provider.fromEnvironment(createEnvironment({ processEnv: given, cwd: "/" }));
    const asked = problems
      .filter(({ message }) => message.startsWith("is required."))
      .flatMap(({ variable }) => (variable === undefined || variable in given ? [] : [variable]));
    if (asked.length === 0) {
      return new Set(Object.keys(given));
    }
    for (const variable of asked) {
      given[variable] = examples.get(variable) ?? "";
    }
  }
}

interface Family {
  readonly title: string;
  readonly prefix: string;
  readonly fields: Fields;
}

function formatFamily({ title, prefix, fields }: Family, needed: ReadonlySet<string>): string[] {
  const entries = Object.entries(fields).map(([name, field]) => ({ variable: variableName(prefix, name), field }));
  return [
    `# --- ${title} `.padEnd(80, "-"),
    "",
    ...entries.flatMap(({ variable, field }) => formatField(variable, field, needed.has(variable))),
  ];
}

function formatField(variable: string, field: AnyField, needed: boolean): string[] {
  return [
    comment(`${needed ? `${describeNeed(variable, field)}. ` : ""}${field.description}.`),
    ...(field.where === undefined ? [] : [comment(`Where: ${field.where}`)]),
    ...(field.secret ? [comment(`Example: ${field.example}`)] : []),
    `${needed ? "" : "# "}${variable}=${field.secret && field.default === undefined ? "" : spellExample(field)}`,
    "",
  ];
}

function describeNeed(variable: string, { presence }: AnyField): string {
  const always = presence === "required" || variable.endsWith("_CLIENT_SECRET");
  return always ? "Required" : "Required, or another in its place";
}

function spellExample(field: AnyField): string {
  return quoteEnvValue(field.default === undefined ? field.example : spellDefault(field.default));
}

function spellDefault(value: unknown): string {
  return Array.isArray(value) && value.every((item) => typeof item === "string") && value.length > 0
    ? value.join(" ")
    : spellValue(value);
}

function comment(text: string): string {
  return wrap(text, WIDTH)
    .map((line) => `# ${line}`)
    .join("\n");
}

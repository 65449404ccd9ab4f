import type { AnyField, Fields } from "../../env/field.ts";
import { SERVER_PREFIX, serverFields } from "../../env/server-settings.ts";
import { variableName } from "../../env/variable-name.ts";
import { spellValue } from "../../env/variable-origin.ts";
import type { ProviderDeclaration } from "../../providers/declaration.ts";
import { wrap } from "../terminal.ts";

const WIDTH = 98;

/**
 * A `.env` to fill in: what is required with an example, the rest as comments with its default.
 * Secrets are blank.
 */
export function formatExample(declaration: ProviderDeclaration | undefined): string {
  const { serverAuth, ...others } = serverFields;
  const chosen = declaration?.classPath ?? "none";
  return [
    comment(`${serverAuth.description}.`),
    `FASTMCP_SERVER_AUTH=${chosen}`,
    "",
    ...(declaration === undefined ? [] : formatFamily(declaration.title, declaration.prefix, declaration.fields)),
    ...formatFamily("The server", SERVER_PREFIX, others),
  ].join("\n");
}

function formatFamily(title: string, prefix: string, fields: Fields): string[] {
  const rule = `# --- ${title} `.padEnd(80, "-");
  return [
    rule,
    "",
    ...Object.entries(fields).flatMap(([name, field]) => formatField(variableName(prefix, name), field)),
  ];
}

function formatField(variable: string, field: AnyField): string[] {
  const isRequired = field.presence === "required";
  const needed = isRequired ? "Required. " : "";
  const shown = field.secret ? undefined : spellExample(field);
  return [
    comment(`${needed}${field.description}.`),
    ...(field.where === undefined ? [] : [comment(`Where: ${field.where}`)]),
    ...(field.default === undefined && !isRequired && field.secret ? [comment(`Example: ${field.example}`)] : []),
    `${isRequired ? "" : "# "}${variable}=${shown ?? ""}`,
    "",
  ];
}

function spellExample(field: AnyField): string {
  return quote(field.default === undefined ? field.example : spellDefault(field.default));
}

function spellDefault(value: unknown): string {
  return Array.isArray(value) && value.every((item) => typeof item === "string") && value.length > 0
    ? value.join(" ")
    : spellValue(value);
}

/** A value as the `.env` dialect reads it back. */
function quote(value: string): string {
  if (!/[\s#'"\\]|\$\{/.test(value)) return value;
  return value.includes("'") ? `"${value.replace(/["\\]/g, "\\$&")}"` : `'${value.replaceAll("\\", "\\\\")}'`;
}

function comment(text: string): string {
  return wrap(text, WIDTH)
    .map((line) => `# ${line}`)
    .join("\n");
}

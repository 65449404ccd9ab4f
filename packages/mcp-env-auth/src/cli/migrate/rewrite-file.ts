import { type Binding, listBindings, quoteEnvValue } from "../../env/dotenv.ts";
import { SERVER_AUTH, SERVER_PREFIX } from "../../env/server-settings.ts";
import type { MigrationPlan, Rename } from "./migration-plan.ts";

/**
 * Returns the text of a `.env` after a plan: names and values are replaced in place, and everything else stays,
 * comments and order included. Variables that still have to be changed are listed at the end, as comments.
 *
 * @param values the values of the file's variables, with references replaced
 * @param left variables that still have to be changed, and why
 */
export function rewriteFile(
  source: string,
  { renames, superfluous, serverAuth }: MigrationPlan,
  values: ReadonlyMap<string, string | undefined>,
  left: readonly { readonly variable: string; readonly note: string }[],
): string {
  const mark = source.startsWith("\uFEFF") ? "\uFEFF" : "";
  const lineBreak = source.includes("\r\n") ? "\r\n" : "\n";
  const text = source.slice(mark.length).replace(/\r\n?/g, "\n");
  const bindings = listBindings(text);
  const isReferred = ({ key }: Binding) =>
    bindings.some(({ value }) => value?.includes(`\${${key}}`) || value?.includes(`\${${key}:-`));
  let result = "";
  let position = 0;
  let announced = serverAuth === undefined;
  for (const binding of bindings) {
    const { key, start, end } = binding;
    const rename = renames.get(key);
    result += text.slice(position, start);
    if (!announced && (rename !== undefined || superfluous.has(key) || key.toUpperCase().startsWith(SERVER_PREFIX))) {
      result += assignment(SERVER_AUTH, serverAuth ?? "");
      announced = true;
    }
    const line = text.slice(start, end);
    result += rename === undefined ? line : rewriteLine(text, binding, rename, values.get(key), isReferred(binding));
    position = end;
  }
  result += text.slice(position);
  if (!announced) {
    result = `${endLine(result)}${assignment(SERVER_AUTH, serverAuth ?? "")}`;
  }
  if (left.length > 0) {
    result = `${endLine(result)}\n# To be changed (mcp-env-auth migrate):\n${left.map(comment).join("")}`;
  }
  return `${mark}${result.replaceAll("\n", lineBreak)}`;
}

function rewriteLine(
  text: string,
  binding: Binding,
  { variable, convert, isSame }: Rename,
  value: string | undefined,
  isReferred: boolean,
): string {
  const { start, keyStart, keyEnd, valueStart, valueEnd, end } = binding;
  const line = text.slice(start, end);
  if (isReferred) {
    // Other lines use it under the old name.
    const converted = isSame ? `\${${binding.key}}` : convert(value ?? "");
    return `${endLine(line)}${converted === undefined ? "" : `${variable}=${isSame ? converted : quoteEnvValue(converted)}\n`}`;
  }
  const before = text.slice(start, keyStart);
  const between = text.slice(keyEnd, valueStart);
  const after = text.slice(valueEnd, end);
  if (isSame) {
    return `${before}${variable}${between}${text.slice(valueStart, valueEnd)}${after}`;
  }
  // A reference inside of the value stays one.
  const raw = binding.value ?? "";
  const converted = convert(raw.startsWith("${") && /^https?:/i.test(value ?? "") ? (value ?? "") : raw);
  return converted === undefined ? line : `${before}${variable}${between}${quoteEnvValue(converted)}${after}`;
}

function assignment(variable: string, value: string): string {
  return `${variable}=${quoteEnvValue(value)}\n`;
}

function comment({ variable, note }: { readonly variable: string; readonly note: string }): string {
  return `# ${variable}: ${note.replace(/\s+/g, " ")}\n`;
}

function endLine(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}

import { type Binding, listBindings, quoteEnvValue } from "../../env/dotenv.ts";

/**
 * Returns the text of a `.env` in which `values` are set and everything else stays, comments and order included. A
 * variable's last assignment changes, because that is the one that counts; names are the same in any case. What the
 * file doesn't set is added behind the variable before it in `values`, or at the end.
 *
 * @param values `undefined` takes all assignments of a variable away.
 */
export function setVariables(source: string, values: ReadonlyMap<string, string | undefined>): string {
  const mark = source.startsWith("\uFEFF") ? "\uFEFF" : "";
  const lineBreak = source.includes("\r\n") ? "\r\n" : "\n";
  let text = source.slice(mark.length).replace(/\r\n?/g, "\n");
  let previous: string | undefined;
  for (const [variable, value] of values) {
    text = value === undefined ? withoutVariable(text, variable) : withVariable(text, variable, value, previous);
    previous = variable;
  }
  return `${mark}${text.replaceAll("\n", lineBreak)}`;
}

function withVariable(text: string, variable: string, value: string, previous: string | undefined): string {
  const found = assignmentsOf(text, variable).at(-1);
  if (found !== undefined) {
    const { keyEnd, valueStart, valueEnd } = found;
    const between = valueStart === keyEnd ? "=" : text.slice(keyEnd, valueStart);
    return `${text.slice(0, keyEnd)}${between}${quoteEnvValue(value)}${text.slice(valueEnd)}`;
  }
  const after = previous === undefined ? undefined : assignmentsOf(text, previous).at(-1)?.end;
  const before = text.slice(0, after);
  const line = `${before === "" || before.endsWith("\n") ? "" : "\n"}${variable}=${quoteEnvValue(value)}\n`;
  return `${before}${line}${text.slice(before.length)}`;
}

function withoutVariable(text: string, variable: string): string {
  return assignmentsOf(text, variable).reduceRight(
    (rest, { start, end }) => `${rest.slice(0, start)}${rest.slice(end)}`,
    text,
  );
}

function assignmentsOf(text: string, variable: string): readonly Binding[] {
  return listBindings(text).filter(({ key }) => key.toUpperCase() === variable.toUpperCase());
}

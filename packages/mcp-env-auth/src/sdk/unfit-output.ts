import { UnfitResult } from "../errors.ts";

/** How much of what a schema says the log has: it finds something wrong with each item of a list. */
const MAX_ISSUES_LENGTH = 1000;

/** How the SDK answers a call whose result its output schema refuses, behind the prefix of its errors. */
const REFUSAL = /^(?:MCP error -?\d+: )?Output validation error: /;

interface Call {
  readonly params: { readonly name: string };
}

interface Answer {
  readonly isError?: boolean;
  readonly content?: readonly { readonly text?: string }[];
}

/**
 * What the tool's output schema found wrong with the result of a call: the SDK tells it to the client, who can't do
 * anything about it, and logs nothing.
 */
export function unfitOutput(
  call: unknown,
  answer: unknown,
): { readonly label: string; readonly fault: UnfitResult } | undefined {
  const { isError, content } = answer as Answer;
  const text = isError === true ? content?.[0]?.text : undefined;
  const [prefix] = (text !== undefined && REFUSAL.exec(text)) || [];
  if (text === undefined || prefix === undefined) {
    return undefined;
  }
  const { name } = (call as Call).params;
  const fault = faultIn(text.slice(prefix.length), name);
  return fault && { label: `The tool ${name}`, fault };
}

function faultIn(said: string, name: string): UnfitResult | undefined {
  const beginning = `Invalid structured content for tool ${name}: `;
  if (said.startsWith(beginning)) {
    const issues = said.slice(beginning.length);
    const [, path = ""] = /^([\w$.-]+): /.exec(issues) ?? [];
    const shown = issues.length > MAX_ISSUES_LENGTH ? `${issues.slice(0, MAX_ISSUES_LENGTH)}…` : issues;
    return new UnfitResult(
      path,
      `returned a result that its outputSchema refuses: ${shown}. Return what the schema describes, or change the schema.`,
    );
  }
  if (said.startsWith(`Tool ${name} has an output schema but`)) {
    return new UnfitResult(
      "structuredContent",
      "returned no structuredContent, and has an outputSchema. Return the plain value, or add structuredContent.",
    );
  }
  return undefined;
}

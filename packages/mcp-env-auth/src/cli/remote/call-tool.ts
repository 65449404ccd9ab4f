import type { CallToolResult } from "@modelcontextprotocol/client";
import { printableJson, printableLines } from "../../env/terminal-text.ts";
import type { CliContext } from "../command.ts";
import { UsageError } from "../command.ts";
import { type RemoteOptions, withRemote } from "./remote-session.ts";

export interface CallOptions extends RemoteOptions {
  readonly tool: string;
  /** A JSON object. Default: none. */
  readonly input: string | undefined;
  /** Whether the whole result is printed. */
  readonly json: boolean;
}

/**
 * The command `call`: prints what a tool answers.
 *
 * @returns the exit code: 1 when the tool answered an error, or the call was refused.
 */
export async function callTool({ tool, input, json, ...remote }: CallOptions, context: CliContext): Promise<number> {
  const args = readInput(input);
  const result = await withRemote(remote, context, (connection) =>
    connection.call((client) => client.callTool({ name: tool, arguments: args })),
  );
  context.stdout.write(`${json ? printableJson(result) : readable(result)}\n`);
  return result.isError === true ? 1 : 0;
}

function readInput(text: string | undefined): Record<string, unknown> {
  if (text === undefined) {
    return {};
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new UsageError(
    `${JSON.stringify(text)} is not a JSON object. Quote it for the shell, such as '{"city":"Berlin"}'.`,
  );
}

/** Structured content as JSON, else the text of the result; other content is named by its type. */
function readable({ structuredContent, content, isError }: CallToolResult): string {
  if (structuredContent !== undefined && isError !== true) {
    return printableJson(structuredContent);
  }
  return printableLines(content.map((block) => (block.type === "text" ? block.text : `(${block.type})`)).join("\n"));
}

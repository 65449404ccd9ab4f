import { printable, printableJson } from "../../env/terminal-text.ts";
import type { CliContext } from "../command.ts";
import { createTerminal, hang } from "../terminal.ts";
import { type RemoteOptions, withRemote } from "./remote-session.ts";

export interface ToolsOptions extends RemoteOptions {
  /** Whether all is printed that the server says of its tools. */
  readonly json: boolean;
}

/** The command `tools`: lists what the user may call. */
export async function listTools({ json, ...remote }: ToolsOptions, context: CliContext): Promise<number> {
  const { stdout, env } = context;
  const { tools } = await withRemote(remote, context, (connection) => connection.call((client) => client.listTools()));
  if (json) {
    stdout.write(`${printableJson(tools)}\n`);
    return 0;
  }
  const { width } = createTerminal(stdout, env);
  const lines = tools.map(({ name, description = "" }) => [printable(name), printable(description)] as const);
  const indent = Math.max(0, ...lines.map(([name]) => name.length)) + 2;
  for (const [name, description] of lines) {
    stdout.write(`${hang(name, description, { indent, width })}\n`);
  }
  return 0;
}

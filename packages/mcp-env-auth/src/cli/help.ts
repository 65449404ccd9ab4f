import { wrap } from "../env/terminal-text.ts";
import type { CommandDefinition, OptionDefinition } from "./command.ts";
import { hang, type Terminal } from "./terminal.ts";

const PROGRAM = "mcp-env-auth";

/** What `mcp-env-auth --help` prints. */
export function formatOverview(commands: readonly CommandDefinition[], terminal: Terminal): string {
  const list = commands.map(({ name, summary }) => [name, summary] as const);
  return [
    "Checks and explains the configuration of an MCP server that is protected by mcp-env-auth.",
    "",
    terminal.style("bold", "Usage"),
    `  ${PROGRAM} <command> [options]`,
    "",
    terminal.style("bold", "Commands"),
    ...formatList(list, terminal),
    "",
    terminal.style("bold", "Options"),
    ...formatList(
      [
        ["-h, --help", "this text; after a command, that command's"],
        ["-v, --version", "the version"],
      ],
      terminal,
    ),
    "",
    ...wrap(
      "Every command reads what the server reads: the process's environment over .env in the working directory, or the file that FASTMCP_ENV_FILE names.",
      terminal.width,
    ),
    "",
  ].join("\n");
}

/** What `mcp-env-auth <command> --help` prints. */
export function formatCommandHelp(command: CommandDefinition, terminal: Terminal): string {
  const { name, summary, details, argument, secondArgument, rest, options, exitCodes } = command;
  const given = [argument, secondArgument, rest].filter((definition) => definition !== undefined);
  const usage = [PROGRAM, name, ...given.map(({ placeholder }) => `[${placeholder}]`), "[options]"];
  const arguments_ = given.map(({ placeholder, description }) => [placeholder, description] as const);
  const listed = [
    ...arguments_,
    ...Object.entries(options).map(
      ([option, definition]) => [spellOption(option, definition), definition.description] as const,
    ),
    ["-h, --help", "this text"] as const,
  ];
  return [
    `${summary[0]?.toUpperCase()}${summary.slice(1)}.`,
    "",
    terminal.style("bold", "Usage"),
    `  ${usage.join(" ")}`,
    "",
    terminal.style("bold", "Options"),
    ...formatList(listed, terminal),
    "",
    ...details.flatMap((paragraph) => [...wrap(paragraph, terminal.width), ""]),
    terminal.style("bold", "Exit codes"),
    ...formatList(
      [
        ["0", exitCodes[0]],
        ["1", exitCodes[1]],
        ["2", "the command line can't be followed"],
      ],
      terminal,
    ),
    "",
  ].join("\n");
}

function spellOption(name: string, { placeholder }: OptionDefinition): string {
  return placeholder === undefined ? `--${name}` : `--${name} ${placeholder}`;
}

function formatList(entries: readonly (readonly [string, string])[], { width }: Terminal): string[] {
  const indent = Math.max(...entries.map(([label]) => label.length)) + 4;
  return entries.map(([label, text]) => hang(`  ${label}`, text, { indent, width }));
}

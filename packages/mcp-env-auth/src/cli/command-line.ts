import { parseArgs } from "node:util";
import { nearest } from "../lib/nearest.ts";
import { type CommandDefinition, type OptionDefinitions, type OptionValues, UsageError } from "./command.ts";

/** What a command line asks for. */
export type CommandCall =
  | { readonly kind: "help"; readonly command: CommandDefinition | undefined }
  | { readonly kind: "version" }
  | {
      readonly kind: "run";
      readonly command: CommandDefinition;
      readonly values: OptionValues<OptionDefinitions>;
      readonly argument: string | undefined;
      readonly secondArgument: string | undefined;
      /** What follows `--`, for a command that takes that. */
      readonly rest: readonly string[];
    };

const HELP = { type: "boolean", short: "h" } as const;

/** @throws UsageError */
export function parseCommandLine(args: readonly string[], commands: readonly CommandDefinition[]): CommandCall {
  const [first] = args;
  if (first === "--help" || first === "-h" || first === "help") {
    return { kind: "help", command: undefined };
  }
  if (first === "--version" || first === "-v") {
    return { kind: "version" };
  }
  const command = commands.find(({ name }) => startsWith(args, name.split(" ")));
  if (command === undefined) {
    throw new UsageError(describeUnknownCommand(args, commands));
  }
  return parseCall(command, args.slice(command.name.split(" ").length));
}

function startsWith(args: readonly string[], words: readonly string[]): boolean {
  return words.every((word, index) => args[index] === word);
}

function describeUnknownCommand([first, second]: readonly string[], commands: readonly CommandDefinition[]): string {
  const names = commands.map(({ name }) => name);
  const list = `The commands are ${names.join(", ")}.`;
  if (first === undefined || first.startsWith("-")) {
    return `No command is given. ${list}`;
  }
  const longer = names.filter((name) => name.startsWith(`${first} `));
  if (longer.length > 0 && second === undefined) {
    return `${first} needs a second word: ${longer.join(", ")}.`;
  }
  if (longer.length > 0) {
    return `There is no command ${first} ${second}. There is ${longer.join(", ")}.`;
  }
  const guess = nearest(first, names);
  return `There is no command ${first}. ${guess === undefined ? list : `Did you mean ${guess}?`}`;
}

function parseCall(command: CommandDefinition, args: readonly string[]): CommandCall {
  const [own, rest] = command.rest === undefined ? [args, []] : splitAtDashes(args);
  const { values, positionals } = parse(command, own);
  if (values.help === true) {
    return { kind: "help", command };
  }
  const [argument, secondArgument] = positionals;
  const taken = [command.argument, command.secondArgument].filter((definition) => definition !== undefined);
  const surplus = positionals[taken.length];
  if (surplus !== undefined) {
    throw new UsageError(`${command.name} takes no ${JSON.stringify(surplus)}.`);
  }
  return { kind: "run", command, values: values as OptionValues<OptionDefinitions>, argument, secondArgument, rest };
}

function splitAtDashes(args: readonly string[]): readonly [own: readonly string[], rest: readonly string[]] {
  const at = args.indexOf("--");
  return at === -1 ? [args, []] : [args.slice(0, at), args.slice(at + 1)];
}

function parse({ name, options }: CommandDefinition, args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], strict: true, allowPositionals: true, options: parserOptions(options) });
  } catch (error) {
    throw toUsageError(error, name, options);
  }
}

function parserOptions(options: OptionDefinitions) {
  const entries = Object.entries(options).map(
    ([name, { type, multiple }]) => [name, { type, ...(multiple && { multiple }) }] as const,
  );
  return { ...Object.fromEntries(entries), help: HELP };
}

function toUsageError(error: unknown, command: string, options: OptionDefinitions): unknown {
  if (!(error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS_"))) {
    return error;
  }
  if (error.code !== "ERR_PARSE_ARGS_UNKNOWN_OPTION") {
    return new UsageError(firstSentence(error.message));
  }
  const [, given = ""] = /'(-[^']*)'/.exec(error.message) ?? [];
  const guess = nearest(
    given,
    Object.keys(options).map((name) => `--${name}`),
  );
  return new UsageError(`${command} has no option ${given}.${guess === undefined ? "" : ` Did you mean ${guess}?`}`);
}

function firstSentence(message: string): string {
  return `${message.split(/[.\n]/)[0]}.`;
}

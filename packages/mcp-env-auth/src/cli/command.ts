import type { Readable } from "node:stream";
import type { Clock } from "../lib/clock.ts";

/** One option of a command. From it come its parser and its line in `--help`. */
export interface OptionDefinition {
  readonly type: "boolean" | "string";
  /** May be given several times. */
  readonly multiple?: true;
  /** What stands for the value in `--help`, such as `<scope>`. */
  readonly placeholder?: string;
  /** A phrase that says what it does. */
  readonly description: string;
}

export type OptionDefinitions = Readonly<Record<string, OptionDefinition>>;

/** What was given for the options. */
export type OptionValues<O extends OptionDefinitions> = {
  readonly [Name in keyof O]?:
    | (O[Name]["type"] extends "boolean" ? boolean : O[Name]["multiple"] extends true ? string[] : string)
    | undefined;
};

/** An argument that a command takes without a name. */
export interface ArgumentDefinition {
  readonly placeholder: string;
  readonly description: string;
}

/** A command of the command line. */
export interface CommandDefinition<O extends OptionDefinitions = OptionDefinitions> {
  /** One or two words. */
  readonly name: string;
  /** What it does, in a few words. */
  readonly summary: string;
  /** What a user should know beyond that, in paragraphs; wrapped for the terminal. */
  readonly details: readonly string[];
  readonly argument?: ArgumentDefinition;
  /** One that may follow it. */
  readonly secondArgument?: ArgumentDefinition;
  /** Whatever follows `--`: a command of the user's. Such a command takes no other argument. */
  readonly rest?: ArgumentDefinition;
  readonly options: O;
  /** Beside 2, which is for a wrong call: what the exit codes mean. */
  readonly exitCodes: { readonly 0: string; readonly 1: string };
  /**
   * Gives the exit code. Loads what it needs when it is called, so that `--help` is quick.
   *
   * @throws UsageError, ConfigError
   */
  run(
    values: OptionValues<O>,
    argument: string | undefined,
    context: CliContext,
    secondArgument?: string,
    rest?: readonly string[],
  ): Promise<number>;
}

/** Keeps the types of the options for `run`. */
export function defineCommand<const O extends OptionDefinitions>(definition: CommandDefinition<O>): CommandDefinition {
  return definition as CommandDefinition;
}

/** The command line can't be followed. The message is a sentence that says why. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** A server, a network or a person refused what the command asked for. The message says what and why. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
}

/** Where text goes; colours and widths follow what it is. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** All that a command sees of the world, besides the network. */
export interface CliContext {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Output;
  readonly stderr: Output;
  readonly clock: Clock;
}

import { parseArguments } from "./arguments.ts";
import type { CommandContext } from "./command-context.ts";
import { CommandError } from "./command-error.ts";
import { refuseSwallowedOptions } from "./npm-arguments.ts";
import { USAGE } from "./usage.ts";

/**
 * The command. Loads what it needs when it needs it, so that `--help` and a refused command line answer at once.
 *
 * @returns the exit code: 0 done, 1 failed, 2 usage or an occupied folder, 130 cancelled. Never throws.
 */
export async function run(args: readonly string[], context: CommandContext): Promise<number> {
  try {
    refuseSwallowedOptions(args, context.env);
    const parsed = parseArguments(args);
    if (parsed.help) {
      return print(context, USAGE);
    }
    if (parsed.version) {
      return print(context, `${context.version}\n`);
    }
    const { createProject } = await import("./create-project.ts");
    return await createProject(parsed, context);
  } catch (error) {
    context.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof CommandError ? error.exitCode : 1;
  }
}

function print({ stdout }: CommandContext, text: string): number {
  stdout.write(text);
  return 0;
}

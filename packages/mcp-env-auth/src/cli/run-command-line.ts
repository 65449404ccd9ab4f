import { ConfigError } from "../errors.ts";
import { type CliContext, type CommandDefinition, CommandFailure, UsageError } from "./command.ts";
import { parseCommandLine } from "./command-line.ts";
import { clientCreateCommand } from "./commands/client-create-command.ts";
import { doctorCommand } from "./commands/doctor-command.ts";
import { envCommand } from "./commands/env-command.ts";
import { keysRotateCommand } from "./commands/keys-rotate-command.ts";
import { migrateCommand } from "./commands/migrate-command.ts";
import { proxyCommand } from "./commands/proxy-command.ts";
import { callCommand, loginCommand, toolsCommand } from "./commands/remote-commands.ts";
import { revokeCommand } from "./commands/revoke-command.ts";
import { sessionsCommand } from "./commands/sessions-command.ts";
import { setupAuth0Command } from "./commands/setup-auth0-command.ts";
import { formatCommandHelp, formatOverview } from "./help.ts";
import { createTerminal } from "./terminal.ts";

/**
 * The command `mcp-env-auth`. Gives the exit code: 0 and 1 as each command says, 2 for a command line that can't be
 * followed.
 */
export async function runCli(args: readonly string[], context: CliContext): Promise<number> {
  try {
    const call = parseCommandLine(args, commands);
    switch (call.kind) {
      case "help":
        context.stdout.write(help(call.command, context));
        return 0;
      case "version":
        context.stdout.write(`${await packageVersion()}\n`);
        return 0;
      case "run":
        return await call.command.run(call.values, call.argument, context, call.secondArgument, call.rest);
    }
  } catch (error) {
    return await report(error, args, context);
  }
}

function help(command: Parameters<typeof formatCommandHelp>[0] | undefined, { stdout, env }: CliContext): string {
  const terminal = createTerminal(stdout, env);
  return command === undefined ? formatOverview(commands, terminal) : formatCommandHelp(command, terminal);
}

async function packageVersion(): Promise<string> {
  const { readFile } = await import("node:fs/promises");
  const manifest: unknown = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));
  return (manifest as { readonly version: string }).version;
}

async function report(error: unknown, args: readonly string[], { stderr, env }: CliContext): Promise<number> {
  const command = commands.find(({ name }) => args.join(" ").startsWith(name));
  if (error instanceof UsageError) {
    const subject = command === undefined ? "" : ` ${command.name}`;
    stderr.write(`${error.message}\nRun mcp-env-auth${subject} --help for what can be given.\n`);
    return 2;
  }
  if (error instanceof CommandFailure) {
    stderr.write(`${error.message}\n`);
    return 1;
  }
  if (error instanceof ConfigError) {
    const { formatConfigError } = await import("../env/report.ts");
    const consequence = `mcp-env-auth ${command?.name ?? ""} can't go on`;
    stderr.write(formatConfigError(error, { stream: stderr, processEnv: env, consequence }));
    return 1;
  }
  throw error;
}

/** Every command, in the order of `--help`. */
export const commands: readonly CommandDefinition[] = [
  doctorCommand,
  envCommand,
  migrateCommand,
  setupAuth0Command,
  keysRotateCommand,
  clientCreateCommand,
  sessionsCommand,
  revokeCommand,
  callCommand,
  toolsCommand,
  loginCommand,
  proxyCommand,
];

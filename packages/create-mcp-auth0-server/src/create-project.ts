import { setImmediate } from "node:timers/promises";
import { type Answers, defaultScopes, type GivenAnswers } from "./answers.ts";
import type { CommandArguments } from "./arguments.ts";
import { DEFAULT_BASE_URL } from "./base-url.ts";
import { type CommandContext, canAsk } from "./command-context.ts";
import { CommandError, usageError } from "./command-error.ts";
import { checkDiscovery } from "./discovery-check.ts";
import { describeDryRun } from "./dry-run.ts";
import { finishProject } from "./finish-project.ts";
import { readGivenAnswers } from "./given-answers.ts";
import type { MergeReport } from "./merge.ts";
import { onStopSignal } from "./process-events.ts";
import { DEFAULT_PROJECT, parseProject } from "./project-name.ts";
import { openStaging, type Staging } from "./staging.ts";
import { inspectTarget, occupiedProblem } from "./target.ts";
import { writeProject } from "./template.ts";

/**
 * Creates a project, from the command line to the next steps.
 *
 * Until the project is in its place, a failure or a signal leaves nothing behind. After that it stays: a failed
 * installation is reported with exit code 1 and the command that repeats it.
 *
 * @returns the exit code: 0, or 1 or 130 for an installation that failed or was stopped.
 * @throws CommandError for everything that ends it earlier.
 */
export async function createProject(args: CommandArguments, context: CommandContext): Promise<number> {
  const answers = await findAnswers(args, context);
  const { directory } = answers.project;
  refuseOccupied(directory, args.force);
  if (args.dryRun) {
    context.stdout.write(describeDryRun(answers, context.source));
    return 0;
  }
  const report = await placeProject(answers, context);
  context.stdout.write(`Created ${answers.project.packageName} in ${directory}\n`);
  return finishProject(answers, report, context);
}

async function findAnswers(args: CommandArguments, context: CommandContext): Promise<Answers> {
  const given = await readGivenAnswers(args, context);
  if (given.project !== undefined) {
    refuseOccupied(given.project.directory, args.force);
  }
  await checkGivenDomain(given, context);
  if (args.yes || !canAsk(context)) {
    return withDefaults(given, args, context);
  }
  const { askForAnswers } = await import("./prompts.ts");
  return askForAnswers(given, {
    input: context.stdin,
    output: context.stdout,
    cwd: context.cwd,
    refuseTarget: (directory) => targetProblem(directory, args.force),
    checkDiscovery,
  });
}

async function checkGivenDomain({ auth }: GivenAnswers, { stdout }: CommandContext): Promise<void> {
  if (auth?.kind !== "tenant" || auth.domain === undefined) {
    return;
  }
  const check = await checkDiscovery(auth.domain);
  if (check.outcome === "wrong") {
    throw usageError(`--domain: ${check.message}`);
  }
  stdout.write(`${check.message}\n`);
}

function withDefaults(given: GivenAnswers, args: CommandArguments, context: CommandContext): Answers {
  if (given.project === undefined && !args.yes) {
    throw usageError(
      "Give the folder to create, such as my-mcp-server: without a terminal, or in CI, nothing is asked.",
    );
  }
  const auth = given.auth ?? { kind: "local" };
  return {
    project: given.project ?? defaultProject(context.cwd, args.force),
    template: given.template,
    auth,
    baseUrl: given.baseUrl ?? DEFAULT_BASE_URL,
    scopes: given.scopes ?? defaultScopes(given, auth),
    install: given.install ?? true,
    git: given.git ?? true,
    packageManager: given.packageManager,
    ...(given.deploy !== undefined && { deploy: given.deploy }),
  };
}

function defaultProject(cwd: string, force: boolean): Answers["project"] {
  const parsed = parseProject(DEFAULT_PROJECT, cwd);
  if (!parsed.ok) {
    throw new Error(parsed.problem);
  }
  refuseOccupied(parsed.value.directory, force);
  return parsed.value;
}

function refuseOccupied(directory: string, force: boolean): void {
  const problem = targetProblem(directory, force);
  if (problem !== undefined) {
    throw usageError(problem);
  }
}

function targetProblem(directory: string, force: boolean): string | undefined {
  try {
    return inspectTarget(directory) === "occupied" && !force ? occupiedProblem(directory) : undefined;
  } catch (error) {
    if (error instanceof CommandError) {
      return error.message;
    }
    throw error;
  }
}

async function placeProject(answers: Answers, { source, stderr }: CommandContext): Promise<MergeReport> {
  const { directory } = answers.project;
  let staging: Staging | undefined;
  const release = onStopSignal((signal) => {
    staging?.discard();
    stderr.write("\nStopped, nothing was written.\n");
    process.exit(signal === "SIGINT" ? 130 : 143);
  });
  try {
    staging = openStaging(directory, inspectTarget(directory));
    await writeProject(staging.project, answers, source);
    // Writing leaves the event loop no turn: a signal that came meanwhile is heard in this one.
    await setImmediate();
    return staging.commit();
  } catch (error) {
    staging?.discard();
    if (error instanceof CommandError) {
      throw error;
    }
    throw new CommandError(
      `The project could not be written, and nothing was left behind: ${(error as Error).message}`,
      1,
      {
        cause: error,
      },
    );
  } finally {
    release();
  }
}

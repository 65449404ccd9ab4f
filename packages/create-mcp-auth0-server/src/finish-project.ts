import type { Answers } from "./answers.ts";
import type { CommandContext } from "./command-context.ts";
import { type GitOutcome, isInsideWorkTree, startRepository } from "./git.ts";
import { installDependencies } from "./install.ts";
import type { MergeReport } from "./merge.ts";
import { nextSteps } from "./next-steps.ts";
import { installCommand } from "./package-manager.ts";
import type { ProgramResult } from "./run-program.ts";
import { answeredLines, chosenProvider, unansweredVariables } from "./settings.ts";

/**
 * Does what follows once a project is in its place: installation, repository (in this order, so that the lockfile is in
 * the first commit), next steps.
 *
 * @returns the exit code.
 */
export async function finishProject(answers: Answers, report: MergeReport, context: CommandContext): Promise<number> {
  const { stdout, stderr, env } = context;
  const { directory } = answers.project;
  say(stdout, mergeLines(report));
  const installation = answers.install ? await installDependencies(directory, answers.packageManager, env) : undefined;
  if (installation?.ended === "signal") {
    stderr.write(`\nThe installation was stopped. The project is complete: repeat "${retry(answers)}" in it.\n`);
    return 130;
  }
  if (answers.git) {
    say(stdout, [await repositoryLine(directory, env)]);
  }
  const installed = installation?.ended === "exit" && installation.code === 0;
  const keptEnv = report.kept.includes(".env");
  const { source } = context;
  const provider = chosenProvider(answers, source);
  const variables = keptEnv
    ? { unanswered: [], keptEnv: answeredLines(answers, source) }
    : { unanswered: unansweredVariables(answers, source) };
  say(stdout, [
    "",
    ...nextSteps({
      answers,
      provider,
      cwd: context.cwd,
      installed,
      ...variables,
      platform: context.platform,
    }),
  ]);
  if (installation === undefined || installed) {
    return 0;
  }
  stderr.write(`\n${installationProblem(installation, answers)}\n`);
  return 1;
}

function mergeLines({ replaced, kept }: MergeReport): string[] {
  return [
    ...(replaced.length === 0 ? [] : [`Replaced ${replaced.join(", ")}`]),
    ...(kept.length === 0 ? [] : [`Kept ${kept.join(", ")} as it was`]),
  ];
}

async function repositoryLine(directory: string, env: NodeJS.ProcessEnv): Promise<string> {
  if (isInsideWorkTree(directory)) {
    return "It is inside a git repository already, so none was started.";
  }
  return REPOSITORY_LINES[await startRepository(directory, env)];
}

const REPOSITORY_LINES: Readonly<Record<GitOutcome, string>> = {
  committed: "Started a git repository with a first commit.",
  initialised:
    "Started a git repository. Nothing is committed yet: git may lack your name and address (git config user.name).",
  absent: "Started no git repository: git is not installed.",
  failed: "Started no git repository: git init failed.",
};

function installationProblem(result: ProgramResult, answers: Answers): string {
  const { name } = answers.packageManager;
  const why =
    result.ended === "absent" ? `${name} could not be started: ${result.reason}` : `${name} reported an error`;
  return `The installation failed (${why}). The project is complete: repeat "${retry(answers)}" in it.`;
}

function retry({ packageManager }: Answers): string {
  return installCommand(packageManager.name);
}

function say(stdout: CommandContext["stdout"], lines: readonly string[]): void {
  for (const line of lines) {
    stdout.write(`${line}\n`);
  }
}

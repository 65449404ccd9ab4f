import type { PackageManager } from "./package-manager.ts";
import { type ProgramResult, runProgram } from "./run-program.ts";

/**
 * Installs the project's dependencies with its package manager, showing what that prints. The program that started us
 * is started again by its path; another one by its name.
 */
export function installDependencies(
  directory: string,
  packageManager: PackageManager,
  env: NodeJS.ProcessEnv,
): Promise<ProgramResult> {
  const { program, args } = command(packageManager);
  return runProgram(program, [...args, "install", ...extraArguments(packageManager)], {
    cwd: directory,
    env: withoutCaller(env),
    output: "inherit",
  });
}

function command({ name, program }: PackageManager): { program: string; args: readonly string[] } {
  if (program === undefined) {
    return { program: name, args: [] };
  }
  if (/\.[cm]?js$/.test(program)) {
    return { program: process.execPath, args: [program] };
  }
  return /\.(cmd|bat)$/i.test(program) ? { program: name, args: [] } : { program, args: [] };
}

/** In CI, Yarn 2 and later refuses to write the first lockfile. */
function extraArguments({ name, major = 1 }: PackageManager): readonly string[] {
  return name === "yarn" && major >= 2 ? ["--no-immutable"] : [];
}

/** What `npm create` says about itself would be taken for settings of this installation. */
function withoutCaller(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => !/^npm_(config_package|config_yes|config_local_prefix|lifecycle_|package_)/.test(name),
    ),
  );
}

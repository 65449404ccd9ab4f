import { OPTIONS } from "./arguments.ts";
import { usageError } from "./command-error.ts";

/** Options that npm has too: they may be meant for it, or stand in its configuration for other commands. */
const NPM_OWN = new Set(["yes", "help", "version", "force", "dry-run"]);

/**
 * Notices options that npm kept for itself. `npm create … my-app --domain x` without `--` passes on only `my-app x`,
 * and leaves `npm_config_domain=true` in the environment. (`--local` vanishes without a trace.) An option that arrived
 * here was not kept: what npm says of it comes from an .npmrc.
 *
 * @param args The command line, without the node and script path.
 * @throws CommandError, exit code 2, that shows how to write it.
 */
export function refuseSwallowedOptions(args: readonly string[], env: NodeJS.ProcessEnv): void {
  if (env.npm_lifecycle_event !== "npx" || !env.npm_config_user_agent?.startsWith("npm/")) {
    return;
  }
  const swallowed = Object.keys(OPTIONS).filter((option) => !hasArrived(option, args) && isSwallowed(option, env));
  if (swallowed.length === 0) {
    return;
  }
  const shown = swallowed.map((option) => `--${option}`);
  throw usageError(
    `npm kept ${shown.join(" ")} for itself. It passes on options after a -- only:\n` +
      `  npm create mcp-auth0-server@latest my-app -- ${swallowed.map(sample).join(" ")}`,
  );
}

function hasArrived(option: string, args: readonly string[]): boolean {
  return args.some((argument) => argument === `--${option}` || argument.startsWith(`--${option}=`));
}

function isSwallowed(option: string, env: NodeJS.ProcessEnv): boolean {
  if (NPM_OWN.has(option)) {
    return false;
  }
  const negated = option.startsWith("no-");
  const value = env[`npm_config_${option.replace(/^no-/, "").replaceAll("-", "_")}`];
  if (value === undefined) {
    return false;
  }
  const isOff = value === "" || value === "false";
  if (negated) {
    return isOff;
  }
  return OPTIONS[option as keyof typeof OPTIONS].type === "string" ? !isOff : value === "true";
}

function sample(option: string): string {
  return OPTIONS[option as keyof typeof OPTIONS].type === "string" ? `--${option} …` : `--${option}`;
}

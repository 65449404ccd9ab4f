import { isScopeToken } from "../../scope.ts";
import { type CliContext, UsageError } from "../command.ts";
import { readServerEnvironment } from "../server-environment.ts";
import { createTerminal } from "../terminal.ts";
import { formatAuth0Commands } from "./auth0-commands.ts";
import { formatChecklist } from "./checklist.ts";
import { planTenant } from "./tenant-plan.ts";
import { formatTerraform } from "./terraform.ts";

export interface SetupAuth0Options {
  readonly format: "checklist" | "cli" | "terraform";
  /** Permissions beyond those of the `.env`. */
  readonly scopes: readonly string[];
  /** What the API and the application are called. */
  readonly name: string;
}

/** RFC 6749 section 3.3. */

/** The command `setup auth0`. */
export async function setupAuth0({ format, scopes, name }: SetupAuth0Options, context: CliContext): Promise<number> {
  const listed = scopes.flatMap((scope) => scope.split(/[\s,]+/)).filter((scope) => scope !== "");
  const wrong = listed.find((scope) => !isScopeToken(scope));
  if (wrong !== undefined) {
    throw new UsageError(`--scope: ${JSON.stringify(wrong)} is no scope.`);
  }
  if (name.trim() === "" || /[<>\p{Cc}]/u.test(name)) {
    throw new UsageError("--name must be text without <, > and control characters, as Auth0 asks.");
  }
  const plan = planTenant(readServerEnvironment(context).environment, { name: name.trim(), scopes: listed });
  const terminal = createTerminal(context.stdout, context.env);
  const write = { checklist: formatChecklist, cli: formatAuth0Commands, terraform: formatTerraform }[format];
  context.stdout.write(write(plan, terminal));
  return 0;
}

import { rmSync } from "node:fs";
import path from "node:path";
import { npmCommand } from "../../../scripts/support/npm.mjs";
import { startLocalRegistry } from "../../support/local-registry.ts";
import { type CommandResult, repository, runNode, temporaryDirectory } from "../../support/scaffolder.ts";

/** A machine for which our packages are published. */
export interface Published {
  /** A folder of its own, to work in. */
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  /** Runs npm with these arguments. */
  npm(args: readonly string[], cwd: string): Promise<CommandResult>;
  close(): Promise<void>;
}

/** Packs the packages and serves them by a registry on this machine, with a cache of its own. */
export async function publish(names: readonly string[] = ["mcp-env-auth", "dev-auth0"]): Promise<Published> {
  const home = temporaryDirectory();
  const folders = names.map((name) => path.join(repository, "packages", name));
  const registry = await startLocalRegistry(folders, home);
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_(config_user_agent|lifecycle_|package_|command)|CI$|VITEST|NODE_ENV)/i.test(name),
  );
  const env = {
    ...Object.fromEntries(kept),
    npm_config_registry: registry.url,
    npm_config_cache: path.join(home, "npm-cache"),
  };
  const [program, script = ""] = npmCommand("npm");
  if (program !== process.execPath) {
    throw new Error("npm is not where Node.js puts it.");
  }
  return {
    home,
    env,
    npm: (args, cwd) => runNode(script, args, { cwd, env }),
    async close() {
      await registry.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

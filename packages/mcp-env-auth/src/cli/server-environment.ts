import { providerCatalog } from "../configuration/provider-catalog.ts";
import { resolveProvider } from "../configuration/resolve-provider.ts";
import { type EnvFile, readEnvFile } from "../env/env-file.ts";
import { createEnvironment, type Environment } from "../env/environment.ts";
import { type Reading, readFields } from "../env/read-fields.ts";
import { SERVER_PREFIX, serverFields } from "../env/server-settings.ts";
import { ConfigError } from "../errors.ts";
import type { DeclaredProvider } from "../providers/declaration.ts";
import type { CliContext } from "./cli-context.ts";

/** What the server would read, before anything is made of it. */
export interface ServerEnvironment {
  readonly file: EnvFile;
  readonly environment: Environment;
  readonly server: Reading<typeof serverFields>;
}

/** @throws ConfigError when the env file can't be read. */
export function readServerEnvironment({ env, cwd }: Pick<CliContext, "env" | "cwd">): ServerEnvironment {
  const file = readEnvFile(env, cwd);
  if (file.problems.length > 0) {
    throw new ConfigError(file.problems);
  }
  const environment = createEnvironment({
    processEnv: env,
    cwd,
    file: file.path === undefined ? undefined : { path: file.path, values: file.values },
  });
  return { file, environment, server: readFields(serverFields, SERVER_PREFIX, environment) };
}

/**
 * The provider that `name` stands for, as in FASTMCP_SERVER_AUTH; `undefined` for `none` and for a module that exports
 * a provider ready made, which reads variables unknown here.
 *
 * @throws ConfigError when it names no provider.
 */
export async function findProvider(name: string, cwd: string): Promise<DeclaredProvider | undefined> {
  const resolved = await resolveProvider(name, { providers: providerCatalog, cwd });
  return typeof resolved === "object" && "declared" in resolved ? resolved.declared : undefined;
}

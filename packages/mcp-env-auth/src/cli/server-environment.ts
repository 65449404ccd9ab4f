import { builtInProviders } from "../configuration/built-in-providers.ts";
import { providerCatalog } from "../configuration/provider-catalog.ts";
import { resolveProvider, unavailableProviders } from "../configuration/resolve-provider.ts";
import { type EnvFile, readEnvFile } from "../env/env-file.ts";
import { createEnvironment, type Environment } from "../env/environment.ts";
import { withPlatform } from "../env/hosting-platform.ts";
import { type Reading, readFields } from "../env/read-fields.ts";
import { SERVER_PREFIX, serverFields } from "../env/server-settings.ts";
import { ConfigError } from "../errors.ts";
import type { DeclaredProvider, ProviderDeclaration } from "../providers/declaration.ts";
import type { CliContext } from "./command.ts";

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
  const environment = withPlatform(createEnvironment({ processEnv: env, cwd, file }));
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

/** Every provider whose variables are known, those included that can't be used. */
export const knownProviders: readonly { readonly title: string; readonly prefix?: string }[] = [
  ...builtInProviders.map(({ declaration }) => declaration),
  ...unavailableProviders,
];

/** Whether `variable` is one of a provider that is not the `selected` one: left over, not misspelt. */
export function isOfOtherProvider(variable: string, selected: ProviderDeclaration | undefined): boolean {
  const name = variable.toUpperCase();
  const prefixes = knownProviders.flatMap(({ prefix }) =>
    prefix !== undefined && name.startsWith(prefix) ? prefix : [],
  );
  // The longest is the owner's: one prefix may begin another.
  const owner = prefixes.reduce((longest, prefix) => (prefix.length > longest.length ? prefix : longest), "");
  return owner !== "" && owner !== selected?.prefix;
}

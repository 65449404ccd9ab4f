/** The package managers that a project can be installed with. */
export const PACKAGE_MANAGERS = ["npm", "pnpm", "yarn", "bun"] as const;

export type PackageManagerName = (typeof PACKAGE_MANAGERS)[number];

export interface PackageManager {
  readonly name: PackageManagerName;
  /** Its major version, where the one that started us is the one to use. */
  readonly major?: number;
  /** The program that started us, to be started again: a script for Node or a binary. */
  readonly program?: string;
}

/**
 * The package manager that started us, by `npm_config_user_agent` (`pnpm/12.21.0 npm/? node/v20.20.2 linux x64`), or
 * npm.
 */
export function detectPackageManager(env: NodeJS.ProcessEnv): PackageManager {
  const [, name, major] = /^([a-z]+)\/(\d+)?/.exec(env.npm_config_user_agent ?? "") ?? [];
  if (!isPackageManager(name)) {
    return { name: "npm" };
  }
  return {
    name,
    ...(major === undefined ? {} : { major: Number(major) }),
    ...(env.npm_execpath ? { program: env.npm_execpath } : {}),
  };
}

/** The one asked for by name: the one that started us, where it is the same, since its program is known then. */
export function choosePackageManager(name: PackageManagerName | undefined, env: NodeJS.ProcessEnv): PackageManager {
  const detected = detectPackageManager(env);
  return name === undefined || name === detected.name ? detected : { name };
}

export function isPackageManager(name: string | undefined): name is PackageManagerName {
  return PACKAGE_MANAGERS.some((known) => known === name);
}

/** The command that installs dependencies, as a person types it. */
export function installCommand(name: PackageManagerName): string {
  return `${name} install`;
}

/** The command that runs a script of package.json, as a person types it. */
export function runCommand(name: PackageManagerName, script: string): string {
  const needsRun = name === "bun" || (name === "npm" && script !== "test" && script !== "start");
  return `${name} ${needsRun ? "run " : ""}${script}`;
}

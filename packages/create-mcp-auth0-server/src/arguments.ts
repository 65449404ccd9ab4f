import { parseArgs } from "node:util";
import { usageError } from "./command-error.ts";
import { DEPLOYMENTS, type Deployment, isDeployment } from "./deployments.ts";
import { nearest } from "./nearest.ts";
import { isPackageManager, PACKAGE_MANAGERS, type PackageManagerName } from "./package-manager.ts";
import { isTemplate, TEMPLATE_NAMES, type TemplateName } from "./templates.ts";

/** What the command line says, checked for form only. */
export interface CommandArguments {
  readonly help: boolean;
  readonly version: boolean;
  readonly yes: boolean;
  readonly force: boolean;
  readonly dryRun: boolean;
  readonly local: boolean;
  /** Absent: not said. */
  readonly install?: boolean;
  /** Absent: not said. */
  readonly git?: boolean;
  readonly template?: TemplateName;
  readonly project?: string;
  readonly provider?: string;
  readonly domain?: string;
  readonly clientId?: string;
  /** A path, or `-` for standard input. */
  readonly clientSecretFile?: string;
  readonly audience?: string;
  readonly scopes?: string;
  readonly baseUrl?: string;
  readonly packageManager?: PackageManagerName;
  readonly deploy?: Deployment;
}

/** Every option, as `parseArgs` takes it. */
export const OPTIONS = {
  template: { type: "string" },
  local: { type: "boolean" },
  provider: { type: "string" },
  domain: { type: "string" },
  "client-id": { type: "string" },
  "client-secret-file": { type: "string" },
  audience: { type: "string" },
  scopes: { type: "string" },
  "base-url": { type: "string" },
  yes: { type: "boolean", short: "y" },
  install: { type: "boolean" },
  "no-install": { type: "boolean" },
  git: { type: "boolean" },
  "no-git": { type: "boolean" },
  "package-manager": { type: "string" },
  deploy: { type: "string" },
  force: { type: "boolean" },
  "dry-run": { type: "boolean" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "v" },
} as const;

const TENANT_OPTIONS = ["provider", "domain", "client-id", "client-secret-file", "audience"] as const;

/**
 * Reads the command line, without the node and script path.
 *
 * @throws CommandError, exit code 2, for an unknown option, a missing value, or options that exclude each other.
 */
export function parseArguments(args: readonly string[]): CommandArguments {
  refuseSecretOnCommandLine(args);
  const { values, positionals } = parse(args);
  const [project, ...extra] = positionals;
  if (extra.length > 0) {
    throw usageError(
      `Give one folder, not ${positionals.length} (${positionals.join(", ")}). Quote a name with spaces.`,
    );
  }
  const tenantOption = TENANT_OPTIONS.find((option) => values[option] !== undefined);
  if (values.local && tenantOption !== undefined) {
    throw usageError(
      `--local sets up a local stand-in for Auth0; --${tenantOption} is for a tenant. Give one of them.`,
    );
  }
  const { template } = values;
  if (template !== undefined && !isTemplate(template)) {
    throw usageError(`--template is one of ${TEMPLATE_NAMES.join(", ")}, not "${template}".`);
  }
  const packageManager = values["package-manager"];
  if (packageManager !== undefined && !isPackageManager(packageManager)) {
    throw usageError(`--package-manager is one of ${PACKAGE_MANAGERS.join(", ")}, not "${packageManager}".`);
  }
  const { deploy } = values;
  if (deploy !== undefined && !isDeployment(deploy)) {
    const meant = nearest(deploy, DEPLOYMENTS);
    const advice = meant === undefined ? "" : ` Did you mean ${meant}?`;
    throw usageError(`--deploy is one of ${DEPLOYMENTS.join(", ")}, not "${deploy}".${advice}`);
  }
  return dropUndefined({
    help: values.help ?? false,
    version: values.version ?? false,
    yes: values.yes ?? false,
    force: values.force ?? false,
    dryRun: values["dry-run"] ?? false,
    local: values.local ?? false,
    install: choice("install", values.install, values["no-install"]),
    git: choice("git", values.git, values["no-git"]),
    template,
    project,
    provider: values.provider,
    domain: values.domain,
    clientId: values["client-id"],
    clientSecretFile: values["client-secret-file"],
    audience: values.audience,
    scopes: values.scopes,
    baseUrl: values["base-url"],
    packageManager,
    deploy,
  });
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    throw usageError(explain(error));
  }
}

function explain(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const [, unknown] = /^Unknown option '(-[^']*)'/.exec(message) ?? [];
  if (unknown === undefined) {
    return message.endsWith(".") ? message : `${message}.`;
  }
  const name = unknown.replace(/^-+/, "");
  const meant = MEANT[name] ?? optionLike(name);
  return `There is no option ${unknown}${meant === undefined ? "." : `: did you mean ${meant}?`} --help lists them all.`;
}

/** What other scaffolders call an option of ours. */
const MEANT: Readonly<Record<string, string>> = {
  "skip-install": "--no-install",
  "skip-git": "--no-git",
  "no-interactive": "--yes",
  default: "--yes",
  overwrite: "--force",
  pm: "--package-manager",
  ...Object.fromEntries(PACKAGE_MANAGERS.map((name) => [`use-${name}`, `--package-manager ${name}`])),
};

function optionLike(name: string): string | undefined {
  const option = nearest(name, Object.keys(OPTIONS));
  return option === undefined ? undefined : `--${option}`;
}

function refuseSecretOnCommandLine(args: readonly string[]): void {
  const end = args.indexOf("--");
  const options = end === -1 ? args : args.slice(0, end);
  if (!options.some((argument) => /^--client-secret(=|$)/.test(argument))) {
    return;
  }
  throw usageError(
    "A secret on the command line stays in the shell's history and in the list of processes. Put it into a file and " +
      "give --client-secret-file <path>, or pipe it in with --client-secret-file -.",
  );
}

function choice(name: string, on: boolean | undefined, off: boolean | undefined): boolean | undefined {
  if (on && off) {
    throw usageError(`--${name} and --no-${name} exclude each other.`);
  }
  return on ? true : off ? false : undefined;
}

type WithoutUndefined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Leaves out what is `undefined`, so that optional properties are absent. */
function dropUndefined<T extends object>(values: T): WithoutUndefined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as WithoutUndefined<T>;
}

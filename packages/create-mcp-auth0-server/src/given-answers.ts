import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import { text as readAll } from "node:stream/consumers";
import type { GivenAnswers, ProviderAuth, TenantAuth } from "./answers.ts";
import type { CommandArguments } from "./arguments.ts";
import { isOnThisMachine, parseBaseUrl } from "./base-url.ts";
import type { CommandContext } from "./command-context.ts";
import { usageError } from "./command-error.ts";
import { parseAudience, parseClientId, parseClientSecret, parseScopes } from "./credentials.ts";
import { parseDomain } from "./domain.ts";
import { choosePackageManager } from "./package-manager.ts";
import type { Parsed } from "./parsed.ts";
import { parseProject } from "./project-name.ts";
import { DEFAULT_TEMPLATE } from "./templates.ts";

const AUTH0 = "auth0";

const MAX_SECRET_BYTES = 64 * 1024;

/**
 * The answers that the command line gives.
 *
 * @throws CommandError, exit code 2, that names the option with a value that can't be.
 */
export async function readGivenAnswers(args: CommandArguments, context: CommandContext): Promise<GivenAnswers> {
  const project = args.project === undefined ? undefined : need("The folder", parseProject(args.project, context.cwd));
  const auth = args.local ? ({ kind: "local" } as const) : await readProvider(args, context);
  const baseUrl = args.baseUrl === undefined ? undefined : need("--base-url", parseBaseUrl(args.baseUrl));
  if (args.local && baseUrl !== undefined && !isOnThisMachine(baseUrl)) {
    throw usageError(
      `--local sets up a stand-in that only this machine reaches, and ${baseUrl} is public. Leave out --local and give ` +
        "--domain for a tenant, or leave out --base-url.",
    );
  }
  return {
    template: args.template ?? (auth?.kind === "provider" ? "minimal" : DEFAULT_TEMPLATE),
    ...(project && { project }),
    ...(auth ? { auth } : baseUrl !== undefined && !isOnThisMachine(baseUrl) && { auth: { kind: "tenant" } }),
    ...(baseUrl !== undefined && { baseUrl }),
    ...(args.scopes !== undefined && { scopes: need("--scopes", parseScopes(args.scopes)) }),
    ...(args.install !== undefined && { install: args.install }),
    ...(args.git !== undefined && { git: args.git }),
    ...(args.deploy !== undefined && { deploy: args.deploy }),
    packageManager: choosePackageManager(args.packageManager, context.env),
  };
}

async function readProvider(
  args: CommandArguments,
  context: CommandContext,
): Promise<TenantAuth | ProviderAuth | undefined> {
  const provider = args.provider?.trim().toLowerCase().replaceAll("_", "-");
  if (provider === undefined || provider === AUTH0) {
    const tenant = await readTenant(args, context);
    return tenant ?? (provider === AUTH0 ? { kind: "tenant" } : undefined);
  }
  const { providers } = context.source;
  const settings = Object.hasOwn(providers, provider) ? providers[provider] : undefined;
  if (settings === undefined) {
    throw usageError(`--provider is one of ${Object.keys(providers).join(", ")}, not "${args.provider}".`);
  }
  if (args.domain !== undefined) {
    throw usageError(`--domain is for Auth0. Leave it out, and fill in the settings of ${settings.title} in .env.`);
  }
  const application = await readApplication(args, context);
  const refused = Object.entries({ clientId: "CLIENT_ID", clientSecret: "CLIENT_SECRET", audience: "AUDIENCE" }).find(
    ([answer, name]) =>
      answer in application && settings.variables.every((variable) => variable.name !== settings.prefix + name),
  );
  if (refused !== undefined) {
    throw usageError(`${settings.title} has no setting ${settings.prefix}${refused[1]}: leave out its option.`);
  }
  return { kind: "provider", provider, ...application };
}

async function readTenant(args: CommandArguments, context: CommandContext): Promise<TenantAuth | undefined> {
  const { domain, clientId, clientSecretFile, audience } = args;
  if ([domain, clientId, clientSecretFile, audience].every((value) => value === undefined)) {
    return undefined;
  }
  return {
    kind: "tenant",
    ...(domain !== undefined && { domain: need("--domain", parseDomain(domain)) }),
    ...(await readApplication(args, context)),
  };
}

/** What the provider knows the server by. */
async function readApplication(
  { clientId, clientSecretFile, audience }: CommandArguments,
  context: CommandContext,
): Promise<Pick<TenantAuth, "clientId" | "clientSecret" | "audience">> {
  return {
    ...(clientId !== undefined && { clientId: need("--client-id", parseClientId(clientId)) }),
    ...(clientSecretFile !== undefined && {
      clientSecret: need("--client-secret-file", parseClientSecret(await readSecret(clientSecretFile, context))),
    }),
    ...(audience !== undefined && { audience: need("--audience", parseAudience(audience)) }),
  };
}

async function readSecret(file: string, { stdin, cwd }: CommandContext): Promise<string> {
  if (file === "-") {
    if (stdin.isTTY) {
      throw usageError("--client-secret-file - reads the secret from a pipe, and standard input is a terminal.");
    }
    return readAll(stdin);
  }
  const absolute = path.resolve(cwd, file);
  try {
    const found = statSync(absolute);
    if (!found.isFile()) {
      throw new Error("it is no regular file (give - and pipe the secret in)");
    }
    if (found.size > MAX_SECRET_BYTES) {
      throw new Error("it is too large for a secret");
    }
    return readFileSync(absolute, "utf8");
  } catch (error) {
    throw usageError(`--client-secret-file: ${absolute} can't be read: ${(error as Error).message}.`);
  }
}

function need<T>(option: string, parsed: Parsed<T>): T {
  if (!parsed.ok) {
    throw usageError(`${option}: ${parsed.problem}`);
  }
  return parsed.value;
}

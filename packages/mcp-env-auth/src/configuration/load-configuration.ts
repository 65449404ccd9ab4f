import { POLICY_VARIABLE, type PolicyFile, policyProblem } from "../authorization/policy-file.ts";
import type { PolicyReading } from "../authorization/read-policy-file.ts";
import { readEnvFile } from "../env/env-file.ts";
import { createEnvironment, type Environment } from "../env/environment.ts";
import type { FieldValues } from "../env/field.ts";
import { withPlatform } from "../env/hosting-platform.ts";
import { type OutgoingSettings, readOutgoing } from "../env/outgoing-settings.ts";
import { readFields } from "../env/read-fields.ts";
import { createRedactor, type Redactor } from "../env/redaction.ts";
import { withReference } from "../env/references.ts";
import {
  checkServerSettings,
  SERVER_AUTH,
  SERVER_PREFIX,
  type ServerSettings,
  serverFields,
} from "../env/server-settings.ts";
import { standardOrigins, standardSecrets, standardWarnings } from "../env/standard-variables.ts";
import { findUnknownVariables, type UnknownVariable } from "../env/unknown-variables.ts";
import type { VariableOrigin } from "../env/variable-origin.ts";
import { ConfigError, type ConfigProblem } from "../errors.ts";
import type { AuthProvider } from "../providers/auth-provider.ts";
import { type ProviderDeclaration, secretsOf } from "../providers/declaration.ts";
import { hasBrand, plainNameOf } from "../providers/plain-names.ts";
import { type KnownProvider, providerCatalog } from "./provider-catalog.ts";
import { type ResolvedProvider, resolveProvider, unavailableProviders } from "./resolve-provider.ts";

export interface ConfigurationOptions {
  /** Default `process.env`. It is only read. */
  readonly processEnv?: NodeJS.ProcessEnv;
  /** Where the env file and relative paths start. Default the working directory. */
  readonly cwd?: string;
  /** What FASTMCP_SERVER_AUTH can name. Default the providers of this package. */
  readonly providers?: readonly KnownProvider[];
  /**
   * A provider from code, or `null` for an open server: then FASTMCP_SERVER_AUTH and the variables of providers are not
   * read.
   */
  readonly auth?: AuthProvider | null | undefined;
  /** Over FASTMCP_TRANSPORT. On stdio there is no token, so no provider is needed or read. */
  readonly transport?: ServerSettings["transport"] | undefined;
}

/** All that the environment says, checked. */
export interface Configuration {
  readonly settings: ServerSettings;
  /** `none`: an open server was asked for. */
  readonly provider: AuthProvider | "none";
  /** What FASTMCP_AUTHORIZATION_FILE holds, where it names a file. */
  readonly policy: PolicyFile | undefined;
  /** Where each value comes from: one entry for each variable with a value. */
  readonly origins: readonly VariableOrigin[];
  /** What is odd and does not stop the start: misspelt variables, lines of the env file that can't be read. */
  readonly warnings: readonly ConfigProblem[];
  /** How requests to the identity provider are to be sent. */
  readonly outgoing: OutgoingSettings;
  /** What all of it was read from. */
  readonly environment: Environment;
  /** Knows every secret of this run. */
  readonly redactor: Redactor;
}

/**
 * Reads the server's settings and its provider from the process's environment and the env file.
 *
 * @throws ConfigError with every problem together, each named after its variable.
 */
export async function loadConfiguration(options: ConfigurationOptions = {}): Promise<Configuration> {
  const { processEnv = process.env, cwd = process.cwd(), providers = providerCatalog } = options;
  const file = readEnvFile(processEnv, cwd);
  if (file.problems.length > 0) {
    throw new ConfigError(file.problems);
  }
  const given = createEnvironment({ processEnv, cwd, file });
  const environment = options.auth === undefined ? withPlatform(given) : withPlatform(given, options.auth === null);
  const server = readFields(serverFields, SERVER_PREFIX, environment);
  const onStdio = (options.transport ?? server.values.transport) === "stdio";
  const auth = onStdio ? null : options.auth;
  const chosen =
    auth === undefined ? await chooseProvider(environment, providers, file.path) : readyMade(auth ?? "none");
  const fromCode = auth !== undefined || isFromCode(chosen);
  const unknown = findUnknownVariables(environment, {
    selected: chosen.declaration,
    providers: [...providers, ...unavailableProviders],
  }).filter(({ warning }) => !(fromCode && isOfProvider(warning)));
  const outgoing = readOutgoing(environment);
  const policy = await readPolicy(server.values.authorizationFile, cwd);
  const problems = [
    ...server.problems,
    ...checkServerSettings(server.values),
    ...checkLogStream(server.values, onStdio),
    ...policy.problems,
    ...checkPolicyHasProvider(server.values, chosen, onStdio),
    ...misspeltPolicy(server.values, unknown),
    ...chosen.problems,
    ...outgoing.problems,
  ];
  const redactor = createRedactor([...server.secrets, ...chosen.secrets, ...standardSecrets(environment)]);
  const { provider } = chosen;
  if (problems.length > 0 || provider === undefined) {
    throw failure(withPlainNames(problems, chosen, environment), unknown, redactor);
  }
  return {
    settings: server.values as FieldValues<typeof serverFields>,
    provider,
    policy: policy.policy,
    origins: [...server.origins, ...chosen.origins, ...standardOrigins(environment)],
    environment,
    outgoing: outgoing.settings,
    warnings: [
      ...file.warnings,
      ...server.warnings,
      ...(chosen.warnings ?? []),
      ...outgoing.warnings,
      ...standardWarnings(environment),
      ...unknown.map(({ warning }) => warning),
    ],
    redactor,
  };
}

/** What it takes to read a policy is loaded only where there is one. */
async function readPolicy(file: string | undefined, cwd: string): Promise<PolicyReading> {
  if (file === undefined) {
    return { policy: undefined, problems: [] };
  }
  const { readPolicyFile } = await import("../authorization/read-policy-file.ts");
  return readPolicyFile(file, cwd);
}

interface ChosenProvider {
  readonly declaration: ProviderDeclaration | undefined;
  /** `undefined` when there are problems. */
  readonly provider: AuthProvider | "none" | undefined;
  readonly problems: readonly ConfigProblem[];
  readonly origins: readonly VariableOrigin[];
  readonly secrets: readonly string[];
  readonly warnings?: readonly ConfigProblem[];
}

/** Over stdio, clients would read lines of the log as messages of the protocol. */
function checkLogStream({ logStream }: Partial<ServerSettings>, onStdio: boolean): ConfigProblem[] {
  if (logStream !== "stdout" || !onStdio) {
    return [];
  }
  const message = "is stdout, which carries the protocol over stdio. Leave it at stderr, or serve over HTTP.";
  return [{ variable: `${SERVER_PREFIX}LOG_STREAM`, message }];
}

/** A policy must never lie beside a server that does not keep it. */
function checkPolicyHasProvider(
  { authorizationFile }: Partial<ServerSettings>,
  { provider }: ChosenProvider,
  onStdio: boolean,
): ConfigProblem[] {
  if (authorizationFile === undefined || provider !== "none") {
    return [];
  }
  const where = onStdio ? "on stdio, where there is no token" : "in a server without a provider";
  return [
    policyProblem(
      `can't be enforced ${where}. Remove it, or serve over HTTP with FASTMCP_SERVER_AUTH set to a provider.`,
    ),
  ];
}

/** A misspelt name only warns elsewhere. Here it would open what the policy closes. */
function misspeltPolicy(
  { authorizationFile }: Partial<ServerSettings>,
  unknown: readonly UnknownVariable[],
): ConfigProblem[] {
  if (authorizationFile !== undefined) {
    return [];
  }
  return unknown.filter(({ meant }) => meant === POLICY_VARIABLE).map(({ warning }) => warning);
}

// Which variables code of the user's own reads is not known here.
function isFromCode({ declaration, provider }: ChosenProvider): boolean {
  return declaration === undefined && typeof provider === "object";
}

function isOfProvider({ variable = "" }: ConfigProblem): boolean {
  return variable.toUpperCase().startsWith(`${SERVER_AUTH}_`);
}

function readyMade(provider: AuthProvider | "none"): ChosenProvider {
  const secrets = provider === "none" ? [] : secretsOf(provider);
  return { declaration: undefined, provider, problems: [], origins: [], secrets };
}

function noProvider(problems: readonly ConfigProblem[]): ChosenProvider {
  return { declaration: undefined, provider: undefined, problems, origins: [], secrets: [] };
}

async function chooseProvider(
  environment: Environment,
  providers: readonly KnownProvider[],
  filePath: string | undefined,
): Promise<ChosenProvider> {
  const set = environment.get(SERVER_AUTH);
  if (set === undefined) {
    return noProvider([describeMissingProvider(environment, providers, filePath)]);
  }
  try {
    return build(await resolveProvider(set.value, { providers, cwd: environment.cwd }), environment);
  } catch (error) {
    if (error instanceof ConfigError) {
      return noProvider(error.problems.map((problem) => withReference(problem, set)));
    }
    throw error;
  }
}

function build(resolved: ResolvedProvider, environment: Environment): ChosenProvider {
  if (resolved === "none") {
    return readyMade("none");
  }
  if ("ready" in resolved) {
    return readyMade(resolved.ready);
  }
  return { declaration: resolved.declared.declaration, ...resolved.declared.fromEnvironment(environment) };
}

function describeMissingProvider(
  environment: Environment,
  providers: readonly KnownProvider[],
  filePath: string | undefined,
): ConfigProblem {
  const families = [...providers, ...unavailableProviders];
  const names = Array.from(environment.variables(), ({ name }) => name.toUpperCase());
  for (const { prefix, classPath } of families) {
    const found = prefix === undefined ? undefined : names.find((name) => name.startsWith(prefix));
    if (found === undefined) {
      continue;
    }
    return { variable: SERVER_AUTH, message: `is not set, but ${found} is. Set ${SERVER_AUTH}=${classPath}` };
  }
  const where =
    filePath === undefined
      ? `There is no .env in ${environment.cwd}, the folder that the server was started in.`
      : `The env file is ${filePath}.`;
  const example = providers[0]?.classPath ?? "./auth.js#MyProvider";
  return {
    variable: SERVER_AUTH,
    message: `is not set, so nothing would protect the server. Set it to a provider's class path, such as ${example}, or to none for a server that is open to everyone. ${where}`,
  };
}

/** A required variable may be set under the name that the provider's tutorials use, which this server does not read. */
function withPlainNames(
  problems: readonly ConfigProblem[],
  { declaration }: ChosenProvider,
  environment: Environment,
): readonly ConfigProblem[] {
  if (declaration === undefined) {
    return problems;
  }
  const names = Array.from(environment.variables(), ({ name }) => name).filter((name) => hasBrand(name, declaration));
  return problems.map((problem) => {
    const plain = names.find((name) => plainNameOf(name, declaration)?.variable === problem.variable);
    return plain === undefined || !problem.message.startsWith("is required.")
      ? problem
      : { ...problem, message: problem.message.replace("is required.", `is required. ${describePlainName(plain)}`) };
  });
}

function describePlainName(plain: string): string {
  return `${plain} is set, and this server does not read it. Run mcp-env-auth migrate for its name here.`;
}

/** With the problems come the misspelt variables that explain them. */
function failure(
  problems: readonly ConfigProblem[],
  unknown: readonly UnknownVariable[],
  redactor: Redactor,
): ConfigError {
  const wrong = new Set(problems.map(({ variable }) => variable));
  const explanations = unknown
    .filter(({ meant }) => meant !== undefined && (wrong.has(meant) || wrong.has(meant.replace(/_FILE$/, ""))))
    .map(({ warning }) => warning);
  return new ConfigError(
    [...problems, ...explanations].map((problem) => ({ ...problem, message: redactor.redactText(problem.message) })),
  );
}

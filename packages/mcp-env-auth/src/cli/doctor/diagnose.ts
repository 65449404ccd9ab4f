import { type Configuration, loadConfiguration } from "../../configuration/load-configuration.ts";
import { findUnknownVariables } from "../../env/unknown-variables.ts";
import { ConfigError, type ConfigProblem } from "../../errors.ts";
import { createTransport } from "../../outgoing/transport.ts";
import { setOutgoing } from "../../outgoing.ts";
import type { AuthProvider, ProviderUpstream } from "../../providers/auth-provider.ts";
import type { ProviderDeclaration } from "../../providers/declaration.ts";
import type { CliContext } from "../cli-context.ts";
import { isOfOtherProvider, knownProviders } from "../known-providers.ts";
import { findProvider, readServerEnvironment, type ServerEnvironment } from "../server-environment.ts";
import { checkBaseUrl } from "./base-url-checks.ts";
import { checkClock } from "./clock-check.ts";
import { checkEnvFile, checkVariables } from "./environment-checks.ts";
import { type Finding, failure, ok, skipped, warning } from "./finding.ts";
import { checkLogin } from "./login-checks.ts";
import { checkMcpEndpoint } from "./mcp-endpoint-checks.ts";
import { checkIssuer, checkMetadata } from "./metadata-checks.ts";
import { checkPolicy } from "./policy-check.ts";
import { checkStorage } from "./storage-check.ts";
import { createSubject, type Subject } from "./subject.ts";
import { checkSubject } from "./subject-check.ts";
import {
  checkCredentials,
  checkDiscovery,
  checkKeys,
  checkOfflineAccess,
  checkTokenAudience,
  type UpstreamApplication,
} from "./upstream-checks.ts";

export interface DiagnosisOptions {
  /** Nothing is asked over the network. */
  readonly offline: boolean;
}

/** All checks in order, each finding as soon as it is there. */
export async function* diagnose(
  { offline }: DiagnosisOptions,
  context: Pick<CliContext, "env" | "cwd" | "clock">,
): AsyncGenerator<Finding, void, void> {
  const read = readOrProblems(context);
  if ("problems" in read) {
    yield* read.problems.map(({ variable, message }) => failure("env-file", `${variable ?? ""} ${message}`.trim()));
    return;
  }
  yield* checkEnvFile(read, context.cwd);
  const loaded = await load(read, context);
  yield* loaded.findings;
  const { configuration } = loaded;
  if (configuration === undefined) {
    yield skipped("provider", "The rest can be checked once the variables are right.");
    return;
  }
  if (configuration.provider === "none") {
    yield describeOpenServer(configuration);
  } else {
    yield* diagnoseProvider(
      loaded.declaration,
      { ...configuration, provider: configuration.provider },
      offline,
      context,
    );
  }
  if (!offline) yield* await checkStorage(configuration.settings.storageUrl, context.clock);
}

function readOrProblems(
  context: Pick<CliContext, "env" | "cwd">,
): ServerEnvironment | { readonly problems: readonly ConfigProblem[] } {
  try {
    return readServerEnvironment(context);
  } catch (error) {
    if (error instanceof ConfigError) return { problems: error.problems };
    throw error;
  }
}

interface Loaded {
  readonly configuration: Configuration | undefined;
  readonly declaration: ProviderDeclaration | undefined;
  readonly findings: readonly Finding[];
}

async function load(
  { environment, file }: ServerEnvironment,
  { env, cwd }: Pick<CliContext, "env" | "cwd">,
): Promise<Loaded> {
  const declaration = await declarationOf(environment.get("FASTMCP_SERVER_AUTH")?.value, cwd);
  try {
    const configuration = await loadConfiguration({ processEnv: env, cwd });
    setOutgoing(await createTransport(configuration.outgoing));
    const unknown = configuration.warnings.filter(
      ({ message }) => !file.warnings.some((told) => told.message === message),
    );
    const findings = checkVariables({ problems: [], unknown, declaration, count: configuration.origins.length });
    return { configuration, declaration, findings };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const found = findUnknownVariables(environment, { selected: declaration, providers: knownProviders });
    // As long as no provider is chosen, none of its variables is superfluous.
    const unknown = found
      .map(({ warning: problem }) => problem)
      .filter(({ variable = "" }) => declaration !== undefined || !isOfOtherProvider(variable, undefined));
    const told = new Set(unknown.map(({ variable }) => variable));
    const problems = error.problems.filter(({ variable }) => variable === undefined || !told.has(variable));
    return {
      configuration: undefined,
      declaration,
      findings: checkVariables({ problems, unknown, declaration, count: 0 }),
    };
  }
}

async function declarationOf(name: string | undefined, cwd: string): Promise<ProviderDeclaration | undefined> {
  try {
    return name === undefined ? undefined : (await findProvider(name, cwd))?.declaration;
  } catch (error) {
    // What is wrong with it is told by loading the configuration.
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

function describeOpenServer({ settings }: Configuration): Finding {
  if (settings.transport === "stdio") {
    return skipped("provider", "FASTMCP_TRANSPORT is stdio: there is no network to protect, and no provider is used.");
  }
  return warning(
    "provider",
    "FASTMCP_SERVER_AUTH is none: everyone who can reach the server can use it.",
    "Set FASTMCP_SERVER_AUTH to a provider, unless that is what you want.",
  );
}

async function* diagnoseProvider(
  declaration: ProviderDeclaration | undefined,
  configuration: Configuration & { readonly provider: AuthProvider },
  offline: boolean,
  { clock }: Pick<CliContext, "clock">,
): AsyncGenerator<Finding, void, void> {
  let subject: Subject;
  try {
    subject = await createSubject({ configuration, declaration, clock });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    yield* checkVariables({ problems: error.problems, unknown: [], declaration, count: 0 });
    return;
  }
  const { upstream } = subject.provider;
  yield ok(
    "provider",
    `${declaration?.title ?? "A provider of your own"} protects ${subject.authentication.resource ?? "the server"}`,
  );
  yield* checkPolicy(configuration);
  if (offline) {
    yield* describeOffline(upstream?.kind === "application" ? upstream : undefined);
    return;
  }
  const clockUrl = yield* diagnoseUpstream(upstream, subject);
  yield* diagnoseAddress(subject);
  if (clockUrl !== undefined) yield await checkClock(clockUrl, clock);
}

function* describeOffline(application: UpstreamApplication | undefined): Generator<Finding, void, void> {
  if (application !== undefined) {
    yield skipped("callback", `The provider must allow the callback URL ${application.callbackUrl}`);
  }
  yield skipped("discovery", "Nothing was asked over the network (--offline).");
}

/** Checks the identity provider, and gives an address of it that answers. */
async function* diagnoseUpstream(
  upstream: ProviderUpstream | undefined,
  subject: Subject,
): AsyncGenerator<Finding, string | undefined, void> {
  if (upstream === undefined) return undefined;
  if (upstream.kind === "application") return yield* diagnoseApplication(upstream, subject);
  const { authorizationServers } = subject.authentication;
  for (const issuer of authorizationServers) yield await checkIssuer(issuer, subject, "discovery");
  const tokens = await upstream.createVerifier(subject.context);
  yield await checkKeys(tokens, subject);
  const audience = checkTokenAudience(tokens, subject);
  if (audience !== undefined) yield audience;
  yield* checkSubject({ issuer: authorizationServers[0], rules: tokens.rules?.subject }, subject);
  return authorizationServers[0];
}

async function* diagnoseApplication(
  application: UpstreamApplication,
  subject: Subject,
): AsyncGenerator<Finding, string | undefined, void> {
  const { upstream, finding } = await checkDiscovery(subject, application);
  yield finding;
  if (upstream === undefined) {
    yield skipped("callback", `The provider must allow the callback URL ${application.callbackUrl}`);
    return undefined;
  }
  const { metadata } = upstream.client;
  yield await checkKeys(upstream.tokens, subject);
  yield await checkCredentials(upstream.client, application, subject);
  yield* await checkLogin(upstream, application, subject);
  yield* checkSubject({ ...metadata, issuer: metadata.issuer, rules: upstream.subject }, subject);
  yield checkOfflineAccess(metadata, subject);
  return application.configUrl?.href ?? metadata.authorizationEndpoint;
}

async function* diagnoseAddress(subject: Subject): AsyncGenerator<Finding, void, void> {
  const { baseUrl } = subject.provider;
  const { resource } = subject.authentication;
  if (baseUrl === undefined || resource === undefined) {
    yield skipped("base-url", "BASE_URL is not set, so there is no public address to check.");
    return;
  }
  const { reachable, findings } = await checkBaseUrl(baseUrl, subject);
  yield* findings;
  if (!reachable) return;
  yield* await checkMetadata(subject);
  yield await checkMcpEndpoint(resource, subject);
}

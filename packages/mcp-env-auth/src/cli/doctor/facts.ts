import { type Configuration, loadConfiguration } from "../../configuration/load-configuration.ts";
import type { Environment } from "../../env/environment.ts";
import { readOutgoing } from "../../env/outgoing-settings.ts";
import { SERVER_AUTH } from "../../env/server-settings.ts";
import { findUnknownVariables } from "../../env/unknown-variables.ts";
import { ConfigError, type ConfigProblem } from "../../errors.ts";
import type { Clock } from "../../lib/clock.ts";
import { createTransport } from "../../outgoing/transport.ts";
import { setOutgoing } from "../../outgoing.ts";
import type { AuthProvider } from "../../providers/auth-provider.ts";
import type { DeclaredProvider, ProviderDeclaration } from "../../providers/declaration.ts";
import type { Upstream } from "../../upstream/upstream.ts";
import type { UpstreamTokenVerifier } from "../../upstream/upstream-token.ts";
import type { CliContext } from "../command.ts";
import {
  findProvider,
  isOfOtherProvider,
  knownProviders,
  readServerEnvironment,
  type ServerEnvironment,
} from "../server-environment.ts";
import { checkBaseUrl } from "./base-url-checks.ts";
import type { VariablesVerdict } from "./environment-checks.ts";
import { type Observation, skipped } from "./finding.ts";
import { checkLogin, type LoginObservations } from "./login-checks.ts";
import { createSubject, type Subject } from "./subject.ts";
import { checkDiscovery, type UpstreamApplication } from "./upstream-checks.ts";

/** What the variables amount to. */
export interface Loaded {
  /** `undefined` while something is wrong with them. */
  readonly configuration: Configuration | undefined;
  readonly declaration: ProviderDeclaration | undefined;
  readonly verdict: VariablesVerdict;
}

/** Our application at the provider, and what discovery says of it. */
export interface DiscoveredApplication {
  readonly application: UpstreamApplication;
  /** `undefined` when discovery failed. */
  readonly upstream: Upstream | undefined;
  readonly finding: Observation;
}

/**
 * What several checks rely on. Each fact is established when the first check asks for it, and once; it is `undefined`
 * where what it rests on is wrong or doesn't apply.
 */
export interface Facts {
  /** Nothing is asked over the network. */
  readonly offline: boolean;
  /** The server is about to go live. */
  readonly production: boolean;
  readonly cwd: string;
  readonly clock: Clock;
  /** What the checks have said so far. */
  readonly told: Observation[];
  /** What the server would read, or why it can't. */
  readonly read: ServerEnvironment | { readonly problems: readonly ConfigProblem[] };
  loaded(): Promise<Loaded | undefined>;
  /** The provider, put together as a server would, or why it can't be. `undefined` also for an open server. */
  assembled(): Promise<{ readonly subject: Subject } | { readonly problems: readonly ConfigProblem[] } | undefined>;
  subject(): Promise<Subject | undefined>;
  application(): Promise<DiscoveredApplication | undefined>;
  /** What verifies the provider's tokens. */
  tokens(): Promise<UpstreamTokenVerifier | undefined>;
  /** A login that shows no page. */
  login(): Promise<LoginObservations | undefined>;
  /** Whether the server answers under BASE_URL. */
  address(): Promise<{ readonly reachable: boolean; readonly findings: readonly Observation[] } | undefined>;
}

export function createFacts(
  { offline, production }: Pick<Facts, "offline" | "production">,
  context: Pick<CliContext, "env" | "cwd" | "clock">,
): Facts {
  const { cwd, clock } = context;
  const read = readOrProblems(context);
  const loaded = once(async () => ("problems" in read ? undefined : load(read, context)));
  const assembled = once(async () => assemble(await loaded(), clock));
  const subject = once(async () => {
    const result = await assembled();
    return result !== undefined && "subject" in result ? result.subject : undefined;
  });
  const application = once(async () => {
    const found = await subject();
    const upstream = found?.provider.upstream;
    if (found === undefined || upstream?.kind !== "application") {
      return undefined;
    }
    return { application: upstream, ...(await checkDiscovery(found, upstream)) };
  });
  const tokens = once(async () => {
    const found = await subject();
    const upstream = found?.provider.upstream;
    if (found === undefined || upstream === undefined) {
      return undefined;
    }
    if (upstream.kind === "tokens") {
      return upstream.createVerifier(found.context);
    }
    return (await application())?.upstream?.tokens;
  });
  const login = once(async () => {
    const [found, discovered] = [await subject(), await application()];
    if (found === undefined || discovered?.upstream === undefined) {
      return undefined;
    }
    return checkLogin(discovered.upstream, discovered.application, found);
  });
  const address = once(async () => {
    const found = await subject();
    return found === undefined ? undefined : findAddress(found);
  });
  return {
    offline,
    production,
    cwd,
    clock,
    told: [],
    read,
    loaded,
    assembled,
    subject,
    application,
    tokens,
    login,
    address,
  };
}

function once<T>(establish: () => Promise<T>): () => Promise<T> {
  let established: Promise<T> | undefined;
  return () => {
    established ??= establish();
    return established;
  };
}

function readOrProblems(context: Pick<CliContext, "env" | "cwd">): Facts["read"] {
  try {
    return readServerEnvironment(context);
  } catch (error) {
    if (error instanceof ConfigError) {
      return { problems: error.problems };
    }
    throw error;
  }
}

async function load(
  { environment, file, server }: ServerEnvironment,
  { env, cwd }: Pick<CliContext, "env" | "cwd">,
): Promise<Loaded> {
  const declaration = (await declaredProvider(environment.get(SERVER_AUTH)?.value, cwd))?.declaration;
  try {
    const configuration = await loadConfiguration({ processEnv: env, cwd });
    setOutgoing(await createTransport(configuration.outgoing));
    const unknown = configuration.warnings.filter(
      ({ message }) => !file.warnings.some((told) => told.message === message),
    );
    const count = configuration.origins.length;
    return { configuration, declaration, verdict: { problems: [], unknown, declaration, count } };
  } catch (error) {
    if (!(error instanceof ConfigError)) {
      throw error;
    }
    const found = findUnknownVariables(environment, { selected: declaration, providers: knownProviders });
    // As long as no provider is chosen, none of its variables is superfluous.
    const misspelt = found
      .map(({ warning: problem }) => problem)
      .filter(({ variable = "" }) => declaration !== undefined || !isOfOtherProvider(variable, undefined));
    const unknown = [...(await warningsOfValues(environment, server.warnings, cwd)), ...misspelt];
    const told = new Set(misspelt.map(({ variable }) => variable));
    const problems = error.problems.filter(({ variable }) => variable === undefined || !told.has(variable));
    return { configuration: undefined, declaration, verdict: { problems, unknown, declaration, count: 0 } };
  }
}

/** Warnings that the start would log once the problems are solved. */
async function warningsOfValues(
  environment: Environment,
  ofServer: readonly ConfigProblem[],
  cwd: string,
): Promise<readonly ConfigProblem[]> {
  const provider = await declaredProvider(environment.get(SERVER_AUTH)?.value, cwd);
  const ofProvider = provider?.fromEnvironment(environment).warnings ?? [];
  return [...ofServer, ...ofProvider, ...readOutgoing(environment).warnings];
}

async function declaredProvider(name: string | undefined, cwd: string): Promise<DeclaredProvider | undefined> {
  try {
    return name === undefined ? undefined : await findProvider(name, cwd);
  } catch (error) {
    // What is wrong with it is told by loading the configuration.
    if (error instanceof ConfigError) {
      return undefined;
    }
    throw error;
  }
}

async function assemble(loaded: Loaded | undefined, clock: Clock): ReturnType<Facts["assembled"]> {
  const { configuration, declaration } = loaded ?? {};
  if (configuration === undefined || configuration.provider === "none") {
    return undefined;
  }
  const provider: AuthProvider = configuration.provider;
  try {
    return { subject: await createSubject({ configuration: { ...configuration, provider }, declaration, clock }) };
  } catch (error) {
    if (error instanceof ConfigError) {
      return { problems: error.problems };
    }
    throw error;
  }
}

async function findAddress(subject: Subject): ReturnType<Facts["address"]> {
  const { baseUrl } = subject.provider;
  if (baseUrl === undefined || subject.authentication.resource === undefined) {
    const finding = skipped("BASE_URL is not set. Set it to check the public address.");
    return { reachable: false, findings: [finding] };
  }
  return checkBaseUrl(baseUrl, subject);
}

import type { Readable, Writable } from "node:stream";
import {
  type CANCEL_SYMBOL,
  confirm,
  intro,
  isCancel,
  log,
  outro,
  password,
  select,
  text,
  updateSettings,
} from "@clack/prompts";
import { type Answers, defaultScopes, type GivenAnswers } from "./answers.ts";
import { DEFAULT_BASE_URL } from "./base-url.ts";
import { cancelled } from "./command-error.ts";
import { parseAudience, parseClientId, parseClientSecret, parseScopes } from "./credentials.ts";
import type { DiscoveryCheck } from "./discovery-check.ts";
import { type Auth0Domain, parseDomain } from "./domain.ts";
import { isInsideWorkTree } from "./git.ts";
import type { Parsed } from "./parsed.ts";
import { onStopSignal } from "./process-events.ts";
import { DEFAULT_PROJECT, type ProjectTarget, parseProject } from "./project-name.ts";

/** What the questions need to know and to reach. */
export interface PromptContext {
  readonly input: Readable;
  readonly output: Writable;
  readonly cwd: string;
  /** Says why a folder can't be written to, if it can't. */
  readonly refuseTarget: (directory: string) => string | undefined;
  readonly checkDiscovery: (domain: Auth0Domain, signal: AbortSignal) => Promise<DiscoveryCheck>;
}

/** The context of one question. */
interface Asking extends PromptContext {
  /** Aborted when nobody will answer any more. */
  readonly signal: AbortSignal;
}

const CTRL_D = "\u0004";

/**
 * Asks for every answer that is not given yet.
 *
 * @throws CommandError, exit code 130, when the user stops it: with Ctrl-C, with Ctrl-D, with a signal, or by closing
 * the terminal.
 */
export async function askForAnswers(given: GivenAnswers, context: PromptContext): Promise<Answers> {
  // Readline stops reading at Ctrl-D, and a question that nothing reads for would never settle.
  updateSettings({ aliases: { [CTRL_D]: "cancel" } });
  const stop = new AbortController();
  const abort = () => stop.abort();
  const release = onStopSignal(abort);
  context.input.once("end", abort).once("close", abort);
  try {
    return await askEverything(given, { ...context, signal: stop.signal });
  } finally {
    context.input.off("end", abort).off("close", abort);
    release();
  }
}

async function askEverything(given: GivenAnswers, context: Asking): Promise<Answers> {
  intro("An MCP server secured by Auth0", context);
  const project = given.project ?? (await askProject(context));
  const auth = await askAuth(given.auth, context);
  const scopes = given.scopes ?? (await askScopes(defaultScopes(given, auth), auth, context));
  const install = given.install ?? (await askYesNo(`Install dependencies with ${given.packageManager.name}?`, context));
  const git = given.git ?? (await askGit(project, context));
  outro("That is all.", context);
  return {
    project,
    template: given.template,
    auth,
    baseUrl: given.baseUrl ?? DEFAULT_BASE_URL,
    scopes,
    install,
    git,
    packageManager: given.packageManager,
    ...(given.deploy !== undefined && { deploy: given.deploy }),
  };
}

async function askProject(context: Asking): Promise<ProjectTarget> {
  return askUntilValid("Where shall the project go?", DEFAULT_PROJECT, context, (value) => {
    const parsed = parseProject(value || DEFAULT_PROJECT, context.cwd);
    const problem = parsed.ok ? context.refuseTarget(parsed.value.directory) : undefined;
    return problem === undefined ? parsed : { ok: false, problem };
  });
}

async function askAuth(given: GivenAnswers["auth"], context: Asking): Promise<Answers["auth"]> {
  if (given?.kind === "provider") {
    return given;
  }
  const kind = given?.kind ?? (await askKind(context));
  if (kind === "local") {
    return { kind };
  }
  const tenant = given?.kind === "tenant" ? given : undefined;
  const domain = tenant?.domain ?? (await askDomain(context));
  const clientId = tenant?.clientId ?? (await askOptional("Client id", parseClientId, context));
  const clientSecret = tenant?.clientSecret ?? (await askSecret(context));
  const audience = tenant?.audience ?? (await askOptional("Audience: the API's identifier", parseAudience, context));
  return {
    kind,
    ...(domain && { domain }),
    ...(clientId && { clientId }),
    ...(clientSecret && { clientSecret }),
    ...(audience && { audience }),
  };
}

async function askKind({ input, output, signal }: Asking): Promise<"local" | "tenant"> {
  const answer = await select<"local" | "tenant">({
    message: "Local Auth0 for now, or your tenant?",
    options: [
      { value: "local", label: "Local", hint: "a stand-in on this machine, nothing to register" },
      { value: "tenant", label: "My Auth0 tenant" },
    ],
    input,
    output,
    signal,
  });
  return answered(answer);
}

async function askDomain(context: Asking): Promise<Auth0Domain | undefined> {
  for (;;) {
    const domain = await askOptional("Auth0 domain, such as my-tenant.us.auth0.com", parseDomain, context);
    if (domain === undefined) {
      return undefined;
    }
    const check = await checkVisibly(domain, context);
    if (check.outcome !== "wrong") {
      return domain;
    }
  }
}

/** Keys are left to the terminal meanwhile, so that Ctrl-C is a signal. */
async function checkVisibly(domain: Auth0Domain, context: Asking): Promise<DiscoveryCheck> {
  const { checkDiscovery, signal } = context;
  log.step(`Looking at ${domain.host}`, context);
  const check = await checkDiscovery(domain, signal);
  if (signal.aborted) {
    throw cancelled();
  }
  if (check.outcome === "found") {
    log.success(check.message, context);
  } else {
    log.warn(check.message, context);
  }
  return check;
}

async function askSecret({ input, output, signal }: Asking): Promise<string | undefined> {
  const answer = await password({
    message: `Client secret (${LATER})`,
    validate: (value) => problemOf(value, parseClientSecret),
    clearOnError: true,
    input,
    output,
    signal,
  });
  return read(answered(answer), parseClientSecret);
}

async function askScopes(
  defaults: readonly string[],
  auth: Answers["auth"],
  context: Asking,
): Promise<readonly string[]> {
  if (auth.kind !== "tenant") {
    return defaults;
  }
  const initial = defaults.join(",");
  return askUntilValid("Scopes that every token must carry", initial, context, (value) =>
    parseScopes(value || initial),
  );
}

async function askGit(project: ProjectTarget, context: Asking): Promise<boolean> {
  if (isInsideWorkTree(project.directory)) {
    log.info("The project is inside a git repository, so none is started.", context);
    return false;
  }
  return askYesNo("Start a git repository?", context);
}

const LATER = "Enter: fill it in later";

async function askYesNo(message: string, { input, output, signal }: Asking): Promise<boolean> {
  return answered(await confirm({ message, initialValue: true, input, output, signal }));
}

async function askUntilValid<T>(
  message: string,
  initial: string,
  { input, output, signal }: Asking,
  parse: (value: string) => Parsed<T>,
): Promise<T> {
  const answer = await text({
    message,
    placeholder: initial,
    defaultValue: initial,
    validate: (value) => {
      const parsed = parse(value ?? "");
      return parsed.ok ? undefined : parsed.problem;
    },
    input,
    output,
    signal,
  });
  const parsed = parse(answered(answer));
  if (!parsed.ok) {
    throw new Error(parsed.problem);
  }
  return parsed.value;
}

async function askOptional<T>(
  message: string,
  parse: (value: string) => Parsed<T>,
  { input, output, signal }: Asking,
): Promise<T | undefined> {
  const answer = await text({
    message: `${message} (${LATER})`,
    validate: (value) => problemOf(value, parse),
    input,
    output,
    signal,
  });
  return read(answered(answer), parse);
}

function problemOf<T>(value: string | undefined, parse: (value: string) => Parsed<T>): string | undefined {
  if (!value?.trim()) {
    return undefined;
  }
  const parsed = parse(value);
  return parsed.ok ? undefined : parsed.problem;
}

function read<T>(value: string | undefined, parse: (value: string) => Parsed<T>): T | undefined {
  if (!value?.trim()) {
    return undefined;
  }
  const parsed = parse(value);
  return parsed.ok ? parsed.value : undefined;
}

function answered<T>(answer: T | typeof CANCEL_SYMBOL): T {
  if (isCancel(answer)) {
    throw cancelled();
  }
  return answer;
}

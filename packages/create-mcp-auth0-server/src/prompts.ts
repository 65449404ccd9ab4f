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
  spinner,
  text,
} from "@clack/prompts";
import { type Answers, DEFAULT_SCOPES, type GivenAnswers, type LocalAuth, type TenantAuth } from "./answers.ts";
import { DEFAULT_BASE_URL } from "./base-url.ts";
import { cancelled } from "./command-error.ts";
import { parseAudience, parseClientId, parseClientSecret } from "./credentials.ts";
import type { DiscoveryCheck } from "./discovery-check.ts";
import { type Auth0Domain, parseDomain } from "./domain.ts";
import { isInsideWorkTree } from "./git.ts";
import type { Parsed } from "./parsed.ts";
import { DEFAULT_PROJECT, type ProjectTarget, parseProject } from "./project-name.ts";
import { parseScopes } from "./scopes.ts";

/** What the questions need to know and to reach. */
export interface PromptContext {
  readonly input: Readable;
  readonly output: Writable;
  readonly cwd: string;
  /** Says why a folder can't be written to, if it can't. */
  readonly refuseTarget: (directory: string) => string | undefined;
  readonly checkDiscovery: (domain: Auth0Domain) => Promise<DiscoveryCheck>;
}

/**
 * Asks for every answer that is not given yet.
 *
 * @throws CommandError, exit code 130, when the user stops it.
 */
export async function askForAnswers(given: GivenAnswers, context: PromptContext): Promise<Answers> {
  intro("An MCP server secured by Auth0", context);
  const project = given.project ?? (await askProject(context));
  const auth = await askAuth(given.auth, context);
  const scopes = given.scopes ?? (auth.kind === "local" ? DEFAULT_SCOPES : await askScopes(context));
  const install = given.install ?? (await askYesNo(`Install dependencies with ${given.packageManager.name}?`, context));
  const git = given.git ?? (await askGit(project, context));
  outro("That is all.", context);
  return {
    project,
    auth,
    baseUrl: given.baseUrl ?? DEFAULT_BASE_URL,
    scopes,
    install,
    git,
    packageManager: given.packageManager,
  };
}

async function askProject(context: PromptContext): Promise<ProjectTarget> {
  return askUntilValid("Where shall the project go?", DEFAULT_PROJECT, context, (value) => {
    const parsed = parseProject(value || DEFAULT_PROJECT, context.cwd);
    const problem = parsed.ok ? context.refuseTarget(parsed.value.directory) : undefined;
    return problem === undefined ? parsed : { ok: false, problem };
  });
}

async function askAuth(given: GivenAnswers["auth"], context: PromptContext): Promise<LocalAuth | TenantAuth> {
  const kind = given?.kind ?? (await askKind(context));
  if (kind === "local") return { kind };
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

async function askKind({ input, output }: PromptContext): Promise<"local" | "tenant"> {
  const answer = await select<"local" | "tenant">({
    message: "Local Auth0 for now, or your tenant?",
    options: [
      { value: "local", label: "Local", hint: "a stand-in on this machine, nothing to register" },
      { value: "tenant", label: "My Auth0 tenant" },
    ],
    input,
    output,
  });
  return answered(answer);
}

async function askDomain(context: PromptContext): Promise<Auth0Domain | undefined> {
  for (;;) {
    const domain = await askOptional("Auth0 domain, such as my-tenant.us.auth0.com", parseDomain, context);
    if (domain === undefined) return undefined;
    const check = await checkVisibly(domain, context);
    if (check.outcome !== "wrong") return domain;
  }
}

async function checkVisibly(domain: Auth0Domain, { output, checkDiscovery }: PromptContext): Promise<DiscoveryCheck> {
  const progress = spinner({ output });
  progress.start(`Looking at ${domain.host}`);
  const check = await checkDiscovery(domain);
  if (check.outcome === "found") progress.stop(check.message);
  else progress.error(check.message);
  return check;
}

async function askSecret({ input, output }: PromptContext): Promise<string | undefined> {
  const answer = await password({
    message: `Client secret (${LATER})`,
    validate: (value) => problemOf(value, parseClientSecret),
    clearOnError: true,
    input,
    output,
  });
  return read(answered(answer), parseClientSecret);
}

async function askScopes(context: PromptContext): Promise<readonly string[]> {
  const initial = DEFAULT_SCOPES.join(",");
  return askUntilValid("Scopes that every token must carry", initial, context, (value) =>
    parseScopes(value || initial),
  );
}

async function askGit(project: ProjectTarget, context: PromptContext): Promise<boolean> {
  if (isInsideWorkTree(project.directory)) {
    log.info("The project is inside a git repository, so none is started.", context);
    return false;
  }
  return askYesNo("Start a git repository?", context);
}

const LATER = "Enter: fill it in later";

async function askYesNo(message: string, { input, output }: PromptContext): Promise<boolean> {
  return answered(await confirm({ message, initialValue: true, input, output }));
}

async function askUntilValid<T>(
  message: string,
  initial: string,
  { input, output }: PromptContext,
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
  });
  const parsed = parse(answered(answer));
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.value;
}

async function askOptional<T>(
  message: string,
  parse: (value: string) => Parsed<T>,
  { input, output }: PromptContext,
): Promise<T | undefined> {
  const answer = await text({
    message: `${message} (${LATER})`,
    validate: (value) => problemOf(value, parse),
    input,
    output,
  });
  return read(answered(answer), parse);
}

function problemOf<T>(value: string | undefined, parse: (value: string) => Parsed<T>): string | undefined {
  if (!value?.trim()) return undefined;
  const parsed = parse(value);
  return parsed.ok ? undefined : parsed.problem;
}

function read<T>(value: string | undefined, parse: (value: string) => Parsed<T>): T | undefined {
  if (!value?.trim()) return undefined;
  const parsed = parse(value);
  return parsed.ok ? parsed.value : undefined;
}

function answered<T>(answer: T | typeof CANCEL_SYMBOL): T {
  if (isCancel(answer)) throw cancelled();
  return answer;
}

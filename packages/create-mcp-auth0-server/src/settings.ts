import { randomBytes } from "node:crypto";
import type { Answers } from "./answers.ts";
import { listeningPort } from "./base-url.ts";
import { type DeclaredVariable, renderEnvFile } from "./env-file.ts";
import { TEMPLATES, type Template } from "./templates.ts";

/** What is known about the provider when the command is built. */
export interface ProviderSettings {
  /** For people, such as `Google`. */
  readonly title: string;
  /** `FASTMCP_SERVER_AUTH`. */
  readonly classPath: string;
  /** What the provider's variables begin with, such as `FASTMCP_SERVER_AUTH_AUTH0_`. */
  readonly prefix: string;
  /** The variables of the provider and of the server, in the order of the file. */
  readonly variables: readonly DeclaredVariable[];
}

/** What the local stand-in for Auth0 answers to. */
export interface LocalSettings {
  readonly configUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Everything that the command knows of providers. */
export interface KnownSettings {
  /** By the name that `--provider` takes. */
  readonly providers: Readonly<Record<string, ProviderSettings>> & { readonly auth0: ProviderSettings };
  readonly local: LocalSettings;
}

/** Whether the provider sends users back to this server. At others, MCP clients log users in themselves. */
export function usesCallback({ prefix, variables }: ProviderSettings): boolean {
  return variables.some(({ name }) => name === `${prefix}REDIRECT_PATH`);
}

/** The settings of the provider that was chosen. */
export function chosenProvider({ auth }: Answers, { providers }: KnownSettings): ProviderSettings {
  return (auth.kind === "provider" ? providers[auth.provider] : undefined) ?? providers.auth0;
}

const DEFAULT_PORT = 8000;

/** The two env files of a project. */
export interface EnvFiles {
  /** `.env`: holds secrets. */
  readonly env: string;
  /** `.env.example`: to be committed. */
  readonly example: string;
}

/** Renders both env files for the answers, with a new 256-bit key in `.env`. */
export function renderEnvFiles(answers: Answers, settings: KnownSettings): EnvFiles {
  const variables = variablesFor(answers, settings);
  return {
    env: renderEnvFile(
      [
        `Settings of ${answers.project.packageName}, read at every start. The environment of the process wins over them.`,
        "Secrets are in here: .gitignore and .dockerignore keep this file out of commits and images.",
      ],
      variables,
      valuesFor(answers, settings),
    ),
    example: renderEnvFile(
      ["What the server can be told. Copy this file to .env and fill it in; .env is never committed."],
      variables,
      exampleValues(answers, chosenProvider(answers, settings)),
    ),
  };
}

/** The variables of a project: those of the provider and of the server, then the template's own. */
function variablesFor(answers: Answers, settings: KnownSettings): DeclaredVariable[] {
  const { prefix, variables } = chosenProvider(answers, settings);
  const { localSettings, variables: own } = templateOf(answers);
  const needed = new Set(Object.keys(localSettings).map((name) => prefix + name));
  const declared = variables.map((variable) =>
    needed.has(variable.name) ? { ...variable, required: true } : variable,
  );
  return [...declared, ...own];
}

/** Widened, so that a template without settings of its own is like any other. */
function templateOf({ template }: Answers): Template {
  return TEMPLATES[template];
}

/** The required variables that the answers leave empty, in the order of the file. */
export function unansweredVariables(answers: Answers, settings: KnownSettings): string[] {
  const values = valuesFor(answers, settings);
  return variablesFor(answers, settings)
    .filter(({ name, required }) => required && !values[name])
    .map(({ name }) => name);
}

/** What the answers would set in `.env`, line by line in the order of the file. A secret is named, never shown. */
export function answeredLines(answers: Answers, settings: KnownSettings): string[] {
  const values = valuesFor(answers, settings);
  return variablesFor(answers, settings).flatMap(({ name, required, secret }) => {
    const value = values[name];
    if (value === undefined || (secret && !required)) {
      return [];
    }
    return secret ? `${name} (a secret, not shown)` : `${name}=${value}`;
  });
}

/** What is the same in every copy, and no secret. */
function exampleValues({ baseUrl, scopes }: Answers, { classPath, prefix }: ProviderSettings): Record<string, string> {
  return {
    FASTMCP_SERVER_AUTH: classPath,
    [`${prefix}BASE_URL`]: baseUrl,
    ...(scopes.length > 0 && { [`${prefix}REQUIRED_SCOPES`]: scopes.join(",") }),
  };
}

function valuesFor(answers: Answers, settings: KnownSettings): Record<string, string> {
  const { auth, baseUrl, scopes } = answers;
  const { classPath, prefix, variables } = chosenProvider(answers, settings);
  const template = templateOf(answers);
  const local = auth.kind === "local";
  const provider = local
    ? { ...settings.local, audience: template.localAudience }
    : { ...auth, configUrl: auth.kind === "tenant" ? auth.domain?.configUrl : undefined };
  const port = listeningPort(baseUrl);
  const values = {
    FASTMCP_SERVER_AUTH: classPath,
    [`${prefix}CONFIG_URL`]: provider.configUrl,
    [`${prefix}CLIENT_ID`]: provider.clientId,
    [`${prefix}CLIENT_SECRET`]: provider.clientSecret,
    [`${prefix}AUDIENCE`]: provider.audience,
    [`${prefix}BASE_URL`]: baseUrl,
    [`${prefix}REQUIRED_SCOPES`]: scopes.length > 0 ? scopes.join(",") : undefined,
    ...(local &&
      Object.fromEntries(Object.entries(template.localSettings).map(([name, value]) => [prefix + name, value]))),
    [`${prefix}JWT_SIGNING_KEY`]: randomBytes(32).toString("base64url"),
    FASTMCP_PORT: port === undefined || port === DEFAULT_PORT ? undefined : String(port),
  };
  const known = new Set(variables.map(({ name }) => name));
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined && known.has(entry[0])),
  );
}

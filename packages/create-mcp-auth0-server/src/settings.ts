import { randomBytes } from "node:crypto";
import type { Answers } from "./answers.ts";
import { listeningPort } from "./base-url.ts";
import { type DeclaredVariable, renderEnvFile } from "./env-file.ts";

/** What is known about the provider when the command is built. */
export interface ProviderSettings {
  /** `FASTMCP_SERVER_AUTH`. */
  readonly classPath: string;
  /** What the provider's variables begin with, such as `FASTMCP_SERVER_AUTH_AUTH0_`. */
  readonly prefix: string;
  /** The variables of the provider and of the server, in the order of the file. */
  readonly variables: readonly DeclaredVariable[];
  /** What the local stand-in answers to. */
  readonly local: {
    readonly configUrl: string;
    readonly clientId: string;
    readonly clientSecret: string;
    readonly audience: string;
  };
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
export function renderEnvFiles(answers: Answers, settings: ProviderSettings): EnvFiles {
  return {
    env: renderEnvFile(
      [
        `Settings of ${answers.project.packageName}, read at every start. The environment of the process wins over them.`,
        "Secrets are in here: .gitignore and .dockerignore keep this file out of commits and images.",
      ],
      settings.variables,
      valuesFor(answers, settings),
    ),
    example: renderEnvFile(
      ["What the server can be told. Copy this file to .env and fill it in; .env is never committed."],
      settings.variables,
      exampleValues(answers, settings),
    ),
  };
}

/** The required variables that the answers leave empty, in the order of the file. */
export function unansweredVariables(answers: Answers, settings: ProviderSettings): string[] {
  const values = valuesFor(answers, settings);
  return settings.variables.filter(({ name, required }) => required && !values[name]).map(({ name }) => name);
}

/** What the answers would set in `.env`, line by line in the order of the file. A secret is named, never shown. */
export function answeredLines(answers: Answers, settings: ProviderSettings): string[] {
  const values = valuesFor(answers, settings);
  return settings.variables.flatMap(({ name, required, secret }) => {
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
    [`${prefix}REQUIRED_SCOPES`]: scopes.join(","),
  };
}

function valuesFor({ auth, baseUrl, scopes }: Answers, settings: ProviderSettings): Record<string, string> {
  const { prefix } = settings;
  const provider =
    auth.kind === "local"
      ? settings.local
      : {
          configUrl: auth.domain?.configUrl,
          clientId: auth.clientId,
          clientSecret: auth.clientSecret,
          audience: auth.audience,
        };
  const port = listeningPort(baseUrl);
  const values = {
    FASTMCP_SERVER_AUTH: settings.classPath,
    [`${prefix}CONFIG_URL`]: provider.configUrl,
    [`${prefix}CLIENT_ID`]: provider.clientId,
    [`${prefix}CLIENT_SECRET`]: provider.clientSecret,
    [`${prefix}AUDIENCE`]: provider.audience,
    [`${prefix}BASE_URL`]: baseUrl,
    [`${prefix}REQUIRED_SCOPES`]: scopes.join(","),
    [`${prefix}JWT_SIGNING_KEY`]: randomBytes(32).toString("base64url"),
    FASTMCP_PORT: port === undefined || port === DEFAULT_PORT ? undefined : String(port),
  };
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

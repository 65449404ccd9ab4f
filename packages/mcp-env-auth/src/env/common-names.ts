import type { ConfigProblem } from "../errors.ts";
import type { Environment } from "./environment.ts";
import { variableName } from "./field.ts";
import { SERVER_PREFIX, serverFields } from "./server-settings.ts";
import { isServiceLink } from "./service-link.ts";

/** Other names for a setting of the server, without `FASTMCP_`, that are too different to be guessed. */
const SYNONYMS: Readonly<Record<string, readonly string[]>> = {
  PORT: ["HTTP_PORT", "SERVER_PORT", "LISTEN_PORT", "BIND_PORT", "MCP_PORT", "TCP_PORT"],
  HOST: [
    ...["HTTP_HOST", "SERVER_HOST", "LISTEN", "LISTEN_HOST", "LISTEN_ADDRESS", "BIND", "BIND_HOST", "BIND_ADDRESS"],
    ...["ADDRESS", "HOSTNAME", "INTERFACE", "MCP_HOST"],
  ],
  STREAMABLE_HTTP_PATH: ["PATH", "HTTP_PATH", "MCP_PATH", "ENDPOINT", "MCP_ENDPOINT", "ENDPOINT_PATH", "MOUNT_PATH"],
  LOG_LEVEL: ["LOG", "LOGLEVEL", "LOGGING", "LOGGING_LEVEL", "LEVEL", "MCP_LOG_LEVEL"],
  TRANSPORT: ["SERVER_TRANSPORT", "MCP_TRANSPORT", "TRANSPORT_TYPE", "TRANSPORT_MODE"],
  SERVER_AUTH: ["AUTH", "AUTH_PROVIDER", "PROVIDER", "AUTHENTICATION", "SERVER_AUTH_PROVIDER", "AUTH_CLASS"],
  STORAGE_URL: ["REDIS", "REDIS_URL", "REDIS_URI", "STORAGE", "STORE", "STORE_URL", "STORAGE_URI", "CLIENT_STORAGE"],
  HTTP_ALLOWED_HOSTS: ["ALLOWED_HOSTS", "ALLOWED_HOST", "TRUSTED_HOSTS", "HTTP_HOSTS"],
  HTTP_ALLOWED_ORIGINS: ["ALLOWED_ORIGINS", "ALLOWED_ORIGIN", "CORS_ORIGINS", "CORS_ALLOWED_ORIGINS", "CORS"],
  TRUST_PROXY: ["TRUSTED_PROXIES", "TRUST_PROXIES", "PROXY_COUNT", "PROXIES", "BEHIND_PROXY", "PROXY_HOPS"],
  AUTHORIZATION_FILE: ["POLICY", "POLICY_FILE", "AUTHORIZATION", "AUTHZ_FILE", "ACCESS_POLICY"],
  RATE_LIMIT: ["RATE_LIMITS", "RATE_LIMIT_PER_MINUTE"],
  SESSION_TTL: ["SESSION_LIFETIME", "SESSION_EXPIRY", "REFRESH_TOKEN_TTL"],
  ACCESS_TOKEN_TTL: ["TOKEN_TTL", "ACCESS_TOKEN_LIFETIME", "TOKEN_LIFETIME", "TOKEN_EXPIRY"],
  ENV_FILE: ["DOTENV", "DOTENV_PATH", "ENVFILE", "ENV_PATH"],
};

/** Other names for a setting of a provider, without its prefix. */
const PROVIDER_SYNONYMS: Readonly<Record<string, readonly string[]>> = {
  BASE_URL: ["URL", "PUBLIC_URL", "SERVER_URL", "EXTERNAL_URL", "ROOT_URL", "APP_URL", "APP_BASE_URL", "ORIGIN"],
  CONFIG_URL: ["CONFIGURATION_URL", "DISCOVERY_URL", "OIDC_CONFIG_URL", "WELL_KNOWN_URL", "OPENID_CONFIGURATION"],
  REQUIRED_SCOPES: ["SCOPE", "SCOPES"],
  AUDIENCE: ["API_AUDIENCE", "API_IDENTIFIER", "AUD"],
  JWT_SIGNING_KEY: ["SIGNING_KEY", "SECRET_KEY", "ENCRYPTION_KEY", "JWT_SECRET", "JWT_KEY"],
  CLIENT_SECRET: ["SECRET"],
  CLIENT_ID: ["ID", "APP_ID", "APPLICATION_ID"],
  REDIRECT_PATH: ["CALLBACK_PATH", "CALLBACK", "REDIRECT_URI", "CALLBACK_URL"],
};

/**
 * Returns the variable that a `FASTMCP_` name probably stands for, by names that are common elsewhere; `undefined` if
 * it is unknown.
 *
 * @param own the variables that the server and its provider read
 */
export function commonNameOf(
  name: string,
  own: readonly string[],
  providerPrefix: string | undefined,
): string | undefined {
  const rest = name.toUpperCase().slice(SERVER_PREFIX.length);
  const candidates = [
    ...lookUp(SYNONYMS, rest).map((each) => `${SERVER_PREFIX}${each}`),
    ...(providerPrefix === undefined ? [] : providerCandidates(name.toUpperCase(), rest, providerPrefix)),
  ];
  return candidates.find((candidate) => own.includes(candidate));
}

/** `FASTMCP_CLIENT_ID`, `FASTMCP_AUTH0_CLIENT_ID` and `FASTMCP_AUTH_AUTH0_CLIENT_ID` for one and the same. */
function providerCandidates(name: string, rest: string, prefix: string): string[] {
  const brand = prefix.replace(/^FASTMCP_SERVER_AUTH_/, "").replace(/_$/, "");
  const brandless = brand.replace(/PROVIDER$/, "");
  const openings = [
    prefix,
    ...["AUTH_", "SERVER_", ""].flatMap((opening) => [`${opening}${brand}_`, `${opening}${brandless}_`]),
  ];
  const tails = openings
    .map((opening) => (opening === prefix ? name : rest).replace(new RegExp(`^${opening}`), ""))
    .filter((tail) => tail !== name)
    .concat(rest, rest.replace(/^(?:SERVER_)?AUTH_/, ""));
  return tails.flatMap((tail) => [tail, ...lookUp(PROVIDER_SYNONYMS, tail)].map((each) => `${prefix}${each}`));
}

function lookUp(synonyms: Readonly<Record<string, readonly string[]>>, name: string): string[] {
  return Object.entries(synonyms).flatMap(([meant, others]) => (others.includes(name) ? [meant] : []));
}

/** Names without `FASTMCP_` that are meant for the server wherever they are set: platforms set `PORT`. */
const ANYWHERE: Readonly<Record<string, string>> = {
  PORT: "PORT",
  MCP_PORT: "PORT",
  MCP_SERVER_PORT: "PORT",
  MCP_HOST: "HOST",
  MCP_SERVER_HOST: "HOST",
  MCP_PATH: "STREAMABLE_HTTP_PATH",
  MCP_TRANSPORT: "TRANSPORT",
  MCP_LOG_LEVEL: "LOG_LEVEL",
};

/** In an env file also these. In the process's environment they belong to shells and other programs. */
const IN_A_FILE: Readonly<Record<string, string>> = {
  HOST: "HOST",
  LOG_LEVEL: "LOG_LEVEL",
  SERVER_AUTH: "SERVER_AUTH",
  SERVER_HOST: "HOST",
  SERVER_PORT: "PORT",
  STORAGE_URL: "STORAGE_URL",
  TRUST_PROXY: "TRUST_PROXY",
};

/** The variable that a name of an env file without `FASTMCP_` stands for. */
export function serverNameOf(name: string): string | undefined {
  const upper = name.toUpperCase();
  const meant = ANYWHERE[upper] ?? IN_A_FILE[upper];
  return meant === undefined ? undefined : `${SERVER_PREFIX}${meant}`;
}

const DEFAULTS: ReadonlyMap<string, string> = new Map(
  Object.entries(serverFields).map(([name, field]) => [variableName(SERVER_PREFIX, name), String(field.default)]),
);

/**
 * Variables that look as if they were meant for the server, and that it does not read. Their values are not shown.
 *
 * @param settled names of settings, such as `PORT`, that the environment can't change here
 */
export function findUnprefixed(environment: Environment, settled: ReadonlySet<string>): ConfigProblem[] {
  return Array.from(environment.variables()).flatMap(({ name, value, source }) => {
    const upper = name.toUpperCase();
    const meant = ANYWHERE[upper] ?? (source.kind === "file" ? IN_A_FILE[upper] : undefined);
    const variable = `${SERVER_PREFIX}${meant}`;
    if (
      meant === undefined ||
      settled.has(meant) ||
      environment.get(variable) !== undefined ||
      value.trim() === DEFAULTS.get(variable) ||
      isServiceLink(value)
    ) {
      return [];
    }
    const advice = `Set ${variable} instead, if it is meant for this server.`;
    return [{ variable: name, message: `is set, and this server does not read it. ${advice}` }];
  });
}

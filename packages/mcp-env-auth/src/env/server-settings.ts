import { DIALECTS } from "../client-dialects.ts";
import type { ConfigProblem } from "../errors.ts";
import { DAY } from "../lib/clock.ts";
import { parseUrl } from "../lib/url.ts";
import { type FieldValues, InvalidValue } from "./field.ts";
import { gatewayFields } from "./gateway-fields.ts";
import { stringList } from "./list-fields.ts";
import { choice, file, flag, integer, path, text } from "./plain-fields.ts";
import { stringRecord } from "./record-field.ts";
import { httpUrl, storageUrl } from "./url-fields.ts";

/** What the variables of the server itself start with. */
export const SERVER_PREFIX = "FASTMCP_";

/** Names the provider. Its own variables start with this and `_`. */
export const SERVER_AUTH = "FASTMCP_SERVER_AUTH";

const MEBIBYTE = 1024 * 1024;

/** Levels as other loggers call them. */
const LOG_LEVELS = {
  all: "DEBUG",
  trace: "DEBUG",
  verbose: "DEBUG",
  silly: "DEBUG",
  debugging: "DEBUG",
  information: "INFO",
  informational: "INFO",
  notice: "INFO",
  log: "INFO",
  warn: "WARNING",
  warnings: "WARNING",
  err: "ERROR",
  errors: "ERROR",
  crit: "CRITICAL",
  fatal: "CRITICAL",
  panic: "CRITICAL",
  alert: "CRITICAL",
  emerg: "CRITICAL",
  emergency: "CRITICAL",
} as const;

const NOT_SILENT = "The log can't be turned off; CRITICAL logs the least.";

const NO_LOG = { silent: NOT_SILENT, off: NOT_SILENT, none: NOT_SILENT, quiet: NOT_SILENT };

/** The settings of the server itself: each is `FASTMCP_` and its name. */
export const serverFields = {
  serverAuth: text({
    description:
      "What protects the server: a provider's class path or short name, a module of your own (./auth.js#MyProvider), or none",
    example: "fastmcp.server.auth.providers.auth0.Auth0Provider",
  }),
  host: text({
    description:
      "The address to listen on; 0.0.0.0 for all, as in a container. Default on a known hosting platform, such as Cloud Run or Heroku: 0.0.0.0, unless nothing protects the server",
    example: "127.0.0.1",
    default: "127.0.0.1",
  }),
  port: integer({
    description: "The TCP port to listen on. Left out on a known hosting platform: its PORT",
    example: "8000",
    default: 8000,
    min: 0,
    max: 65_535,
  }),
  metricsPort: integer({
    description:
      "A second TCP port, where /metrics has figures for Prometheus. Needs the package prom-client. Left out: none",
    example: "9464",
    min: 0,
    max: 65_535,
  }),
  metricsHost: text({
    description: "The address of that port; 0.0.0.0 for all. Whoever can reach it can read the figures",
    example: "0.0.0.0",
    default: "127.0.0.1",
  }),
  streamableHttpPath: path({ description: "The path of the MCP endpoint", example: "/mcp", default: "/mcp" }),
  logLevel: choice(
    ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"],
    {
      description: "The lowest level that is logged. Names of other loggers, such as warn or fatal, are accepted",
      example: "INFO",
      default: "INFO",
    },
    { aliases: LOG_LEVELS, refusals: NO_LOG },
  ),
  logFormat: choice(["auto", "text", "json", "google-cloud"], {
    description:
      "Format of the log: text, json, or google-cloud (JSON with the severity and message that Google Cloud Logging reads). auto is text on a terminal and json elsewhere",
    example: "google-cloud",
    default: "auto",
  }),
  logStream: choice(["stderr", "stdout"], {
    description: "Where the log is written. Over stdio it must be stderr, as standard output carries the protocol",
    example: "stdout",
    default: "stderr",
  }),
  landingPage: flag({
    description:
      "Whether somebody who opens the MCP endpoint in a browser reads how to connect. The status is 401 as for programs; run() also shows the page at /",
    example: "false",
    default: true,
  }),
  logRequests: flag({
    description:
      "Whether the log has a line for each HTTP request: method, path, status and time, never a query. Default: on a terminal only",
    example: "true",
    optional: true,
  }),
  logSubjects: flag({
    description:
      "Whether the log names the user of each call, by the subject of the token; the client and the login are always named",
    example: "true",
    default: false,
  }),
  logArguments: choice(["none", "digest"], {
    description:
      "What the log shows of a call's arguments: nothing, or a digest under a key derived from the signing key. Calls with the same arguments have the same digest",
    example: "digest",
    default: "none",
  }),
  dev: flag({
    description:
      "Whether the server of run() keeps running after an uncaught error, such as a forgotten await, and runs the matching checks of doctor after a failed login. For development",
    example: "true",
    default: false,
  }),
  transport: choice(
    ["http", "stdio"],
    { description: "How clients reach the server", example: "http", default: "http" },
    {
      aliases: { "streamable-http": "http" },
      refusals: { sse: "The HTTP+SSE transport is gone from MCP; http serves every current client." },
    },
  ),
  httpAllowedHosts: stringList({
    description: "Host names that the server answers to, beside the one of BASE_URL and loopback; * for any",
    example: "mcp.internal.example.com",
    default: [],
    emptyIsNone: true,
    item: checkHost,
  }),
  httpAllowedOrigins: stringList({
    description: "Origins of web pages that may call the MCP endpoint, beside the one of BASE_URL; * for any",
    example: "https://app.example.com",
    default: [],
    emptyIsNone: true,
    item: checkOrigin,
  }),
  storageUrl: storageUrl({
    description: "Where used and denied ids are kept; Redis shares them among replicas",
    example: "redis://localhost:6379",
    default: "memory://",
  }),
  rateLimit: integer({
    description:
      "Requests a minute and address on the open endpoints, and tokens that the provider refuses when it is asked about each. Above 240, also refreshes of one user; 0 for no limit",
    example: "120",
    default: 120,
    min: 0,
  }),
  quotaPerUser: integer({
    description:
      "Requests a minute that one user may make to the MCP endpoint, through all clients together; 0 for no limit. Machines count as clients",
    example: "120",
    default: 0,
    min: 0,
  }),
  quotaPerClient: integer({
    description:
      "Requests a minute that one user may make to the MCP endpoint through one client, and that one machine may make; 0 for no limit",
    example: "60",
    default: 0,
    min: 0,
  }),
  maxBodyBytes: integer({
    description: "The longest body of a request to the MCP endpoint, in bytes",
    example: "4194304",
    default: 4 * MEBIBYTE,
    min: 1024,
    max: 64 * MEBIBYTE,
  }),
  maxBodyValues: integer({
    description:
      "The most values in such a body: its commas, colons and opening brackets. What checks a body may take a thousand times as long and as much memory as parsing it",
    example: "50000",
    default: 50_000,
    min: 100,
  }),
  maxSubscriptions: integer({
    description:
      "The most streams of changes (subscriptions/listen, or the GET of a session up to 2025-11-25) that one process has open at once, shared fairly among users",
    example: "1024",
    default: 1024,
    min: 1,
  }),
  maxCallsPerUser: integer({
    description:
      "The most calls of one user that one process works on at once; each message of a batch counts. Up to 512 more wait, for 30 seconds at most, and others get 429. Without a token, the calls from one address count as one user's",
    example: "32",
    default: 32,
    min: 1,
  }),
  ...gatewayFields,
  trustProxy: integer({
    description: "The number of reverse proxies in front, for the address of the client",
    example: "1",
    default: 0,
    min: 0,
    max: 100,
  }),
  accessTokenTtl: integer({
    description: "The longest life of an access token, in seconds",
    example: "3600",
    default: 3600,
    min: 1,
    max: 3600,
  }),
  sessionTtl: integer({
    description: "The longest time from a login to the next, in seconds",
    example: "2592000",
    default: 30 * DAY,
    min: 1,
    max: 3650 * DAY,
  }),
  tokenEpoch: text({
    description: "Any text; a change ends all sessions and keeps registrations",
    example: "2",
    keepsEnds: true,
    default: "",
  }),
  authorizationFile: file({
    description:
      "A JSON policy that says who may use which tool, resource and prompt, on top of what the code asks for (docs/authorization.md)",
    example: "authorization.json",
  }),
  loginScopes: choice(["required", "all"], {
    description:
      "Which scopes a login asks for if its client names none: all that any tool asks for, or only those that every token needs, which lets clients ask for more when a call needs it. Left out: what the provider is known to take, all at Auth0 and required elsewhere; the start says which and why",
    example: "all",
  }),
  challengeDialect: choice(["auto", ...DIALECTS], {
    description:
      "How clients are told that a call needs a login or more scopes: sdk (HTTP status and challenge), chatgpt or claude (a result of the tool). auto is each client's own, by its registration, its metadata document or what it says with a request",
    example: "auto",
    default: "auto",
  }),
  tokenFormat: choice(["sealed", "reference"], {
    description:
      "What clients get: sealed tokens, or references of 47 characters to tokens in Redis, for clients that can't keep long ones",
    example: "sealed",
    default: "sealed",
  }),
  operatorName: text({
    description: "Who runs the server, for the people who see its pages, such as the name of a company",
    example: "Acme Inc.",
    optional: true,
  }),
  helpUrl: httpUrl({
    description: "A page with help, which every page that people see links to",
    example: "https://acme.example.com/help",
    optional: true,
  }),
  privacyUrl: httpUrl({
    description: "The privacy policy, which every page that people see links to",
    example: "https://acme.example.com/privacy",
    optional: true,
  }),
  termsUrl: httpUrl({
    description: "The terms of service, which every page that people see links to",
    example: "https://acme.example.com/terms",
    optional: true,
  }),
  scopeDescriptions: stringRecord({
    description:
      "What scopes allow, for the consent page: a short sentence for each, in words that your users know. A JSON object",
    example: '{"weather:read":"Read the weather"}',
    default: {},
  }),
  startPatience: integer({
    description:
      "Seconds for which the provider's metadata address may answer with 404, 403, a web page or the like before the start fails: gateways do so while a cluster starts. Default: 120, and 0 on a terminal",
    example: "120",
    min: 0,
    max: 3600,
  }),
  sdkFastPath: flag({
    description:
      "Whether calls bypass parts of the MCP SDK's HTTP handler to be quick; false when you look for the cause of a problem",
    example: "false",
    default: true,
  }),
};

/** The server's own settings, read and checked. */
export type ServerSettings = FieldValues<typeof serverFields>;

/** What is wrong with settings that are fine by themselves. */
export function checkServerSettings({ tokenFormat, storageUrl }: Partial<ServerSettings>): ConfigProblem[] {
  if (tokenFormat !== "reference" || !storageUrl?.startsWith("memory:")) {
    return [];
  }
  const message = `is reference, which keeps tokens in Redis, so ${SERVER_PREFIX}STORAGE_URL must name one, such as redis://localhost:6379. Without Redis, leave it at sealed.`;
  return [{ variable: `${SERVER_PREFIX}TOKEN_FORMAT`, message }];
}

function checkHost(item: string): string {
  if (item === "*") {
    return item;
  }
  const url = /[/*@?#]/.test(item) ? undefined : parseUrl(`http://${item}`);
  if (url === undefined) {
    throw new InvalidValue("An item is no host name; write it without https:// and without a path.");
  }
  return url.host;
}

function checkOrigin(item: string): string {
  if (item === "*") {
    return item;
  }
  const url = item.includes("://") ? parseUrl(item) : undefined;
  if (url === undefined || url.host === "" || !["", "/"].includes(url.pathname) || /[?#@]/.test(item)) {
    throw new InvalidValue("An item is no origin; write scheme://host, with the port if there is one, and no path.");
  }
  return url.origin === "null" ? `${url.protocol}//${url.host}` : url.origin;
}

/** Variables of FastMCP 2.x that mean nothing here and do no harm: an old `.env` may keep them. */
export const HARMLESS_VARIABLES: readonly string[] = [
  "CLIENT_INIT_TIMEOUT",
  "CLIENT_LOG_LEVEL",
  "CLIENT_RAISE_FIRST_EXCEPTIONGROUP_ERROR",
  "CHECK_FOR_UPDATES",
  "DEBUG",
  "DEPRECATION_WARNINGS",
  "ENABLE_RICH_LOGGING",
  "ENABLE_RICH_TRACEBACKS",
  "EXPERIMENTAL_ENABLE_NEW_OPENAPI_PARSER",
  "HOME",
  "INCLUDE_FASTMCP_META",
  "JSON_RESPONSE",
  "LOG_ENABLED",
  "MASK_ERROR_DETAILS",
  "MESSAGE_PATH",
  "MOUNTED_COMPONENTS_RAISE_ON_LOAD_ERROR",
  "ON_DUPLICATE_PROMPTS",
  "ON_DUPLICATE_RESOURCES",
  "ON_DUPLICATE_TOOLS",
  "RESOURCE_PREFIX_FORMAT",
  "DECORATOR_MODE",
  "SERVER_DEPENDENCIES",
  "SHOW_CLI_BANNER",
  "SHOW_SERVER_BANNER",
  "SSE_PATH",
  "STATELESS_HTTP",
  "STRICT_INPUT_VALIDATION",
  "TEST_MODE",
  "TOOL_ATTEMPT_PARSE_JSON_ARGS",
].map((name) => `${SERVER_PREFIX}${name}`);

/**
 * Variables of FastMCP 2.x that hid tools, resources and prompts by their tags, as messages that follow the name. This
 * server does not support tags: what was hidden is shown.
 */
export const HIDING_VARIABLES: ReadonlyMap<string, string> = new Map(
  ["INCLUDE_TAGS", "EXCLUDE_TAGS"].map((name) => [
    `${SERVER_PREFIX}${name}`,
    `hid tools, resources and prompts by tag in FastMCP. This server does not support tags, and shows everything that is registered. Remove what must stay hidden, or require a scope or role (${SERVER_PREFIX}AUTHORIZATION_FILE). Then remove this variable.`,
  ]),
);

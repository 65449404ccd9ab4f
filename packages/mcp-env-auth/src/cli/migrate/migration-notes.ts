/** What a variable of FastMCP 2.x means here, where that is not simply the same. */
export interface MigrationNote {
  readonly verdict: "safer" | "no meaning";
  readonly note: string;
}

const safer = (note: string): MigrationNote => ({ verdict: "safer", note });

/** By the field of a provider's declaration. */
export const PROVIDER_NOTES: Readonly<Record<string, MigrationNote>> = {
  allowedClientRedirectUris: safer(
    "Patterns are compared part by part (scheme, host, port, path), and what they don't allow is refused: FastMCP compares one text and then allows what the client registered all the same.",
  ),
  baseUrl: safer(
    "The only source of this server's URLs, whatever a request's Host says; http is for this machine only.",
  ),
  clientSecret: safer("Checked at the start, and never in a log, an error or a page."),
  issuerUrl: safer("The issuer in every document and every redirect; FastMCP 2.x names BASE_URL in some of them."),
  jwtSigningKey: safer(
    "Encrypts all that this server hands out; nothing is stored. A session of the Python server does not go on: users log in once more.",
  ),
};

/** By the variable's name without FASTMCP_. */
export const SERVER_NOTES: Readonly<Record<string, string>> = {
  DEBUG: "Set FASTMCP_LOG_LEVEL=DEBUG for more in the log.",
  HOME: "Nothing is kept on disk.",
  EXCLUDE_TAGS: "It lists no tags, so it hides nothing.",
  EXPERIMENTAL_ENABLE_NEW_OPENAPI_PARSER: "No tools are made of an OpenAPI document.",
  INCLUDE_FASTMCP_META: "Lists have no FastMCP entry in _meta.",
  INCLUDE_TAGS: "It lists no tags, so it hides nothing.",
  LOG_ENABLED: "The log can't be turned off; FASTMCP_LOG_LEVEL=CRITICAL logs the least.",
  MOUNTED_COMPONENTS_RAISE_ON_LOAD_ERROR: "Servers can't be mounted into one another.",
  ON_DUPLICATE_PROMPTS: "A name that is registered twice always ends the start.",
  ON_DUPLICATE_RESOURCES: "A name that is registered twice always ends the start.",
  ON_DUPLICATE_TOOLS: "A name that is registered twice always ends the start.",
  RESOURCE_PREFIX_FORMAT: "Servers can't be mounted into one another.",
  SERVER_DEPENDENCIES: "Dependencies are in package.json.",
  STRICT_INPUT_VALIDATION:
    'A tool\'s schema is always strict. FastMCP makes a number of the text "10" unless this is true; z.coerce does so here.',
  TOOL_ATTEMPT_PARSE_JSON_ARGS: "Arguments are never parsed again.",
  JSON_RESPONSE: "The client says which form of answer it takes.",
  MASK_ERROR_DETAILS: "A tool's errors are always masked, unless it throws a ToolError.",
  MESSAGE_PATH: "The HTTP+SSE transport is gone from MCP.",
  SSE_PATH: "The HTTP+SSE transport is gone from MCP.",
  STATELESS_HTTP: "Every request stands alone, always.",
};

const TRUE = /^(?:1|true|t|yes|y|on)$/i;
const LENIENT = /^(?:warn|replace|ignore)$/i;

const DUPLICATES =
  "FastMCP accepted a name that was registered twice. This server does not start with it: give each its own name, and remove this variable.";

/**
 * Values that ask for behavior that differs here, so that the server's code must change. By the name without FASTMCP_.
 */
const CHANGED: Readonly<Record<string, readonly [value: RegExp, note: string]>> = {
  ON_DUPLICATE_PROMPTS: [LENIENT, DUPLICATES],
  ON_DUPLICATE_RESOURCES: [LENIENT, DUPLICATES],
  ON_DUPLICATE_TOOLS: [LENIENT, DUPLICATES],
  TOOL_ATTEMPT_PARSE_JSON_ARGS: [
    TRUE,
    "FastMCP parsed arguments that were strings of JSON. Here the tool's schema decides. If a client sends such strings, use z.preprocess. Then remove this variable.",
  ],
};

/** Says what must change because a variable asks for behavior that differs here; `undefined` if nothing must. */
export function changedMeaning(name: string, value: string): string | undefined {
  const [values, note] = CHANGED[name.replace(/^FASTMCP_/, "")] ?? [];
  return values?.test(value.trim()) ? note : undefined;
}

/** What holds whatever the file says. */
export const GENERAL_NOTES: readonly string[] = [
  "Every login asks for consent, in the browser that began it; a link from somebody else's login leads nowhere (CVE-2026-27124, which no 2.x release fixes).",
  "Tokens are for one MCP URL: another server's are refused, and a refresh token is no access token (CVE-2025-69196).",
  "A JWT must say when it ends (exp), and is refused before its nbf; FastMCP 2.x asks for neither.",
  "Redirect URIs must be registered by the client, exactly but for the port of a loopback host.",
  "Registrations and sessions are carried by clients, encrypted: no disk store (CVE-2025-69872), nothing to lose at a restart, nothing to share between replicas but this file.",
  "Without a provider the server does not start. FastMCP 3 ignores FASTMCP_SERVER_AUTH and serves everybody.",
  "MCP clients register and users log in once more after the move.",
];

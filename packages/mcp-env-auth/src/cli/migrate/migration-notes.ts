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
  JSON_RESPONSE: "The client says which form of answer it takes.",
  MASK_ERROR_DETAILS: "A tool's errors are always masked, unless it throws a ToolError.",
  MESSAGE_PATH: "The HTTP+SSE transport is gone from MCP.",
  SSE_PATH: "The HTTP+SSE transport is gone from MCP.",
  STATELESS_HTTP: "Every request stands alone, always.",
};

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

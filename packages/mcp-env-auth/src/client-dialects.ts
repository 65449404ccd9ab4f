/** The forms in which a client is told that it may not do something. They say the same, and decide nothing. */
export const DIALECTS = ["sdk", "chatgpt", "claude"] as const;

/**
 * How a client is refused:
 *
 * - `sdk`: by HTTP statuses with a challenge (MCP, Authorization; SEP-2350). The default.
 * - `chatgpt`: a scope that is missing, or a login, by a result of the tool with the challenge in its `_meta`.
 * - `claude`: what a login can't change, by a result of the tool without a challenge.
 */
export type Dialect = (typeof DIALECTS)[number];

/** FASTMCP_CHALLENGE_DIALECT. `auto`: each client's own. */
export type DialectSetting = Dialect | "auto";

/** What a client says of itself, by what is said first: the id of its login before what it says with each request. */
export interface ClientWords {
  /** Its client id, where that is the URL of its metadata document. */
  readonly document?: string | undefined;
  /** `client_name` of its registration or document (RFC 7591 section 2). */
  readonly name?: string | undefined;
  /** `clientInfo.name` (MCP, Implementation). */
  readonly clientInfo?: string | undefined;
  /** The header User-Agent (RFC 9110 section 10.1.5). Of a request without a token, all there may be. */
  readonly userAgent?: string | undefined;
}

/** A client whose words are known. */
export interface KnownClient extends Readonly<Partial<Record<keyof ClientWords, RegExp>>> {
  readonly client: string;
  readonly dialect: Dialect;
  /** Where its dialect is described or was seen. */
  readonly source: { readonly url: string; readonly date: string };
}

const NOVEMBER = "2026-11-30";

/** The first row that knows a word counts. None of these clients registers a `software_id`. */
export const KNOWN_CLIENTS: readonly KnownClient[] = [
  {
    client: "Codex",
    dialect: "sdk",
    source: { url: "https://developers.openai.com/codex/mcp", date: NOVEMBER },
    document: /^https:\/\/chatgpt\.com\/oauth\/codex\//,
    name: /^Codex$/,
    clientInfo: /^codex-mcp-client$/,
  },
  {
    client: "ChatGPT",
    dialect: "chatgpt",
    source: { url: "https://developers.openai.com/apps-sdk/build/auth", date: NOVEMBER },
    document: /^https:\/\/chatgpt\.com\//,
    name: /^ChatGPT$/,
    clientInfo: /^openai-mcp$/,
    userAgent: /^openai-mcp\//,
  },
  {
    client: "Claude Code",
    dialect: "sdk",
    source: { url: "https://code.claude.com/docs/en/mcp", date: NOVEMBER },
    document: /^https:\/\/claude\.ai\/oauth\/claude-code-client-metadata$/,
    name: /^Claude Code(?: \(|$)/,
    clientInfo: /^claude-code$/,
    userAgent: /^(?:Claude-User \()?claude-code\//,
  },
  {
    client: "Claude",
    dialect: "claude",
    source: {
      url: "https://support.anthropic.com/en/articles/11503834-building-custom-connectors-via-remote-mcp-servers",
      date: NOVEMBER,
    },
    document: /^https:\/\/claude\.(?:ai|com)\//,
    name: /^Claude$/,
    clientInfo: /^(?:Anthropic\/ClaudeAI|claude-ai)$/,
    userAgent: /^Claude-User(?:$|[ /])/,
  },
  {
    client: "Visual Studio Code",
    dialect: "sdk",
    source: { url: "https://github.com/microsoft/vscode/blob/main/src/vs/base/common/oauth.ts", date: NOVEMBER },
    document: /^https:\/\/vscode\.dev\//,
    name: /^Visual Studio Code/,
    clientInfo: /^Visual Studio Code/,
  },
  {
    client: "Cursor",
    dialect: "sdk",
    source: { url: "https://cursor.com/docs/mcp", date: NOVEMBER },
    name: /^Cursor$/,
    clientInfo: /^cursor-vscode/,
  },
];

/** In the order of {@link ClientWords}. */
const KINDS = ["document", "name", "clientInfo", "userAgent"] as const;

/** The client that a word names; `undefined` where none of the words is known. */
export function knownClient(words: ClientWords): KnownClient | undefined {
  for (const kind of KINDS) {
    const word = words[kind];
    const found = word === undefined ? undefined : KNOWN_CLIENTS.find((client) => client[kind]?.test(word));
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

export function isDialect(value: unknown): value is Dialect {
  return (DIALECTS as readonly unknown[]).includes(value);
}

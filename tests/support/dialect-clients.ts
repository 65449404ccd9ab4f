import type { Dialect } from "../../packages/mcp-env-auth/src/client-dialects.ts";

/** A client of the table of dialects: what it was recorded to send, and what it does about a refusal. */
export interface DialectClient {
  /** As the table has it. */
  readonly client: string;
  readonly dialect: Dialect;
  /** What it registers: the name of a recorded client. */
  readonly recording: string;
  readonly revision: "2025-11-25" | "2026-07-28";
  /** Whether it logs in for more scopes when it reads that it needs them. */
  readonly stepsUp: boolean;
  /** Of one that does not: a part of what its user reads. */
  readonly refusal: string;
  message(method: string, params: object): { headers: Record<string, string>; body: object };
  /** Its first request. */
  opening(): [method: string, params: object];
}

interface Recorded extends Pick<DialectClient, "client" | "recording" | "revision" | "stepsUp"> {
  readonly dialect?: Dialect;
  readonly refusal?: string;
  readonly clientInfo: string;
  readonly userAgent: string;
}

const NEEDS_WRITE = "The tool write needs the scope weather:write.";

export const DIALECT_CLIENTS: readonly DialectClient[] = [
  recorded({
    client: "ChatGPT",
    dialect: "chatgpt",
    recording: "chatgpt",
    revision: "2025-11-25",
    stepsUp: true,
    clientInfo: "openai-mcp",
    userAgent: "openai-mcp/1.0.0",
  }),
  recorded({
    client: "Claude",
    dialect: "claude",
    recording: "claude",
    revision: "2026-07-28",
    stepsUp: false,
    refusal: `${NEEDS_WRITE} Logins from here don't ask for it.`,
    clientInfo: "Anthropic/ClaudeAI",
    userAgent: "Claude-User",
  }),
  recorded({
    client: "Claude Code",
    recording: "claude-code",
    revision: "2026-07-28",
    stepsUp: true,
    clientInfo: "claude-code",
    userAgent: "claude-code/2.1.197 (cli)",
  }),
  recorded({
    client: "Codex",
    recording: "codex",
    revision: "2026-07-28",
    stepsUp: false,
    clientInfo: "codex-mcp-client",
    userAgent: "codex-mcp-client/0.171.0",
  }),
  recorded({
    client: "Visual Studio Code",
    recording: "vscode",
    revision: "2025-11-25",
    stepsUp: true,
    clientInfo: "Visual Studio Code",
    userAgent: "node",
  }),
  recorded({
    client: "Cursor",
    recording: "cursor",
    revision: "2025-11-25",
    stepsUp: true,
    clientInfo: "cursor-vscode",
    userAgent: "node",
  }),
];

function recorded(given: Recorded): DialectClient {
  const { clientInfo: name, userAgent, ...client } = given;
  const clientInfo = { name, version: "1.0.0" };
  const isModern = given.revision === "2026-07-28";
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": given.revision,
    "io.modelcontextprotocol/clientInfo": clientInfo,
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  return {
    dialect: "sdk",
    refusal: NEEDS_WRITE,
    ...client,
    message: (method, params) => ({
      headers: {
        "Content-Type": "application/json",
        Accept: "application/json, text/event-stream",
        "User-Agent": userAgent,
        "MCP-Protocol-Version": given.revision,
        ...(isModern && { "Mcp-Method": method, ...("name" in params && { "Mcp-Name": String(params.name) }) }),
      },
      body: { jsonrpc: "2.0", id: 7, method, params: { ...params, ...(isModern && { _meta }) } },
    }),
    opening: () =>
      isModern
        ? ["server/discover", {}]
        : ["initialize", { protocolVersion: given.revision, capabilities: {}, clientInfo }],
  };
}

interface Answer {
  readonly status: number;
  readonly challenge: string | null;
  readonly body?: { readonly result?: { readonly isError?: boolean; readonly _meta?: Record<string, string[]> } };
}

/**
 * Whether a client logs its user in upon an answer: ChatGPT by a result, Claude upon each refusal, others by SEP-2350.
 */
export function wantsLogin({ dialect, stepsUp }: DialectClient, { status, challenge, body }: Answer): boolean {
  if (status === 401) {
    return true;
  }
  switch (dialect) {
    case "chatgpt":
      return body?.result?.isError === true && body.result._meta?.["mcp/www_authenticate"] !== undefined;
    case "claude":
      return status === 403;
    case "sdk":
      return stepsUp && status === 403 && challenge?.includes('error="insufficient_scope"') === true;
  }
}

/** The scopes of an answer's challenge, wherever it stands. */
export function scopeIn({ challenge, body }: Answer): string {
  const [inResult] = body?.result?._meta?.["mcp/www_authenticate"] ?? [];
  return /\bscope="([^"]*)"/.exec(inResult ?? challenge ?? "")?.[1] ?? "";
}

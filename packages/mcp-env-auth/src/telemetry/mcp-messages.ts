import type { IncomingMessage } from "node:http";

/** What is recorded of a JSON-RPC message to the MCP endpoint. */
export interface McpMessage {
  /** Its place in the body, from 0. */
  readonly position: number;
  /** `mcp.method.name` and what it is used on, for the span's name. */
  readonly name: string;
  /** Few values each: what a metric may be told apart by. */
  readonly dimensions: Readonly<Record<string, string>>;
  /** Further ones, for the span. */
  readonly details: Readonly<Record<string, string>>;
  /** `traceparent`, `tracestate` and `baggage` of `params._meta` (MCP SEP-414). */
  readonly carrier: Readonly<Record<string, string>> | undefined;
}

const METHODS = new Set([
  "completion/complete",
  "initialize",
  "logging/setLevel",
  "notifications/cancelled",
  "notifications/initialized",
  "notifications/message",
  "notifications/progress",
  "notifications/roots/list_changed",
  "ping",
  "prompts/get",
  "prompts/list",
  "resources/list",
  "resources/read",
  "resources/subscribe",
  "resources/templates/list",
  "resources/unsubscribe",
  "server/discover",
  "subscriptions/listen",
  "tasks/cancel",
  "tasks/get",
  "tasks/update",
  "tools/call",
  "tools/list",
]);
const OTHER = "_OTHER";

/** Messages of a batch beyond this many are not recorded. */
const MAX_MESSAGES = 20;

/** How many names that nobody declared are told apart in a process. Clients choose them; servers have fewer. */
const MAX_NAMES = 200;

/** Names as MCP has them (SEP-986), too short for a token. Of those that nobody declared, nothing else is repeated. */
const NAME = /^[A-Za-z0-9_./-]{1,40}$/;
const TRACE_KEYS = ["traceparent", "tracestate", "baggage"] as const;
const MAX_CARRIED = 8192;

export interface MessageReader {
  /** The names of tools and prompts that the server has: no others are recorded then. */
  declare(names: Iterable<string>): void;
  read(request: IncomingMessage, body: unknown): readonly McpMessage[];
}

/** Reads what the OpenTelemetry conventions for MCP record, and nothing of what a caller sent to a tool. */
export function createMessageReader(): MessageReader {
  const declared = new Set<string>();
  const met = new Set<string>();

  /** What is on offer. Where that is not known, any name, as long as there are few of them. */
  function nameOf(value: unknown): string {
    if (typeof value !== "string") {
      return OTHER;
    }
    if (declared.size === 0 && NAME.test(value) && met.size < MAX_NAMES) {
      met.add(value);
    }
    return declared.has(value) || met.has(value) ? value : OTHER;
  }

  function read(request: IncomingMessage, message: unknown, position: number): McpMessage[] {
    if (!isRecord(message) || typeof message.method !== "string") {
      return [];
    }
    const method = METHODS.has(message.method) ? message.method : OTHER;
    const params = isRecord(message.params) ? message.params : {};
    const meta = isRecord(params._meta) ? params._meta : {};
    const target = method === "tools/call" || method === "prompts/get" ? nameOf(params.name) : undefined;
    const version = versionOf(request, meta);
    return [
      {
        position,
        name: target === undefined || target === OTHER ? method : `${method} ${target}`,
        dimensions: {
          "mcp.method.name": method,
          "network.transport": "tcp",
          "network.protocol.name": "http",
          ...(version !== undefined && { "mcp.protocol.version": version }),
          ...(method === "tools/call" && { "gen_ai.operation.name": "execute_tool" }),
          ...(target !== undefined && {
            [method === "tools/call" ? "gen_ai.tool.name" : "gen_ai.prompt.name"]: target,
          }),
        },
        details: requestId(message.id),
        carrier: carrierOf(meta),
      },
    ];
  }

  return {
    declare(names) {
      for (const name of names) {
        declared.add(name);
      }
    },
    read: (request, body) =>
      [body]
        .flat()
        .slice(0, MAX_MESSAGES)
        .flatMap((message, position) => read(request, message, position)),
  };
}

function requestId(id: unknown): Record<string, string> {
  return Number.isSafeInteger(id) ? { "jsonrpc.request.id": String(id) } : {};
}

function versionOf(request: IncomingMessage, meta: Readonly<Record<string, unknown>>): string | undefined {
  const version = meta["io.modelcontextprotocol/protocolVersion"] ?? request.headers["mcp-protocol-version"];
  return typeof version === "string" && /^20[2-4]\d-[01]\d-[0-3]\d$/.test(version) ? version : undefined;
}

function carrierOf(meta: Readonly<Record<string, unknown>>): Record<string, string> | undefined {
  const carried = TRACE_KEYS.flatMap((key) => {
    const value = meta[key];
    return typeof value === "string" && value.length <= MAX_CARRIED ? [[key, value] as const] : [];
  });
  return carried.some(([key]) => key === "traceparent") ? Object.fromEntries(carried) : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

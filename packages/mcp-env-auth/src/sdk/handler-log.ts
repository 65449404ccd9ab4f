import type {
  BaseContext,
  LoggingLevel,
  McpServer,
  MessageExtraInfo,
  ServerContext,
} from "@modelcontextprotocol/server";
import { currentAccessToken } from "../access-token.ts";
import type { Logger } from "../logger.ts";
import type { LogLevels } from "../sessions/log-levels.ts";
import { clientOf } from "./web-request.ts";
import { wrapRequestHandlers } from "./wrap-request-handlers.ts";

/** The longest line of a handler's in the server's log, in characters, and how many one request may write. */
const MAX_LINE = 4000;
const MAX_LINES = 100;

/** The severities of RFC 5424 section 6.2.1, the least severe first, and the server's own. */
const SEVERITIES: readonly (readonly [LoggingLevel, keyof Logger])[] = [
  ["debug", "debug"],
  ["info", "info"],
  ["notice", "info"],
  ["warning", "warn"],
  ["error", "error"],
  ["critical", "error"],
  ["alert", "error"],
  ["emergency", "error"],
];

const severityOf = (level: string) => SEVERITIES.findIndex(([name]) => name === level);

interface ContextBuilder {
  buildContext(context: BaseContext, extra?: MessageExtraInfo): ServerContext;
}

/**
 * Has what handlers log by `ctx.mcpReq.log` reach the server's log, and the client as it wants: up to 2025-11-25 by its
 * `logging/setLevel`, which it may have sent in another request. The SDK's server knows that of 2026-07-28 itself.
 */
export function logOfHandlers(built: McpServer, levels: LogLevels | undefined, logger: Logger): void {
  const builder = built.server as unknown as ContextBuilder;
  const buildContext = builder.buildContext.bind(built.server);
  builder.buildContext = (base, extra) => {
    const context = buildContext(base, extra);
    const { log, method, envelope } = context.mcpReq;
    let lines = 0;
    return {
      ...context,
      mcpReq: {
        ...context.mcpReq,
        async log(level, data, name) {
          lines += 1;
          if (lines <= MAX_LINES) {
            write(logger, method, { level, data, name });
          }
          const key = envelope === undefined ? clientKey(extra?.request) : undefined;
          const known = key === undefined ? undefined : levels?.of(key);
          // Whoever does not await it is told of it all the same, as long as nothing has to be waited for.
          const wanted = known instanceof Promise ? await known : known;
          if (wanted === undefined || severityOf(level) >= severityOf(wanted)) {
            await log(level, data, name);
          }
        },
      },
    };
  };
}

const SET_LEVEL = "logging/setLevel";

/** Whether a body may set a level; one that is not known may. */
export function maySetLevel(body: unknown): boolean {
  return body === undefined || Array.isArray(body) || (body as { method?: unknown } | null)?.method === SET_LEVEL;
}

/** Has the level that a client sets count for its other requests. Call it before anything is registered. */
export function keepLogLevel(built: McpServer, levels: LogLevels): void {
  wrapRequestHandlers(built, (handler, method) => {
    if (method !== SET_LEVEL) {
      return handler;
    }
    return async (request, context) => {
      const answer = await handler(request, context);
      const key = clientKey(context.http?.req);
      if (key !== undefined) {
        await levels.set(key, (request as { params: { level: LoggingLevel } }).params.level);
      }
      return answer;
    };
  });
}

/** What the level of a client is kept under: its session, or else its user and itself. Strangers have none. */
function clientKey(request: Request | undefined): string | undefined {
  const token = currentAccessToken();
  return token && (clientOf(request)?.sessionKey ?? JSON.stringify([token.subject, token.clientId]));
}

interface Line {
  readonly level: LoggingLevel;
  readonly data: unknown;
  readonly name: string | undefined;
}

function write(logger: Logger, method: string, { level, data, name }: Line): void {
  const [, own = "info"] = SEVERITIES[severityOf(level)] ?? [];
  const fields = { event: "handler-log", method, ...(name !== undefined && { logger: shorten(String(name)) }) };
  logger[own](fields, shorten(typeof data === "string" ? data : toJson(data)));
}

function toJson(data: unknown): string {
  try {
    return JSON.stringify(data) ?? String(data);
  } catch {
    return "(what can't be written as JSON)";
  }
}

/** Without the caller's token, should the handler have logged that. */
function shorten(text: string): string {
  const token = currentAccessToken();
  const told = token === undefined ? text : text.replaceAll(tokenIn(token), "[token]");
  return told.length > MAX_LINE ? `${told.slice(0, MAX_LINE)}…` : told;
}

/** In some sessions there is none, and reading it says so. */
function tokenIn(token: { readonly token: string }): string {
  try {
    return token.token || "\0";
  } catch {
    return "\0";
  }
}

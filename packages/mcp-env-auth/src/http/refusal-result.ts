import type { Dialect } from "../client-dialects.ts";
import { isModern } from "./json-rpc.ts";

/** Where ChatGPT looks for the challenges of a tool's result. */
const CHALLENGES_META = "mcp/www_authenticate";

/** Why a call is refused, for people and for clients. */
export interface RefusedCall {
  /** `login`: it takes a token. `scopes`: it takes more scopes. `account`: no login changes it. */
  readonly kind: "login" | "scopes" | "account";
  readonly text: string;
  /** As in `WWW-Authenticate`. */
  readonly challenges: readonly string[];
}

/**
 * The answer to the call of a tool that is refused, in a dialect that has it as a result of the tool; `undefined` where
 * the HTTP response says it: in other dialects, for other requests, for batches.
 *
 * Whether it is one depends on the dialect and on what was sent, never on what there is.
 */
export function refusalResult(body: unknown, dialect: Dialect, refused: RefusedCall): object | undefined {
  if (!isToolCall(body) || !hasResult(dialect, refused.kind)) {
    return undefined;
  }
  const result = {
    ...(isModern(body) && { resultType: "complete" }),
    isError: true,
    content: [{ type: "text", text: refused.text }],
    ...(dialect === "chatgpt" && { _meta: { [CHALLENGES_META]: refused.challenges } }),
  };
  return { jsonrpc: "2.0", id: body.id, result };
}

/**
 * ChatGPT opens its login on a challenge in a result alone. Claude takes each 403 for "connect again", which asks for
 * the scopes of the first login and so brings no others.
 */
function hasResult(dialect: Dialect, kind: RefusedCall["kind"]): boolean {
  switch (dialect) {
    case "chatgpt":
      return kind !== "account";
    case "claude":
      return kind !== "login";
    case "sdk":
      return false;
  }
}

function isToolCall(body: unknown): body is { readonly id: string | number } {
  const { jsonrpc, id, method } = (body ?? {}) as { jsonrpc?: unknown; id?: unknown; method?: unknown };
  return jsonrpc === "2.0" && method === "tools/call" && (typeof id === "string" || typeof id === "number");
}

import type { ServerResponse } from "node:http";
import { OAuthError, TOO_MANY_REQUESTS } from "../errors.ts";
import { CallAbandoned } from "./call-turns.ts";
import { INVALID_PARAMS, METHOD_NOT_FOUND, RESOURCE_NOT_FOUND } from "./json-rpc.ts";
import { Forbidden, InsufficientScope, InvalidMessage } from "./mcp-refusals.ts";

/**
 * How the use of a tool, prompt or resource ended:
 *
 * - `ok`; `input-required`: it asks its caller for more first.
 * - `error`: it failed, or says so itself.
 * - `refused`: its caller may not use it. `limited`: not now, because of a quota.
 * - `unknown`: there is none of that name. `invalid-arguments`, `invalid-request`: it did not run.
 * - `cancelled`: its client cancelled it, or left. `timed-out`: what it waited for took too long.
 */
export type CallOutcome =
  | "ok"
  | "input-required"
  | "error"
  | "refused"
  | "limited"
  | "unknown"
  | "invalid-arguments"
  | "invalid-request"
  | "cancelled"
  | "timed-out";

/** What is known of a call before its answer is sent. */
export interface CallNote {
  readonly outcome: CallOutcome;
  /** What the caller was told, and the log has the error under. */
  readonly reference?: string;
}

/** How the SDK's result begins when a schema refuses the arguments of a tool. */
const BY_SCHEMA = /^(?:MCP error -?\d+: )?(?:Input validation error|Invalid arguments for tool)/;

/** An answer of JSON-RPC, as far as its outcome goes. */
export interface AnswerMessage {
  readonly error?: { readonly code?: unknown; readonly message?: unknown };
  readonly result?: { readonly isError?: unknown; readonly content?: unknown; readonly resultType?: unknown };
}

/** @param isRegistered whether there is one of that name; `undefined` where that is not known. */
export function outcomeOfAnswer({ error, result }: AnswerMessage, isRegistered: boolean | undefined): CallOutcome {
  if (error !== undefined) {
    return outcomeOfError(error.code, String(error.message), isRegistered);
  }
  if (result?.isError === true) {
    const [part] = Array.isArray(result.content) ? (result.content as readonly { readonly text?: unknown }[]) : [];
    return typeof part?.text === "string" && BY_SCHEMA.test(part.text) ? "invalid-arguments" : "error";
  }
  return result?.resultType === "input_required" ? "input-required" : "ok";
}

function outcomeOfError(code: unknown, message: string, isRegistered: boolean | undefined): CallOutcome {
  if (code !== INVALID_PARAMS && code !== METHOD_NOT_FOUND && code !== RESOURCE_NOT_FOUND) {
    return "error";
  }
  const isMissing = code !== INVALID_PARAMS || /\bnot found\b/i.test(message);
  if (!isMissing) {
    return "invalid-arguments";
  }
  // What is there and looks as if it were not is hidden from its caller.
  return isRegistered ? "refused" : "unknown";
}

/** Of a request that was thrown out. */
export function outcomeOfRefusal(error: unknown): CallOutcome {
  if (error instanceof Forbidden || error instanceof InsufficientScope) {
    return "refused";
  }
  if (error instanceof InvalidMessage) {
    return "invalid-request";
  }
  if (error instanceof CallAbandoned) {
    return "cancelled";
  }
  return error instanceof OAuthError ? outcomeOfStatus(error.status) : "error";
}

/** Of a call that was answered by the HTTP response alone, or not at all. */
export function outcomeOfResponse(response: ServerResponse): CallOutcome {
  return response.destroyed && !response.writableEnded ? "cancelled" : outcomeOfStatus(response.statusCode);
}

/** The status of an answer whose client has left: the SDK's handler has it. */
export const CLIENT_LEFT = 499;

function outcomeOfStatus(status: number): CallOutcome {
  switch (status) {
    case TOO_MANY_REQUESTS:
      return "limited";
    case CLIENT_LEFT:
      return "cancelled";
    case 401:
    case 403:
      return "refused";
    default:
      return status >= 400 && status < 500 ? "invalid-request" : "error";
  }
}

import { type McpServer, ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/server";
import { Denied, HandlerFailure } from "../errors.ts";
import { findUnsendable } from "../lib/unwritable-json.ts";
import type { Logger } from "../logger.ts";
import { runRequest } from "../running-handler.ts";
import { describeRequest } from "./describe-request.ts";
import { isA, maskError } from "./error-masking.ts";
import { notedOutcome, noteOutcome } from "./noted-outcomes.ts";
import { unfitOutput } from "./unfit-output.ts";
import { clientOf } from "./web-request.ts";
import { wrapRequestHandlers } from "./wrap-request-handlers.ts";

/**
 * Masks what the handlers of `server` reject with, for every method: reads, prompts, lists and completions alike. The
 * SDK would send an error's own message, and what an output schema found wrong with a result. What is known of how a
 * call ended goes to its client, for the log. Call it before anything is registered.
 */
export function maskHandlerErrors(server: McpServer, logger: Logger): void {
  wrapRequestHandlers(server, (handler, method) => async (request, context) => {
    try {
      const result = await runRequest(
        () => describeRequest(method, request),
        () => handler(request, context),
      );
      if (method !== "tools/call") {
        return result;
      }
      const unfit = unfitOutput(request, result);
      return unfit === undefined
        ? result
        : toolError(maskError(unfit.fault, unfit.label, logger, context.mcpReq.signal));
    } catch (error) {
      const { label, thrown } =
        error instanceof HandlerFailure ? error : { label: describeRequest(method, request), thrown: error };
      if (isA(thrown, ProtocolError) && isWritable(thrown)) {
        throw thrown;
      }
      if (isA(thrown, Denied)) {
        noteOutcome(context.mcpReq.signal, { outcome: "refused" });
        throw new ProtocolError(ProtocolErrorCode.InvalidParams, thrown.message);
      }
      throw new Error(maskError(thrown, label, logger, context.mcpReq.signal));
    } finally {
      const note = notedOutcome(context.mcpReq.signal);
      if (note !== undefined) {
        clientOf(context.http?.req)?.note(context.mcpReq.id, note);
      }
    }
  });
}

/** Whether it can be sent: a request would stay without an answer otherwise. */
function isWritable({ message, data }: ProtocolError): boolean {
  return typeof message === "string" && findUnsendable(data ?? null) === undefined;
}

function toolError(text: string) {
  return { isError: true, content: [{ type: "text", text }] };
}

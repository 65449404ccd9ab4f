import type { ServerResponse } from "node:http";
import type { JSONRPCResultResponse } from "@modelcontextprotocol/server";
import { INTERNAL_ERROR } from "../http/json-rpc.ts";
import { sendJson } from "../http/oauth-error-response.ts";

/**
 * Sends what a request is answered as JSON (MCP 2026-07-28, Streamable HTTP, Sending Messages to the Server).
 *
 * @throws TypeError when it can't be written as JSON. The client gets an error then.
 */
export function sendAnswer(response: ServerResponse, answer: JSONRPCResultResponse): void {
  if (response.headersSent || response.destroyed) {
    return;
  }
  try {
    sendJson(response, 200, answer);
  } catch (error) {
    sendJson(response, 200, { jsonrpc: "2.0", id: answer.id, error: INTERNAL_ERROR });
    throw error;
  }
}

/**
 * A protocol revision that calls are made in.
 *
 * @typedef {"2026-07-28" | "2025-11-25"} Era
 *
 * @typedef {object} Requests A kind of request, each a little different from the one before.
 * @property {string} path
 * @property {Record<string, string>} headers
 * @property {(number: number) => string} body
 * @property {(status: number, text: string, number: number) => boolean} isAnswered Whether the answer is the right one.
 */

/** @type {readonly Era[]} */
export const ERAS = ["2026-07-28", "2025-11-25"];

/**
 * Calls of one tool. Every call says another number, and only an answer with the same number counts.
 *
 * @param {Era} era
 * @param {{ tool: string, token: string | undefined }} options
 * @returns {Requests}
 */
export function toolCalls(era, { tool, token }) {
  const modern = era === "2026-07-28";
  return {
    path: "/mcp",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": era,
      ...(modern && { "mcp-method": "tools/call", "mcp-name": tool }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body(number) {
      const _meta = {
        "io.modelcontextprotocol/protocolVersion": era,
        "io.modelcontextprotocol/clientInfo": { name: "bench", version: "1.0.0" },
        "io.modelcontextprotocol/clientCapabilities": {},
      };
      return JSON.stringify({
        jsonrpc: "2.0",
        id: number,
        method: "tools/call",
        params: { name: tool, arguments: { text: `caller ${number}` }, ...(modern && { _meta }) },
      });
    },
    isAnswered: (status, text, number) =>
      status === 200 && text.includes(`Hello, caller ${number}!`) && !text.includes('"isError":true'),
  };
}

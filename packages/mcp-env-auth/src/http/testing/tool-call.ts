export const REVISIONS = ["2025-11-25", "2026-07-28"] as const;

/** What each request of revision 2026-07-28 says of its client (MCP 2026-07-28, Base Protocol, `_meta`). */
export const CLIENT_META = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "t", version: "1" },
  "io.modelcontextprotocol/clientCapabilities": {},
};

/** A call of the tool `name` without arguments, as a client of `revision` posts it. */
export function toolCall(revision: (typeof REVISIONS)[number], name: string, meta: object = {}) {
  const isModern = revision === "2026-07-28";
  const _meta = { ...(isModern && CLIENT_META), ...meta };
  return {
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      "MCP-Protocol-Version": revision,
      ...(isModern && { "Mcp-Method": "tools/call", "Mcp-Name": name }),
    },
    body: { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: {}, _meta } },
  };
}

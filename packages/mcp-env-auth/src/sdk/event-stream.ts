import type { ServerResponse } from "node:http";
import type { JSONRPCMessage } from "@modelcontextprotocol/server";

/** As often as the SDK's own transports say that a stream is alive, in milliseconds. */
const KEEP_ALIVE = 15_000;

const HEADERS = {
  "Content-Type": "text/event-stream",
  "Cache-Control": "no-cache, no-transform",
  "X-Accel-Buffering": "no",
};

/** A message as a server-sent event (MCP 2025-11-25, Streamable HTTP). */
export function toEvent(message: JSONRPCMessage): string {
  return `event: message\ndata: ${JSON.stringify(message)}\n\n`;
}

/** Says what follows on `response`, where that is not said yet. */
export function setEventHeaders(response: ServerResponse): void {
  if (response.headersSent) {
    return;
  }
  for (const [name, value] of Object.entries(HEADERS)) {
    response.setHeader(name, value);
  }
}

/** Begins a stream of events, and says now and then that it is alive. Returns what stops that. */
export function beginEvents(response: ServerResponse): () => void {
  setEventHeaders(response);
  response.flushHeaders();
  const timer = setInterval(() => {
    // A client that does not read learns nothing by it, and looks as if it did.
    if (response.writableLength === 0) {
      response.write(": keepalive\n\n");
    }
  }, KEEP_ALIVE).unref();
  return () => clearInterval(timer);
}

import type { McpServer, Transport } from "@modelcontextprotocol/server";
import type { CallLog, Calls } from "../http/call-log.ts";

/** Logs the calls that come to `server` by a connection that lasts, as on stdio. */
export function watchCalls(server: McpServer, log: CallLog): void {
  const connect = server.connect.bind(server);
  server.connect = async (transport) => {
    await connect(transport);
    watch(transport, log);
  };
}

function watch(transport: Transport, log: CallLog): void {
  const open = new Map<unknown, Calls>();
  const { onmessage, onclose } = transport;
  const send = transport.send.bind(transport);
  transport.onmessage = (message, extra) => {
    const { id, method, params } = message as { id?: unknown; method?: unknown; params?: { requestId?: unknown } };
    if (method === "notifications/cancelled") {
      end(params?.requestId);
    }
    const calls = log.begin(message, undefined);
    if (calls !== undefined) {
      open.set(id, calls);
    }
    onmessage?.(message, extra);
  };
  transport.send = async (message, options) => {
    await send(message, options);
    const { id, method } = message as { id?: unknown; method?: unknown };
    if (method === undefined) {
      open.get(id)?.answered(message);
      open.delete(id);
    }
  };
  transport.onclose = () => {
    for (const id of [...open.keys()]) {
      end(id);
    }
    onclose?.();
  };

  function end(id: unknown): void {
    open.get(id)?.end("cancelled");
    open.delete(id);
  }
}

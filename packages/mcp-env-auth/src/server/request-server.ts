import { McpServer, type Transport } from "@modelcontextprotocol/server";

/**
 * The SDK's server for one request. When its connection ends, the SDK makes an error for whoever still waits
 * on it. After an answer nobody does, and the error's stack trace costs a twentieth of a call. What a handler makes
 * of an early end has none either: where it happened is known.
 */
export class RequestServer extends McpServer {
  override async connect(transport: Transport): Promise<void> {
    await super.connect(transport);
    const { onclose } = transport;
    transport.onclose = () => withoutStackTraces(() => onclose?.());
  }
}

function withoutStackTraces(work: () => void): void {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    work();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

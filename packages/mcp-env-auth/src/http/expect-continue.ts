import type { IncomingMessage, ServerResponse } from "node:http";

interface Held {
  readonly response: ServerResponse;
  readonly shouldKeepAlive: boolean;
}

const held = new WeakMap<IncomingMessage, Held>();

/**
 * Holds back the `100 (Continue)` that a client waits for before it sends its body (RFC 9110 section 10.1.1), until
 * somebody wants the body. An answer that comes instead closes the connection, since nobody knows whether the body
 * still follows.
 */
export function holdContinue(request: IncomingMessage, response: ServerResponse): void {
  held.set(request, { response, shouldKeepAlive: response.shouldKeepAlive });
  response.shouldKeepAlive = false;
}

/** Has a client that waits for it send its body. To be called before the body is read. */
export function letBodyCome(request: IncomingMessage): void {
  const waiting = held.get(request);
  if (waiting === undefined) {
    return;
  }
  held.delete(request);
  const { response, shouldKeepAlive } = waiting;
  response.shouldKeepAlive = shouldKeepAlive;
  if (!response.headersSent) {
    response.writeContinue();
  }
}

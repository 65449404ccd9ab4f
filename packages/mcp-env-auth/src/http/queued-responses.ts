import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

const queues = new WeakMap<Socket, Set<ServerResponse>>();

/**
 * Closes `response` when its connection ends while it waits behind the answer to an earlier request (HTTP pipelining,
 * RFC 9112 section 9.3.2). Node.js closes only the response that has the connection: whatever goes on until the others
 * are closed would go on for as long as the process.
 */
export function closeWithConnection({ socket }: IncomingMessage, response: ServerResponse): void {
  if (response.socket !== null) return;
  const queue = queues.get(socket) ?? startQueue(socket);
  queue.add(response);
  response.once("close", () => queue.delete(response));
}

function startQueue(socket: Socket): Set<ServerResponse> {
  const queue = new Set<ServerResponse>();
  queues.set(socket, queue);
  socket.once("close", () => {
    for (const response of queue) {
      if (response.socket === null) response.destroy();
    }
    // Node.js 24 says by then that they are closed; 20 and 22 never do.
    setImmediate(() => {
      for (const response of queue) if (response.socket === null) response.emit("close");
    });
  });
  return queue;
}

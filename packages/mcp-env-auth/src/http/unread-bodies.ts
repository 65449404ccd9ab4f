import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/**
 * What no client does: so many pieces of a body, of so few bytes on average. Each piece costs the process some 200
 * bytes while it waits to be read, and a thousand times the work of a byte.
 */
export const MANY_PIECES = 2000;
const SMALL_PIECE = 64;

/** For the client to read its answer before the connection is cut. */
const LINGER_MS = 2000;

/**
 * Keeps a body from costing more than its bytes, whether or not anybody reads it. A connection whose body comes in
 * thousands of tiny pieces is cut. A chunked body that was not read when its request had been answered is not received
 * any further: nobody knows how long it is (RFC 9112 section 9.6 has a server close such a connection).
 */
export function limitUnreadBody(request: IncomingMessage, response: ServerResponse): void {
  const { headers, socket } = request;
  const isChunked = headers["transfer-encoding"] !== undefined;
  if (!isChunked && Number(headers["content-length"] ?? 0) <= MANY_PIECES) {
    return;
  }
  countPieces(request);
  if (isChunked) {
    response.once("finish", () => {
      if (!request.complete) {
        endSoon(socket);
      }
    });
  }
}

function countPieces(request: IncomingMessage): void {
  let pieces = 0;
  let bytes = 0;
  const { push } = request;
  request.push = (piece: Buffer | null, encoding) => {
    if (piece !== null) {
      pieces += 1;
      bytes += piece.length;
      if (pieces > MANY_PIECES && bytes < pieces * SMALL_PIECE) {
        request.socket.destroy();
        return false;
      }
    }
    return push.call(request, piece, encoding);
  };
}

function endSoon(socket: Socket): void {
  socket.end();
  socket.pause();
  const cut = setTimeout(() => socket.destroy(), LINGER_MS);
  cut.unref();
  socket.once("close", () => clearTimeout(cut));
}

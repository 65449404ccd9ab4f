import type { IncomingMessage } from "node:http";

/** The body is longer than the limit. What came beyond it was not kept. */
export class BodyTooLarge extends Error {
  override readonly name = "BodyTooLarge";
}

/** The client went away before its body was complete. */
export class BodyAborted extends Error {
  override readonly name = "BodyAborted";
}

/**
 * Reads a request body of at most `limit` bytes. The connection stays usable for the answer:
 * what follows after the limit is received and dropped.
 *
 * @throws Error when something before us has read it already.
 * @throws BodyTooLarge as soon as the declared or the received length passes the limit.
 * @throws BodyAborted when the client goes away.
 */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  if (request.readableEnded) {
    const advice = "Call protect() before the app gets body parsers, or leave request.body to what they parsed.";
    return Promise.reject(new Error(`The body of a request was read before it came to the MCP endpoint. ${advice}`));
  }
  if (request.destroyed) return Promise.reject(new BodyAborted());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const settle = (finish: () => void) => {
      request.off("data", take).off("end", done).off("close", abort).off("error", abort);
      request.resume();
      finish();
    };
    const take = (chunk: Buffer) => {
      length += chunk.length;
      if (length > limit) settle(() => reject(new BodyTooLarge()));
      else chunks.push(chunk);
    };
    const done = () => settle(() => resolve(Buffer.concat(chunks, length)));
    const abort = () => settle(() => reject(new BodyAborted()));
    if (Number(request.headers["content-length"] ?? 0) > limit) return settle(() => reject(new BodyTooLarge()));
    request.on("data", take).on("end", done).on("close", abort).on("error", abort);
  });
}

import type { IncomingMessage } from "node:http";
import { letBodyCome } from "./expect-continue.ts";

/** The body is longer, or holds more, than the limit: 413. What came beyond it was not kept. */
export class BodyTooLarge extends Error {
  override readonly name = "BodyTooLarge";
}

/** The client went away before its body was complete. */
export class BodyAborted extends Error {
  override readonly name = "BodyAborted";
}

/**
 * Reads a request body of at most `limit` bytes. The connection stays usable for the answer: what follows after the
 * limit is received and dropped.
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
  if (request.destroyed) {
    return Promise.reject(new BodyAborted());
  }
  if (Number(request.headers["content-length"] ?? 0) > limit) {
    request.resume();
    return Promise.reject(tooLong(limit));
  }
  letBodyCome(request);
  // To take listeners away that have nothing left to do would cost as much as to read the body of a call.
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const take = (chunk: Buffer) => {
      length += chunk.length;
      if (length <= limit) {
        chunks.push(chunk);
        return;
      }
      chunks.length = 0;
      request.off("data", take).resume();
      reject(tooLong(limit));
    };
    const abort = () => {
      if (!request.readableEnded) {
        reject(new BodyAborted());
      }
    };
    request
      .on("data", take)
      .on("end", () => resolve(Buffer.concat(chunks)))
      .on("close", abort)
      .on("error", abort);
  });
}

function tooLong(limit: number): BodyTooLarge {
  return new BodyTooLarge(
    `The body is larger than ${limit} bytes. The server's operator can allow more with FASTMCP_MAX_BODY_BYTES.`,
  );
}

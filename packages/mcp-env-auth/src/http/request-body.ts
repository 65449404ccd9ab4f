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

/** Bytes of a body that needs no room of its own, and is served in one go. */
export const SMALL_BODY = 64 * 1024;

/** Whether a request has a body that is more than is served in one go. Without a declared length, it may be. */
export function mayBeLarge({ method, headers }: IncomingMessage): boolean {
  const length = headers["content-length"];
  return method === "POST" && (length === undefined || Number(length) > SMALL_BODY);
}

/**
 * Reads a request body of at most `limit` bytes. The connection stays usable for the answer: what follows after the
 * limit is received and dropped.
 *
 * @param reserve asked once about a body of more than 64 KiB, with its bytes as far as they are known, otherwise with
 * the limit. The body is not read on before it resolves.
 * @throws Error when something before us has read it already, and whatever `reserve` rejects with.
 * @throws BodyTooLarge as soon as the declared or the received length passes the limit.
 * @throws BodyAborted when the client goes away.
 */
export function readBody(
  request: IncomingMessage,
  limit: number,
  reserve: (bytes: number) => Promise<void> = async () => {},
): Promise<Buffer> {
  if (request.readableEnded) {
    const advice =
      "Call protect() or mount() before the app gets body parsers, or leave request.body to what they parsed.";
    return Promise.reject(new Error(`The body of a request was read before it came to the MCP endpoint. ${advice}`));
  }
  if (request.destroyed) {
    return Promise.reject(new BodyAborted());
  }
  const declared = Number(request.headers["content-length"] ?? 0);
  if (declared > limit) {
    request.resume();
    return Promise.reject(tooLong(limit));
  }
  if (declared > SMALL_BODY) {
    return reserve(declared).then(() => receive(request, limit));
  }
  return receive(request, limit, reserve);
}

function receive(request: IncomingMessage, limit: number, reserve?: (bytes: number) => Promise<void>): Promise<Buffer> {
  if (request.destroyed) {
    return Promise.reject(new BodyAborted());
  }
  letBodyCome(request);
  // To take listeners away that have nothing left to do would cost as much as to read the body of a call.
  return new Promise((resolve, reject) => {
    let bytes: Buffer = Buffer.alloc(0);
    let length = 0;
    let toReserve = reserve;
    const stop = (error: Error) => {
      bytes = Buffer.alloc(0);
      request.off("data", take).resume();
      reject(error);
    };
    const take = (chunk: Buffer) => {
      if (length + chunk.length > limit) {
        stop(tooLong(limit));
        return;
      }
      bytes = length === 0 ? chunk : append(bytes, length, chunk, limit);
      length += chunk.length;
      if (toReserve !== undefined && length > SMALL_BODY) {
        request.pause();
        toReserve(limit).then(() => request.resume(), stop);
        toReserve = undefined;
      }
    };
    const abort = () => {
      if (!request.readableEnded) {
        reject(new BodyAborted());
      }
    };
    request
      .on("data", take)
      .on("end", () => resolve(bytes.subarray(0, length)))
      .on("close", abort)
      .on("error", abort);
  });
}

/** A list of chunks would cost a few hundred bytes for each, however small it is. */
function append(bytes: Buffer, length: number, chunk: Buffer, limit: number): Buffer {
  const needed = length + chunk.length;
  let grown = bytes;
  if (needed > bytes.length) {
    grown = Buffer.allocUnsafeSlow(Math.min(limit, Math.max(2 * needed, 1024)));
    bytes.copy(grown, 0, 0, length);
  }
  chunk.copy(grown, length);
  return grown;
}

function tooLong(limit: number): BodyTooLarge {
  return new BodyTooLarge(
    `The body is larger than ${limit} bytes. The server's operator can allow more with FASTMCP_MAX_BODY_BYTES.`,
  );
}

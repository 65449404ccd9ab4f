import type { ServerResponse } from "node:http";

/**
 * Sends a Fetch-standard response; resolves when it is sent or the client has gone. A stream is sent as it comes,
 * anything else at once, as `edit` leaves it.
 *
 * It reads the body itself: Node's adapters between its own streams and the web's cost more than the rest of the
 * answer.
 */
export async function sendWebResponse(
  webResponse: Response,
  response: ServerResponse,
  edit: (text: string) => string = (text) => text,
): Promise<void> {
  const { status, headers, body } = webResponse;
  response.statusCode = status;
  for (const [name, value] of headers) {
    // Whether the connection stays open is no matter of the answer (RFC 9110 section 7.6.1).
    if (name !== "connection") {
      response.appendHeader(name, value);
    }
  }
  // Answers differ by token, and some statuses may be kept unless they say otherwise (RFC 9111 section 4.2.2).
  if (!response.hasHeader("Cache-Control")) {
    response.setHeader("Cache-Control", "no-store");
  }
  if (body === null) {
    response.end();
  } else if (headers.get("content-type")?.startsWith("text/event-stream")) {
    await sendStream(body.getReader(), response);
  } else {
    // Text goes out in one piece with the headers.
    response.end(edit(await webResponse.text()));
  }
}

async function sendStream(reader: ReadableStreamDefaultReader<Uint8Array>, response: ServerResponse): Promise<void> {
  const stop = () => void reader.cancel().catch(() => {});
  if (response.destroyed) {
    return stop();
  }
  response.once("close", stop);
  // An answer that is there at once goes out in one piece; a client of one that takes longer learns that it has begun.
  const beginning = setImmediate(() => response.flushHeaders());
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done || response.destroyed) {
        break;
      }
      if (!response.write(value)) {
        await drained(response);
      }
    }
    response.end();
  } finally {
    clearImmediate(beginning);
    response.off("close", stop);
  }
}

const draining = new WeakMap<ServerResponse, Promise<void>>();

/** Settles when `response` takes more, or its client has gone. Who waits at the same time waits together. */
export function drained(response: ServerResponse): Promise<void> {
  const begun = draining.get(response);
  if (begun !== undefined) {
    return begun;
  }
  const wait = new Promise<void>((resolve) => {
    const go = () => {
      response.off("drain", go).off("close", go);
      draining.delete(response);
      resolve();
    };
    response.on("drain", go).on("close", go);
  });
  draining.set(response, wait);
  return wait;
}

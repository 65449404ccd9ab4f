import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";

/** A Fetch-standard view of a request whose body was read already. Its signal aborts when the client goes away. */
export function toWebRequest(request: IncomingMessage, url: string, signal: AbortSignal): Request {
  const headers = new Headers();
  for (const [name, values] of Object.entries(request.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  return new Request(url, { method: request.method ?? "GET", headers, signal });
}

/** Sends a Fetch-standard response, streaming its body; resolves when it is sent or the client has gone. */
export async function sendWebResponse(webResponse: Response, response: ServerResponse): Promise<void> {
  for (const [name, value] of webResponse.headers) response.appendHeader(name, value);
  // Answers differ by token, and some statuses may be kept unless they say otherwise (RFC 9111 section 4.2.2).
  if (!webResponse.headers.has("cache-control")) response.setHeader("Cache-Control", "no-store");
  response.writeHead(webResponse.status);
  if (webResponse.body === null) {
    response.end();
    return;
  }
  response.flushHeaders();
  try {
    await pipeline(Readable.fromWeb(webResponse.body as ReadableStream), response);
  } catch (error) {
    if (!response.destroyed) throw error;
  }
}

import { request } from "node:http";
import { connect } from "node:net";

/** An answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number;
  /** Lower-case names; values of repeated ones joined by Node. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
}

export interface RawRequest {
  readonly method?: string;
  /** As it is sent: nothing is normalised. */
  readonly path?: string;
  /** A list sends the header once for each value. `Host` may be set. */
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Buffer;
}

/** Sends what `fetch` refuses to: any Host, repeated headers, paths as they are, bodies with any method. */
export function sendRaw(
  origin: string,
  { method = "GET", path = "/", headers = {}, body }: RawRequest,
): Promise<RawAnswer> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, method, path, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
        // The server may still wait for the rest of a body that was only promised.
        outgoing.destroy();
      });
    });
    outgoing.on("error", reject);
    for (const [name, value] of Object.entries(headers)) {
      outgoing.setHeader(name, value);
    }
    if (body !== undefined && outgoing.getHeader("content-length") === undefined) {
      outgoing.setHeader("Content-Length", Buffer.byteLength(body));
    }
    outgoing.end(body);
  });
}

/** Writes bytes to the server's port, and gives everything that comes back until it hangs up. */
export function sendBytes(origin: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(Number(port), hostname, () => socket.write(bytes, "latin1"));
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
    });
    socket.on("error", reject).on("close", () => resolve(text));
  });
}

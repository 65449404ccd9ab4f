import { request } from "node:http";

/**
 * A `fetch` of forms and JSON that follows no redirects, whose connections come from `localAddress`, such as 127.0.0.2.
 */
export function fetchFrom(localAddress: string): typeof fetch {
  return (input, init = {}) => {
    const { method, headers, body } = new Request(input as string, init as RequestInit);
    return new Promise((resolve, reject) => {
      const outgoing = request(String(input), { method, headers: Object.fromEntries(headers), localAddress });
      outgoing.on("error", reject).on("response", async (answer) => {
        const chunks: Buffer[] = [];
        for await (const chunk of answer) {
          chunks.push(chunk as Buffer);
        }
        const { statusCode: status = 0, headersDistinct } = answer;
        const entries = Object.entries(headersDistinct).flatMap(([name, values = []]) =>
          values.map((value): [string, string] => [name, value]),
        );
        // A response of these statuses has no body, not even an empty one.
        const body = status === 204 || status === 304 ? null : Buffer.concat(chunks);
        resolve(new Response(body, { status, headers: entries }));
      });
      new Response(body).arrayBuffer().then((bytes) => outgoing.end(Buffer.from(bytes)), reject);
    });
  };
}

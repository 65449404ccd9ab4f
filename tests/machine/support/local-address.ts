import { request } from "node:http";

/** A `fetch` of forms and JSON whose connections come from `localAddress`, such as 127.0.0.2. */
export function fetchFrom(localAddress: string): typeof fetch {
  return (input, init = {}) => {
    const { method, headers, body } = new Request(input as string, init as RequestInit);
    return new Promise((resolve, reject) => {
      const outgoing = request(String(input), { method, headers: Object.fromEntries(headers), localAddress });
      outgoing.on("error", reject).on("response", async (answer) => {
        const chunks: Buffer[] = [];
        for await (const chunk of answer) chunks.push(chunk as Buffer);
        resolve(new Response(Buffer.concat(chunks), { status: answer.statusCode ?? 0 }));
      });
      new Response(body).arrayBuffer().then((bytes) => outgoing.end(Buffer.from(bytes)), reject);
    });
  };
}

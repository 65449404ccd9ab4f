import { type RequestListener, request } from "node:http";
import { afterEach } from "vitest";
import { type Listener, type ListenOptions, listen } from "../listener.ts";

const running: Listener[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((listener) => listener.close()));
});

/** Serves `handler` on a free port until the test ends; the answer is its origin. */
export async function serve(handler: RequestListener, options: ListenOptions = {}): Promise<string> {
  const listener = await listen(handler, { host: "127.0.0.1", port: 0 }, { lull: 0, ...options });
  running.push(listener);
  return `http://127.0.0.1:${listener.port}`;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: string;
}

/** A request whose headers are sent as they are: fetch forbids setting Host and Origin. */
export function send(
  url: string,
  options: {
    readonly method?: string;
    readonly headers?: Record<string, string | string[]>;
    readonly body?: string;
  } = {},
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: options.method ?? "GET", headers: options.headers }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        body += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
      response.on("error", reject);
    });
    outgoing.on("error", reject);
    outgoing.end(options.body);
  });
}

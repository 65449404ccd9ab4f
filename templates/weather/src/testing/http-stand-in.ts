import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

/** A service of the test's own making, on a port of its own. */
export interface HttpStandIn {
  readonly url: string;
  /** The paths and queries that were asked for, in order. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/** Listens on 127.0.0.1 and answers every request with `listener`. */
export async function startHttpStandIn(listener: RequestListener): Promise<HttpStandIn> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? "");
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

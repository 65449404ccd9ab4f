import { Agent, createServer, request as forward, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** One public port in front of several replicas. */
export interface RoundRobin {
  readonly port: number;
  /** How many requests each replica got, in the order of their ports. */
  readonly counts: readonly number[];
  close(): Promise<void>;
}

/** Sends each request to the next of the replicas on 127.0.0.1, and its Host header along. */
export async function startRoundRobin(ports: () => readonly number[], port = 0): Promise<RoundRobin> {
  const counts: number[] = [];
  let next = 0;
  const agent = new Agent({ keepAlive: false });
  const server: Server = createServer((incoming, outgoing) => {
    const targets = ports();
    const index = next++ % targets.length;
    counts[index] = (counts[index] ?? 0) + 1;
    const { method, url: path, headers } = incoming;
    const upstream = forward({ host: "127.0.0.1", port: targets[index], method, path, headers, agent }, (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.rawHeaders);
      response.pipe(outgoing);
    });
    upstream.on("error", () => outgoing.destroy());
    outgoing.on("close", () => upstream.destroy());
    incoming.pipe(upstream);
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    counts,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        agent.destroy();
      }),
  };
}

import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A way to a port on this machine on which everything takes its time. */
export interface SlowLink {
  readonly port: number;
  close(): Promise<void>;
}

/** Passes bytes on to `target`, on 127.0.0.1, and back, each `delay` milliseconds late. */
export async function startSlowLink(target: number, delay: number): Promise<SlowLink> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(target, "127.0.0.1");
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.setNoDelay(true);
      from.on("data", (chunk) => setTimeout(() => to.write(chunk), delay));
      from.on("error", () => to.destroy());
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) {
          socket.destroy();
        }
      }),
  };
}

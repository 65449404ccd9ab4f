import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Where a flood goes, and where it comes from. */
export interface Target {
  readonly port: number;
  /** The local address of the next connection. */
  nextAddress(): string;
}

/** The longest that a flood waits for one answer, or for one connection. */
const PATIENCE_MS = 3000;

/** A connection of the flood. Whatever becomes of it is of no interest to the flood: it never throws. */
export async function open({ port, nextAddress }: Target): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", localAddress: nextAddress() });
  socket.on("error", () => {});
  await Promise.race([once(socket, "connect").catch(() => {}), sleep(PATIENCE_MS, undefined, { ref: false })]);
  return socket;
}

/** So many connections. */
export function openAll(target: Target, count: number): Promise<Socket[]> {
  return Promise.all(Array.from({ length: count }, () => open(target)));
}

/** Hangs up, with a reset as a process that was killed leaves it, or with a FIN. */
export function hangUp(sockets: Iterable<Socket>): void {
  let index = 0;
  for (const socket of sockets) {
    index++ % 2 === 0 ? socket.resetAndDestroy() : socket.destroy();
  }
}

/** Sends `text` and reads whatever comes, until the server closes the connection or nothing has come for `quiet` ms. */
export async function sendAndRead(socket: Socket, text: string | Buffer, quiet = 300): Promise<void> {
  let readAt = performance.now();
  socket.on("data", () => {
    readAt = performance.now();
  });
  const begun = performance.now();
  socket.write(text, "latin1");
  while (!socket.destroyed && performance.now() - readAt < quiet && performance.now() - begun < PATIENCE_MS) {
    await sleep(20);
  }
}

/** Runs `work` so many times, some at once, and for no longer than `seconds`. */
export async function repeat(
  { times, atOnce, seconds = 3 }: { times: number; atOnce: number; seconds?: number },
  work: (index: number) => Promise<unknown>,
): Promise<void> {
  const end = performance.now() + seconds * 1000;
  let next = 0;
  const worker = async () => {
    while (next < times && performance.now() < end) {
      await work(next++);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

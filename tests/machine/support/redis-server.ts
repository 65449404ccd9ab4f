import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "test-support/free-port";

/** A redis-server of our own on 127.0.0.1, whose life is in the test's hands. */
export interface RedisServer {
  readonly port: number;
  /** Starts it, empty; settles when it answers. Rejects when there is no `redis-server` to run. */
  start(...settings: readonly string[]): Promise<void>;
  /** Kills it. */
  stop(): Promise<void>;
  /** Stops it in its tracks (SIGSTOP): connections stay open, nothing answers. */
  freeze(): void;
  /** Goes on where it was frozen (SIGCONT). */
  thaw(): void;
  /** Sends one command on a connection of its own, and gives back the raw reply (RESP 2). */
  command(...words: readonly string[]): Promise<string>;
  /** Kills it and removes its directory. */
  dispose(): Promise<void>;
}

export async function createRedisServer(): Promise<RedisServer> {
  const directory = await mkdtemp(join(tmpdir(), "guard-store-redis-"));
  const port = await freePort();
  let running: ChildProcess | undefined;

  async function stop(): Promise<void> {
    const stopping = running;
    running = undefined;
    if (stopping !== undefined && stopping.exitCode === null && stopping.signalCode === null) {
      const exited = once(stopping, "exit");
      stopping.kill("SIGKILL");
      await exited;
    }
  }

  return {
    port,
    stop,

    async start(...settings) {
      const child = spawn(
        "redis-server",
        ["--port", String(port), "--bind", "127.0.0.1", "--dir", directory, "--save", "", ...settings],
        { stdio: "ignore" },
      );
      await once(child, "spawn");
      running = child;
      for (let attempt = 0; attempt < 200; attempt++) {
        if (child.exitCode !== null) {
          break;
        }
        if (await send(port, ["PING"]).catch(() => undefined)) {
          return;
        }
        await sleep(25);
      }
      throw new Error("redis-server does not answer.");
    },

    freeze() {
      running?.kill("SIGSTOP");
    },

    thaw() {
      running?.kill("SIGCONT");
    },

    command: (...words) => send(port, words),

    async dispose() {
      await stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function send(port: number, words: readonly string[]): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    const command = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("");
    socket.end(`*${words.length}\r\n${command}*1\r\n$4\r\nQUIT\r\n`);
    const chunks: Buffer[] = [];
    for await (const chunk of socket) {
      chunks.push(chunk as Buffer);
    }
    return Buffer.concat(chunks)
      .toString()
      .replace(/\+OK\r\n$/, "");
  } finally {
    socket.destroy();
  }
}

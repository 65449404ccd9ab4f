import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { StoredEntry } from "./artifacts.ts";

/** Redis as far as the guard store uses it, at one moment: entries never end. */
export interface RedisStandIn {
  readonly port: number;
  /** What it holds now. */
  entries(): Record<string, StoredEntry>;
  clear(): void;
  close(): Promise<void>;
}

type Reply = string | number | null | readonly (string | null)[];

export async function startRedisStandIn(initial: Readonly<Record<string, StoredEntry>>): Promise<RedisStandIn> {
  const entries = new Map(Object.entries(initial));
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    let received = "";
    socket.setEncoding("latin1").on("data", (chunk) => {
      received += chunk;
      for (let command = take(received); command !== undefined; command = take(received)) {
        received = received.slice(command.length);
        socket.write(encode(execute(entries, command.words)), "latin1");
      }
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    port: (server.address() as AddressInfo).port,
    entries: () => Object.fromEntries([...entries].sort(([one], [other]) => (one < other ? -1 : 1))),
    clear: () => entries.clear(),
    async close() {
      for (const socket of sockets) {
        socket.destroy();
      }
      server.close();
    },
  };
}

/** The first whole command in `text` (RESP arrays of bulk strings). */
function take(text: string): { readonly words: readonly string[]; readonly length: number } | undefined {
  const header = /^\*(\d+)\r\n/.exec(text);
  if (header === null) {
    return undefined;
  }
  const words: string[] = [];
  let at = header[0].length;
  while (words.length < Number(header[1])) {
    const size = /^\$(\d+)\r\n/.exec(text.slice(at));
    if (size === null) {
      return undefined;
    }
    const start = at + size[0].length;
    const end = start + Number(size[1]);
    if (text.length < end + 2) {
      return undefined;
    }
    words.push(text.slice(start, end));
    at = end + 2;
  }
  return { words, length: at };
}

function execute(entries: Map<string, StoredEntry>, [name = "", ...args]: readonly string[]): Reply {
  const [key = "", value = ""] = args;
  switch (name.toUpperCase()) {
    case "GET":
      return entries.get(key)?.value ?? null;
    case "MGET":
      return args.map((name) => entries.get(name)?.value ?? null);
    case "SET":
      entries.set(key, { value, ttl: Number(args[3]) });
      return "OK";
    case "DEL":
      return entries.delete(key) ? 1 : 0;
    case "EVAL":
      return evaluate(entries, args);
    case "PING":
      return "PONG";
    default:
      return "OK";
  }
}

/** The guard store's scripts, told apart by the commands in them. */
function evaluate(entries: Map<string, StoredEntry>, [script = "", , key = "", ...values]: readonly string[]): Reply {
  const [first = "", second = "", ...others] = values;
  const held = entries.get(key);
  if (script.includes('"DEL"')) {
    if (held !== undefined && values.includes(held.value)) {
      entries.delete(key);
    }
    return 1;
  }
  if (script.includes('"PTTL"')) {
    entries.set(key, { value: first, ttl: Math.max(held?.ttl ?? -1, Number(second)) });
    return 1;
  }
  if (held !== undefined && !others.includes(held.value)) {
    return 0;
  }
  entries.set(key, { value: second, ttl: Number(first) });
  return 1;
}

function encode(reply: Reply): string {
  if (typeof reply === "number") {
    return `:${reply}\r\n`;
  }
  if (reply === null) {
    return "$-1\r\n";
  }
  if (typeof reply !== "string") {
    return `*${reply.length}\r\n${reply.map(encode).join("")}`;
  }
  return `$${reply.length}\r\n${reply}\r\n`;
}

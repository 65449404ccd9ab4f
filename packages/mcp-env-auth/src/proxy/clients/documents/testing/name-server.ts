import { createSocket } from "node:dgram";
import { once } from "node:events";
import { isIPv6, SocketAddress } from "node:net";

/** What a name server says of a name: its addresses, an error, or nothing at all. */
export type NameAnswer = readonly string[] | "no such name" | "server failure" | "silence";

const TYPE_A = 1;
const TYPE_AAAA = 28;
const RESPONSE = 0x8180;
const RCODES = { "no such name": 3, "server failure": 2 } as const;

/** A DNS server on loopback (RFC 1035 section 4), as far as a test needs it. */
export interface NameServer {
  /** As `Resolver.setServers` takes it. */
  readonly address: string;
  /** The names that were asked for, with the type of address. */
  readonly queries: string[];
  close(): Promise<void>;
}

/** @param answer for a name and `A` or `AAAA`. */
export async function startNameServer(answer: (name: string, type: "A" | "AAAA") => NameAnswer): Promise<NameServer> {
  const socket = createSocket("udp4");
  const queries: string[] = [];
  socket.on("message", (query, { address, port }) => {
    const { name, end } = readName(query);
    const type = query.readUInt16BE(end) === TYPE_AAAA ? "AAAA" : "A";
    queries.push(`${name} ${type}`);
    const said = answer(name, type);
    if (said !== "silence") {
      socket.send(respond(query, end, type, said), port, address);
    }
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return {
    address: `127.0.0.1:${socket.address().port}`,
    queries,
    async close() {
      socket.close();
      await once(socket, "close");
    },
  };
}

function readName(query: Buffer): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join(".").toLowerCase(), end: at + 1 };
}

function respond(query: Buffer, end: number, type: "A" | "AAAA", said: Exclude<NameAnswer, "silence">): Buffer {
  const addresses = typeof said === "string" ? [] : said;
  const header = Buffer.from(query.subarray(0, 12));
  header.writeUInt16BE(RESPONSE + (typeof said === "string" ? RCODES[said] : 0), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(addresses.length, 6);
  header.writeUInt32BE(0, 8);
  const question = query.subarray(12, end + 4);
  return Buffer.concat([header, question, ...addresses.map((address) => record(address, type))]);
}

/** The name is a pointer to the question's (RFC 1035 section 4.1.4). */
function record(address: string, type: "A" | "AAAA"): Buffer {
  const data = isIPv6(address) ? groupsOf(address) : Buffer.from(address.split(".").map(Number));
  const fixed = Buffer.alloc(12);
  fixed.writeUInt16BE(0xc00c, 0);
  fixed.writeUInt16BE(type === "A" ? TYPE_A : TYPE_AAAA, 2);
  fixed.writeUInt16BE(1, 4);
  fixed.writeUInt32BE(60, 6);
  fixed.writeUInt16BE(data.length, 10);
  return Buffer.concat([fixed, data]);
}

function groupsOf(address: string): Buffer {
  const [head = "", tail = ""] = new SocketAddress({ family: "ipv6", address }).address.split("::");
  const groups = (part: string) => (part === "" ? [] : part.split(":"));
  const [first, last] = [groups(head), groups(tail)];
  const all = [...first, ...Array<string>(8 - first.length - last.length).fill("0"), ...last];
  return Buffer.from(all.map((group) => group.padStart(4, "0")).join(""), "hex");
}

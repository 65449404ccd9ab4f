import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { hangUp, open, openAll, repeat, sendAndRead, type Target } from "./connections.ts";
import { FORM, PATHS, requestText, toEveryPath } from "./requests.ts";

/** What somebody without a token may send, bounded in time and number. It ends with every connection closed. */
export type Flood = (target: Target) => Promise<void>;

const METADATA = requestText({ path: "/.well-known/oauth-authorization-server" });
const NOT_FOUND = requestText({ path: "/" });

/** So many connections that each send `text`, and hang up after `ms` without reading. */
const sendAndHangUp =
  (connections: number, text: string, ms: number): Flood =>
  async (target) => {
    const sockets = await openAll(target, connections);
    for (const socket of sockets) {
      socket.pause().write(text, "latin1");
    }
    await sleep(ms);
    hangUp(sockets);
  };

/** So many connections that each send `text` and read all that comes. */
const sendAndReadAll =
  (connections: number, text: string): Flood =>
  async (target) => {
    const sockets = await openAll(target, connections);
    await Promise.all(sockets.map((socket) => sendAndRead(socket, text)));
    hangUp(sockets);
  };

/** One connection for each request, `text(index)`, of which `times` are sent. */
const oneByOne =
  (times: number, text: (index: number) => string): Flood =>
  (target) =>
    repeat({ times, atOnce: 50 }, async (index) => {
      const socket = await open(target);
      const answered = Promise.race([once(socket, "data"), once(socket, "close")]).catch(() => {});
      socket.write(text(index), "latin1");
      await Promise.race([answered, sleep(2000, undefined, { ref: false })]);
      hangUp([socket]);
    });

const path = (index: number) => PATHS[index % PATHS.length] as string;

/** A request to every path with `lines` of headers. */
const withHeaders = (lines: readonly string[]) => (index: number) => requestText({ path: path(index), headers: lines });

const named = (length: number) => "n".repeat(length);

/** A request that makes the server fetch the document of a client. */
function aboutClient(index: number, host: string, file: string): string {
  const clientId = encodeURIComponent(`https://${host}.example.com/${file}`);
  const query = `client_id=${clientId}&redirect_uri=http%3A%2F%2F127.0.0.1%2F&response_type=code`;
  const form = { method: "POST", headers: [`Content-Type: ${FORM}`] };
  return [
    requestText({ ...form, path: "/token", body: `grant_type=refresh_token&refresh_token=x&client_id=${clientId}` }),
    requestText({ ...form, path: "/revoke", body: `token=x&client_id=${clientId}` }),
    requestText({ path: `/authorize?${query}` }),
  ][index % 3] as string;
}

export const PIPELINED: Readonly<Record<string, Flood>> = {
  "metadata and 404s, hung up": sendAndHangUp(27, (METADATA + NOT_FOUND).repeat(1000), 150),
  "every path, hung up": sendAndHangUp(27, toEveryPath(2000), 150),
  "every path, hung up again and again": (target) =>
    repeat({ times: 20, atOnce: 4 }, () => sendAndHangUp(10, toEveryPath(320), 30)(target)),
  "every path, read": sendAndReadAll(20, toEveryPath(1500)),
  "404s, read": sendAndReadAll(20, NOT_FOUND.repeat(1500)),
  "health checks, read": sendAndReadAll(20, requestText({ path: "/healthz" }).repeat(1500)),
  "challenges, read": sendAndReadAll(20, requestText({ method: "POST", path: "/mcp", body: "{}" }).repeat(1500)),
  "logins, read": sendAndReadAll(20, requestText({ path: "/authorize?client_id=none" }).repeat(1500)),
  "HTTP/1.0 with keep-alive, read": sendAndReadAll(
    20,
    toEveryPath(1500, { version: "1.0", headers: ["Connection: keep-alive"] }),
  ),
  "other methods, read": sendAndReadAll(
    50,
    ["HEAD", "OPTIONS", "PUT", "DELETE"].map((method) => toEveryPath(400, { method })).join(""),
  ),
  "never read": sendAndHangUp(30, toEveryPath(1000), 1500),
  "in halves, one byte late": async (target) => {
    const sockets = await openAll(target, 50);
    const text = toEveryPath(800);
    for (const socket of sockets) {
      socket.pause().write(text.slice(0, -1), "latin1");
    }
    await sleep(500);
    for (const socket of sockets) {
      socket.write(text.slice(-1), "latin1");
    }
    await sleep(500);
    hangUp(sockets);
  },
};

export const CONNECTIONS: Readonly<Record<string, Flood>> = {
  "one request each": oneByOne(500, (index) => requestText({ path: path(index) })),
  "one HTTP/1.0 request each": oneByOne(500, (index) => requestText({ path: path(index), version: "1.0" })),
  "opened and reset": (target) => repeat({ times: 500, atOnce: 50 }, async () => hangUp([await open(target)])),
  "half open": sendAndHangUp(200, "GET /authorize HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Half: ", 1500),
  "half a body": async (target) => {
    const kinds = ["/token", "/revoke", "/consent", "/register", "/mcp"];
    const sockets = await openAll(target, 200);
    sockets.forEach((socket, index) => {
      const type = kinds[index % kinds.length] === "/register" ? "application/json" : FORM;
      const lines = [`POST ${kinds[index % kinds.length]} HTTP/1.1`, "Host: 127.0.0.1", `Content-Type: ${type}`];
      socket.write(`${[...lines, "Content-Length: 60000", "", ""].join("\r\n")}${"a=".repeat(15_000)}`);
    });
    await sleep(1000);
    hangUp(sockets);
  },
  "read slowly": async (target) => {
    const sockets = await openAll(target, 100);
    for (const socket of sockets) {
      socket.pause().write(METADATA.repeat(16), "latin1");
    }
    for (let turn = 0; turn < 15; turn++) {
      await sleep(100);
      for (const socket of sockets) {
        socket.read(1024);
      }
    }
    hangUp(sockets);
  },
  "left at once": oneByOne(500, (index) => requestText({ path: path(index), headers: ["Connection: close"] })),
};

export const MESSAGES: Readonly<Record<string, Flood>> = {
  "2,000 headers": oneByOne(300, withHeaders(Array.from({ length: 2000 }, (_, index) => `X${index}:`))),
  "one header of 15 KB": oneByOne(300, withHeaders([`X-Long: ${named(15_000)}`])),
  "headers of more than 16 KB": oneByOne(300, withHeaders([`X-Long: ${named(60_000)}`])),
  "a header name of 15 KB": oneByOne(300, withHeaders([`${named(15_000)}: 1`])),
  "a path of 15 KB": oneByOne(300, (index) => requestText({ path: `${path(index)}/${named(15_000)}` })),
  "a query of 15 KB": oneByOne(300, (index) =>
    requestText({ path: `${path(index)}?client_id=${named(7000)}&${"a&".repeat(1500)}` }),
  ),
  "a Host of 15 KB": oneByOne(300, (index) => requestText({ path: path(index) }).replace("127.0.0.1", named(15_000))),
  "cookies of 15 KB": oneByOne(300, withHeaders([`Cookie: ${"a=b; ".repeat(3000)}`])),
  "made-up tokens": oneByOne(500, (index) =>
    requestText({ path: "/mcp", method: "POST", headers: [`Authorization: Bearer ${"A".repeat(7000)}.${index}`] }),
  ),
  "broken requests": oneByOne(500, () => "GET\x00 / HTTP/9.9\r\n\r\n"),
  "upgrades and tunnels": oneByOne(500, (index) =>
    index % 2 === 0
      ? requestText({ path: path(index), headers: ["Connection: Upgrade", "Upgrade: websocket"] })
      : requestText({ method: "CONNECT", path: "127.0.0.1:1" }),
  ),
  "expecting 100-continue": oneByOne(500, (index) =>
    requestText({ method: "POST", path: path(index), headers: ["Expect: 100-continue", "Content-Length: 4000000"] }),
  ),
  "chunks of one byte": oneByOne(50, () =>
    requestText({
      method: "POST",
      path: "/register",
      headers: ["Content-Type: application/json", "Transfer-Encoding: chunked"],
    }).concat("1\r\n[\r\n".repeat(5_000)),
  ),
  "forms of 30,000 parameters": oneByOne(100, (index) =>
    requestText({
      method: "POST",
      path: ["/token", "/revoke", "/consent", "/authorize"][index % 4] ?? "",
      headers: [`Content-Type: ${FORM}`],
      body: "a&".repeat(30_000),
    }),
  ),
  "client ids at hosts that don't answer": oneByOne(500, (index) => aboutClient(index, `dead-${index}`, "client.json")),
  "client ids at one host": oneByOne(500, (index) => aboutClient(index, "dead", `${index}.json`)),
  "registrations of 60 KB": oneByOne(100, (index) =>
    requestText({
      method: "POST",
      path: "/register",
      headers: ["Content-Type: application/json"],
      body: [
        `{"redirect_uris":[${'"http://127.0.0.1/",'.repeat(2500)}1]}`,
        `{"redirect_uris":[${"1,".repeat(28_000)}1]}`,
        `{${Array.from({ length: 4000 }, (_, at) => `"k${at}":1`).join()}}`,
        "[".repeat(60_000),
      ][index % 4] as string,
    }),
  ),
};

/** Those that a limit per address does nothing against when they come from many. */
export const FROM_MANY: Readonly<Record<string, Flood>> = {
  "requests to every path, pipelined": PIPELINED["every path, read"] as Flood,
  "requests to every path, one each": CONNECTIONS["one request each"] as Flood,
  "half open connections": CONNECTIONS["half open"] as Flood,
  "half sent bodies": CONNECTIONS["half a body"] as Flood,
  "made-up tokens": MESSAGES["made-up tokens"] as Flood,
  forms: MESSAGES["forms of 30,000 parameters"] as Flood,
  registrations: MESSAGES["registrations of 60 KB"] as Flood,
};

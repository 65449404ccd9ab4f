import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { silentLogger } from "../logger.ts";
import { createRequestLines } from "./gate.ts";

async function start() {
  const lines: [object, string][] = [];
  let done = () => {};
  const logged = new Promise<void>((resolve) => {
    done = resolve;
  });
  const note = createRequestLines({
    ...silentLogger,
    info(fields, message) {
      lines.push([fields, message]);
      done();
    },
  });
  const server = createServer((request, response) => {
    note(request, response, "/authorize");
    if (request.method !== "PUT") {
      response.writeHead(302).end();
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.closeAllConnections());
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };
  return { lines, logged, port };
}

describe("a line for each request", () => {
  it("has method, path, status and time, and nothing of the query", async () => {
    const { lines, logged, port } = await start();
    await fetch(`http://127.0.0.1:${port}/authorize?state=SECRET`, { redirect: "manual" });
    await logged;
    expect(lines).toEqual([
      [
        { event: "request", method: "GET", path: "/authorize", status: 302, ms: expect.any(Number) },
        "GET /authorize: 302",
      ],
    ]);
    expect(JSON.stringify(lines)).not.toContain("SECRET");
  });

  it("says so of a client that left before it was answered", async () => {
    const { lines, logged, port } = await start();
    const socket = connect(port, "127.0.0.1", () => {
      socket.write("PUT / HTTP/1.1\r\nHost: a\r\n\r\n");
      setImmediate(() => socket.destroy());
    });
    await logged;
    expect(lines).toEqual([
      [
        { event: "request", method: "PUT", path: "/authorize", ms: expect.any(Number) },
        "PUT /authorize: the client left",
      ],
    ]);
  });
});

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createMcpHandler, InMemoryTransport, type Transport } from "@modelcontextprotocol/server";
import { describe, expect, it } from "vitest";
import { toolCall } from "../http/testing/tool-call.ts";
import { createPauses } from "./pause-between-checks.ts";
import { RequestServer } from "./request-server.ts";
import type { DirectClient } from "./web-request.ts";

async function connected() {
  const server = new RequestServer({ name: "test", version: "1" });
  const [transport] = InMemoryTransport.createLinkedPair();
  await server.connect(transport);
  return server;
}

describe("the end of a request's connection", () => {
  it("takes no stack trace", async () => {
    const server = await connected();
    const traces: (string | undefined)[] = [];
    server.server.onclose = () => traces.push(new Error("on close").stack);
    await server.close();
    expect(traces).toEqual(["Error: on close"]);
  });

  it("leaves traces as they were for all else, even when closing fails", async () => {
    const before = Error.stackTraceLimit;
    const server = await connected();
    server.server.onclose = () => {
      throw new Error("in a handler of the close");
    };
    await expect(server.close()).rejects.toThrow("in a handler");
    expect(Error.stackTraceLimit).toBe(before);
    expect(new Error("later").stack).toContain("request-server.test.ts");
  });
});

describe("the server of a request that is over", () => {
  it("leads to nothing of that request, and can be closed again", async () => {
    const server = await connected();
    const during = server.server;
    await server.close();
    expect(server.server).not.toBe(during);
    expect(server.isConnected()).toBe(false);
    await expect(server.close()).resolves.toBeUndefined();
  });

  it("is the same when closing fails", async () => {
    const server = await connected();
    const during = server.server;
    during.onclose = () => {
      throw new Error("in a handler of the close");
    };
    await expect(server.close()).rejects.toThrow("in a handler");
    expect(server.server).not.toBe(during);
  });
});

describe("the transport of a request that is answered directly", () => {
  it("keeps nothing of its client: it outlives the request, and the client leads to all of it", async () => {
    setFlagsFromString("--expose-gc");
    const collectGarbage = runInNewContext("gc") as () => void;
    const transports: Transport[] = [];
    const answers: unknown[] = [];
    class Watched extends RequestServer {
      override connect(transport: Transport): Promise<void> {
        transports.push(transport);
        return super.connect(transport);
      }
    }
    const works = () => ({ content: [] });
    const serverOf = (client: DirectClient) => {
      const server = new Watched({ name: "test", version: "1" }, {}, client);
      server.registerTool("works", {}, works);
      return server;
    };
    const serveOne = async () => {
      const client: DirectClient = {
        answer: (answer) => void answers.push(answer),
        brief: (message) => message,
        caughtUp: async () => {},
        note() {},
        sent() {},
      };
      const { headers, body: parsedBody } = toolCall("2026-07-28", "works");
      const request = new Request("http://localhost/mcp", { method: "POST", headers });
      await createMcpHandler(() => serverOf(client)).fetch(request, { parsedBody });
      return new WeakRef(client);
    };
    const client = await serveOne();
    await expect
      .poll(() => {
        collectGarbage();
        return client.deref() === undefined;
      })
      .toBe(true);
    expect([transports.length, answers.length]).toEqual([1, 1]);
  });
});

describe("a large request", () => {
  /** What the calls of a batch that pauses, and turns of the event loop, came to in order. */
  async function callsAndTurns(client: Partial<DirectClient>): Promise<string[]> {
    const seen: string[] = [];
    const server = new RequestServer({ name: "test", version: "1" }, {}, {
      sent() {},
      brief: (m) => m,
      ...client,
    } as DirectClient);
    server.registerTool("works", {}, () => {
      seen.push("call");
      return { content: [] };
    });
    const [ours, theirs] = InMemoryTransport.createLinkedPair();
    await server.connect(theirs);
    await ours.start();
    for (const id of [1, 2, 3]) {
      await ours.send({ jsonrpc: "2.0", id, method: "tools/call", params: { name: "works" } });
    }
    while (seen.filter((one) => one === "call").length < 3) {
      await new Promise((resolve) => setImmediate(resolve));
      seen.push("turn");
    }
    return seen;
  }

  it("has each of its calls wait for what lets others have their turn", async () => {
    expect(await callsAndTurns({ pause: createPauses() })).toEqual(["call", "turn", "call", "turn", "call", "turn"]);
  });

  it("is the only one that waits", async () => {
    expect((await callsAndTurns({})).slice(0, 3)).toEqual(["call", "call", "call"]);
  });
});

import { InMemoryTransport } from "@modelcontextprotocol/server";
import { describe, expect, it } from "vitest";
import { RequestServer } from "./request-server.ts";

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

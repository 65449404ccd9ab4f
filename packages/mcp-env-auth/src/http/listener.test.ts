import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import { ConfigError } from "../errors.ts";
import { type ListenerLimits, listen } from "./listener.ts";
import { BodyAborted, readBody } from "./request-body.ts";
import { serve } from "./testing/serve.ts";

describe("listening", () => {
  it("says which variable to change when the port is taken", async () => {
    const { port } = new URL(await serve(() => {}));
    const attempt = listen(() => {}, { host: "127.0.0.1", port: Number(port) });
    await expect(attempt).rejects.toThrow(ConfigError);
    await expect(attempt).rejects.toThrow("FASTMCP_PORT");
  });

  it("says which variable to change when the host is not one of this machine", async () => {
    await expect(listen(() => {}, { host: "203.0.113.1", port: 0 })).rejects.toThrow("FASTMCP_HOST");
  });
});

/** A server whose answers wait until they are told to come. */
async function listenHeld(limits: Partial<ListenerLimits>) {
  const held: ServerResponse[] = [];
  const listener = await listen(
    (_request, response) => void held.push(response),
    { host: "127.0.0.1", port: 0 },
    limits,
  );
  const url = `http://127.0.0.1:${listener.port}/`;
  return {
    listener,
    url,
    held,
    /** A request, once it has arrived. The answer is its own promise. */
    async request() {
      const before = held.length;
      const answer = fetch(url);
      await vi.waitFor(() => expect(held.length).toBeGreaterThan(before));
      return { answer, finish: () => held[before]?.end("finished") };
    },
  };
}

describe("closing", () => {
  it("lets a request in flight finish, and takes no new one", async () => {
    const { listener, url, request } = await listenHeld({ lull: 0 });
    const { answer, finish } = await request();
    const closed = listener.close();
    await expect(fetch(url)).rejects.toThrow();
    finish();
    expect(await (await answer).text()).toBe("finished");
    expect(await closed).toBe(0);
  });

  it("serves requests while they keep coming, and tells each client to connect anew", async () => {
    const { listener, request } = await listenHeld({ lull: 60, handover: 60 });
    const early = await request();
    const closed = listener.close();
    const late = await request();
    early.finish();
    late.finish();
    expect((await early.answer).headers.get("connection")).toBe("close");
    expect((await late.answer).headers.get("connection")).toBe("close");
    expect(await Promise.race([closed, Promise.resolve("still open")])).toBe("still open");
  });

  it("stops waiting for requests to cease after the handover time", async () => {
    const { listener, url, request } = await listenHeld({ lull: 60, handover: 0.1 });
    const { finish } = await request();
    const closed = listener.close();
    finish();
    await closed;
    await expect(fetch(url)).rejects.toThrow();
  });

  it("waits neither for requests when none has come for a while, nor for connections that were never used", async () => {
    const { listener } = await listenHeld({ lull: 60, handover: 60 });
    const idle = connect(listener.port, "127.0.0.1");
    await once(idle, "connect");
    await listener.close();
    idle.destroy();
  });

  it("lets a client read what was answered already", async () => {
    const text = "x".repeat(20_000_000);
    let response: ServerResponse | undefined;
    const handler = (_request: unknown, given: ServerResponse) => {
      response = given.end(text, "latin1");
    };
    const listener = await listen(handler, { host: "127.0.0.1", port: 0 }, { lull: 0 });
    const socket = connect(listener.port, "127.0.0.1");
    socket.write("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    await expect.poll(() => response?.writableEnded).toBe(true);
    const closed = listener.close();
    await new Promise((resolve) => setTimeout(resolve, 200));
    let received = 0;
    for await (const chunk of socket) received += (chunk as Buffer).length;
    expect(received).toBeGreaterThan(text.length);
    expect(await closed).toBe(0);
  });

  it("cuts what is not finished by the deadline, and counts it", async () => {
    const { listener, request } = await listenHeld({ lull: 0, drain: 0.1 });
    const { answer } = await request();
    const [cut] = await Promise.all([listener.close(), expect(answer).rejects.toThrow()]);
    expect(cut).toBe(1);
  });
});

describe("slow clients", () => {
  /** What a client gets that sends `text`, and then nothing. */
  async function sendAndStall(url: string, text: string): Promise<string> {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    let received = "";
    socket.on("data", (chunk) => {
      received += chunk;
    });
    socket.write(text);
    await once(socket, "close");
    return received;
  }

  it("are cut when they send their headers drop by drop, while others are served", async () => {
    const url = await serve((_request, response) => response.end("served"), { headers: 0.4 });
    const drop = connect(Number(new URL(url).port), "127.0.0.1");
    drop.write("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n");
    const dripping = setInterval(() => drop.write("X-More: more\r\n"), 50);
    let received = "";
    drop.on("data", (chunk) => {
      received += chunk;
    });
    drop.on("error", () => {});
    expect(await (await fetch(url)).text()).toBe("served");
    await once(drop, "close");
    clearInterval(dripping);
    expect(received).toContain("408");
  });

  it("are cut when they stop in the middle of the body, and the handler learns of it", async () => {
    let outcome: unknown;
    const url = await serve(
      (request) => {
        readBody(request, 1000).catch((error: unknown) => {
          outcome = error;
        });
      },
      { headers: 0.4, request: 0.4 },
    );
    await sendAndStall(url, "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\nhalf of it");
    await vi.waitFor(() => expect(outcome).toBeInstanceOf(BodyAborted));
  });
});

describe("connections on which nothing moves", () => {
  /** Sends a request and reads nothing of the answer. */
  async function ask(url: string): Promise<Socket> {
    const socket = connect(Number(new URL(url).port), "127.0.0.1").on("error", () => {});
    socket.write("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    await once(socket, "connect");
    return socket;
  }

  it("are cut when their client reads nothing of its answer, and the answer is let go", async () => {
    let response: ServerResponse | undefined;
    const url = await serve(
      (_request, given) => {
        response = given.end("x".repeat(20_000_000));
      },
      { unread: 0.4 },
    );
    const socket = await ask(url);
    await vi.waitFor(() => expect(response?.closed).toBe(true), 10_000);
    socket.destroy();
  });

  it("are cut, too, when that client sends further requests, or some that Node.js answers itself", async () => {
    for (const more of ["", "Expect: the unexpected\r\n"]) {
      const given: ServerResponse[] = [];
      const url = await serve(
        (_request, response) => {
          given.push(response.end(given.length === 0 ? "x".repeat(20_000_000) : "short"));
        },
        { unread: 0.4 },
      );
      const socket = await ask(url);
      const asking = setInterval(() => socket.write(`GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n${more}\r\n`), 50);
      await vi.waitFor(() => expect(given[0]?.closed).toBe(true), 5000).finally(() => clearInterval(asking));
      socket.destroy();
    }
  });

  it("are kept while their client reads slowly", async () => {
    const text = "x".repeat(20_000_000);
    const url = await serve((_request, response) => response.end(text), { unread: 1.5 });
    let received = 0;
    for await (const chunk of await ask(url)) {
      if (Math.floor((received + chunk.length) / 2e6) > Math.floor(received / 2e6)) await sleep(250);
      received += chunk.length;
      if (received > text.length) break;
    }
    expect(received).toBeGreaterThan(text.length);
  });

  it("are kept while a handler takes its time", async () => {
    const url = await serve((_request, response) => setTimeout(() => response.end("at last"), 1000), { unread: 0.2 });
    expect(await (await fetch(url)).text()).toBe("at last");
  });

  it("are ended once they are idle", async () => {
    const url = await serve((_request, response) => response.end("there"), { keepAlive: 0.2 });
    const socket = await ask(url);
    socket.resume();
    await once(socket, "close");
  });
});

import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
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
      await expect.poll(() => held.length).toBeGreaterThan(before);
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
    for await (const chunk of socket) {
      received += (chunk as Buffer).length;
    }
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

describe("closing, with clients that hold it up", () => {
  /** Connections that each have sent `text`, once the server has read it. */
  async function hold(port: number, text: string, count = 3): Promise<Socket[]> {
    const sockets = Array.from({ length: count }, () =>
      connect(port, "127.0.0.1")
        .on("error", () => {})
        .pause(),
    );
    for (const socket of sockets) {
      socket.write(text);
    }
    await sleep(200);
    return sockets;
  }

  it.each([
    ["half a request line", "GET /"],
    ["half the headers", "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Half: "],
    ["half a body", "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\nhalf of it"],
    ["a whole request, and read nothing of the answer", "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"],
  ])("does not wait for those that sent %s", async (_what, text) => {
    const listener = await listen(
      (request, response) => void request.resume().on("end", () => response.end("x".repeat(20_000_000))),
      { host: "127.0.0.1", port: 0 },
      { lull: 0, idle: 0.2 },
    );
    const sockets = await hold(listener.port, text);
    const begun = performance.now();
    await listener.close();
    expect(performance.now() - begun).toBeLessThan(3000);
    for (const socket of sockets) {
      socket.destroy();
    }
  });

  it("waits for one that goes on with its body", async () => {
    const listener = await listen(
      (request, response) => void readBody(request, 1000).then((body) => response.end(body)),
      { host: "127.0.0.1", port: 0 },
      { lull: 0, idle: 1 },
    );
    const socket = connect(listener.port, "127.0.0.1").on("error", () => {});
    let received = "";
    socket.on("data", (chunk) => {
      received += chunk;
    });
    socket.write("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 17\r\n\r\n");
    await sleep(100);
    const closed = listener.close();
    for (const character of "body, in 16 parts") {
      socket.write(character);
      await sleep(100);
    }
    await closed;
    expect(received).toContain("body, in 16 parts");
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
    await expect.poll(() => outcome).toBeInstanceOf(BodyAborted);
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
    await expect.poll(() => response?.closed).toBe(true);
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
      await expect
        .poll(() => given[0]?.closed)
        .toBe(true)
        .finally(() => clearInterval(asking));
      socket.destroy();
    }
  });

  it("are kept while their client reads slowly", async () => {
    const text = "x".repeat(20_000_000);
    const url = await serve((_request, response) => response.end(text), { unread: 1.5 });
    let received = 0;
    for await (const chunk of await ask(url)) {
      if (Math.floor((received + chunk.length) / 2e6) > Math.floor(received / 2e6)) {
        await sleep(250);
      }
      received += chunk.length;
      if (received > text.length) {
        break;
      }
    }
    expect(received).toBeGreaterThan(text.length);
  });

  it("are cut when their client takes next to nothing of much that waits for it", async () => {
    let response: ServerResponse | undefined;
    const url = await serve(
      (_request, given) => {
        response = given.end("x".repeat(20_000_000));
      },
      { unread: 60, backlog: 64 * 1024, rate: 5_000_000, period: 0.4 },
    );
    const socket = await ask(url);
    const reading = setInterval(() => socket.read(10_000), 20);
    await expect
      .poll(() => response?.closed)
      .toBe(true)
      .finally(() => clearInterval(reading));
    expect(socket.bytesRead).toBeLessThan(20_000_000);
    socket.destroy();
  });

  it("are cut when their answers wait behind one that does not come", async () => {
    const held: ServerResponse[] = [];
    const url = await serve(
      (_request, response) => {
        if (held.push(response) > 1) {
          response.end("x".repeat(1_000_000));
        }
      },
      { unread: 60, backlog: 64 * 1024, rate: 1000, period: 0.4 },
    );
    const socket = await ask(url);
    socket.write("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    socket.resume();
    await once(socket, "close");
    expect(held).toHaveLength(2);
  });

  it.each([
    ["nothing", ""],
    ["less than 64 KiB", "x".repeat(60_000)],
  ])("are kept while %s waits for their client", async (_what, text) => {
    let response: ServerResponse | undefined;
    const url = await serve(
      (_request, given) => {
        response = given;
        given.flushHeaders();
        if (text !== "") {
          given.write(text);
        }
      },
      { unread: 60, backlog: 64 * 1024, rate: 1000, period: 0.2 },
    );
    const socket = await ask(url);
    await sleep(1000);
    expect([response?.destroyed, socket.destroyed]).toEqual([false, false]);
    response?.end();
    socket.destroy();
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

describe("what a client sends", () => {
  const asked = (lines: readonly string[]) => ["GET / HTTP/1.1", ...lines, "Connection: close", "", ""].join("\r\n");

  /** What comes back until the server hangs up, or there has been nothing for a while. */
  async function exchange(url: string, text: string): Promise<string> {
    const socket = connect(Number(new URL(url).port), "127.0.0.1").on("error", () => {});
    let received = "";
    socket.on("data", (chunk) => {
      received += chunk;
    });
    socket.write(text);
    await Promise.race([once(socket, "close"), sleep(500)]);
    socket.destroy();
    return received;
  }

  it.each([
    [190, ["one", "two"], "HTTP/1.1 200 "],
    [198, undefined, "HTTP/1.1 431 "],
    [2500, undefined, "HTTP/1.1 431 "],
  ])("is seen whole or not at all: %i headers more", async (count, expected, status) => {
    let seen: readonly string[] | undefined;
    const url = await serve((request, response) => {
      seen = request.headersDistinct.authorization;
      response.end();
    });
    const many = Array.from({ length: count }, () => "a:");
    const text = asked(["Host: 127.0.0.1", "Authorization: one", ...many, "Authorization: two"]);
    const answer = await exchange(url, text.replace("Connection: close\r\n", ""));
    expect(seen).toEqual(expected);
    expect(answer).toContain(status);
    expect(/\r\nConnection: close\r\n/.test(answer)).toBe(expected === undefined);
  });
});

describe("a client that waits for 100 (Continue)", () => {
  const expecting = (expectation: string) =>
    `POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: ${expectation}\r\nContent-Length: 4\r\n\r\n`;

  /** Sends the headers, the body once it is asked for, and then another request. */
  async function converse(url: string, expectation = "100-continue"): Promise<string> {
    const socket = connect(Number(new URL(url).port), "127.0.0.1").on("error", () => {});
    let received = "";
    socket.on("data", (chunk) => {
      received += chunk;
      if (String(chunk).includes(" 100 ")) {
        socket.write("body");
      }
    });
    socket.write(expecting(expectation));
    await Promise.race([once(socket, "close"), sleep(500)]);
    socket.destroy();
    return received;
  }

  it("is asked for the body when somebody reads it, and the connection goes on", async () => {
    const url = await serve((request, response) => {
      void readBody(request, 100).then((body) => response.end(body));
    });
    const received = await converse(url);
    expect(received).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK[\s\S]*body/);
    expect(received).not.toMatch(/connection: close/i);
  });

  it.each([
    ["that needs no body", (_request: unknown, response: ServerResponse) => void response.writeHead(401).end()],
    [
      "that the body is too large",
      (request: IncomingMessage, response: ServerResponse) =>
        void readBody(request, 3).catch(() => response.writeHead(413).end()),
    ],
  ])("gets an answer %s, and the end of the connection", async (_what, handler) => {
    const received = await converse(await serve(handler));
    expect(received).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(received).toMatch(/connection: close/i);
  });

  it("is refused when it expects anything else, however often", async () => {
    const url = await serve((_request, response) => response.end());
    expect(await converse(url, "the unexpected")).toMatch(/^HTTP\/1\.1 417 /);
  });
});

import type { LookupAddress } from "node:dns";
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { rootCertificates } from "node:tls";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { connectToAny, createGuardedFetch, DocumentError, type GuardedFetch, TooManyFetches } from "./guarded-fetch.ts";
import { type DocumentHost, PUBLIC_ADDRESS, startDocumentHost } from "./testing/document-host.ts";

const URL_OF_DOCUMENT = "https://client.example.com/client.json";
const LIMIT = 5 * 1024;

/** For what needs no deadline: a busy machine may take a second to connect. */
const PATIENT = { timeout: 20 };

let host: DocumentHost;

beforeAll(async () => {
  host = await startDocumentHost();
});
beforeEach(() => {
  for (const list of [host.requested, host.resolved, host.connected]) {
    list.length = 0;
  }
  host.documents.clear();
  host.documents.set(URL_OF_DOCUMENT, { hello: "world" });
});
afterAll(() => host.close());

async function failureOf(work: Promise<unknown>): Promise<DocumentError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof DocumentError)) {
    throw new Error(`Expected a DocumentError, got ${error}`);
  }
  return error;
}

function fetchResolving(...addresses: string[]): GuardedFetch {
  return host.fetchWith({
    resolve: async () => addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
  });
}

function serve(answer: (response: ServerResponse) => void): void {
  host.documents.set(URL_OF_DOCUMENT, (_request, response) => answer(response));
}

const json = { "content-type": "application/json" };

describe("the guarded fetch", () => {
  it("fetches a document by https, and says how long it may be kept", async () => {
    serve((response) => {
      response.writeHead(200, { ...json, "cache-control": "max-age=300", age: "10" }).end('{"hello":"world"}');
    });
    expect(await host.fetch(URL_OF_DOCUMENT, LIMIT)).toEqual({
      json: { hello: "world" },
      cacheControl: "max-age=300",
      age: 10,
    });
  });

  it("asks for plain JSON under the name in the URL, with no credentials and no cookies", async () => {
    let headers = {};
    host.documents.set(URL_OF_DOCUMENT, (request, response) => {
      headers = request.headers;
      response.writeHead(200, json).end("{}");
    });
    await host.fetch(URL_OF_DOCUMENT, LIMIT);
    expect(headers).toEqual({
      host: "client.example.com",
      accept: "application/json",
      "accept-encoding": "identity",
      "user-agent": "mcp-env-auth",
      connection: "close",
    });
  });

  it.each(["application/json; charset=utf-8", "application/jwk-set+json", "Application/JSON"])(
    "takes %s",
    async (type) => {
      serve((response) => response.writeHead(200, { "content-type": type }).end("{}"));
      expect((await host.fetch(URL_OF_DOCUMENT, LIMIT)).json).toEqual({});
    },
  );

  it.each([
    [404, "unfit"],
    [410, "unfit"],
    ...[302, 400, 401, 403, 407, 418, 429, 451, 500, 503].map((status) => [status, "unavailable"] as const),
  ] as const)("takes status %i for a document that is %s: only 404 and 410 withdraw one", async (status, kind) => {
    serve((response) => response.writeHead(status, json).end("{}"));
    expect((await failureOf(host.fetch(URL_OF_DOCUMENT, LIMIT))).kind).toBe(kind);
  });
});

describe("Security rule 13: URLs that are never fetched", () => {
  it.each([
    ["plain http", "http://client.example.com/client.json"],
    ["another scheme", "file:///etc/passwd"],
    ["ftp", "ftp://client.example.com/client.json"],
    ["a scheme in capitals", "HTTPS://client.example.com/client.json"],
    ["no path", "https://client.example.com"],
    ["the root only", "https://client.example.com/"],
    ["user information", "https://user@client.example.com/client.json"],
    ["a password", "https://user:password@client.example.com/client.json"],
    ["a name before the real host", "https://client.example.com@127.0.0.1/client.json"],
    ["a fragment", "https://client.example.com/client.json#a"],
    ["an empty fragment", "https://client.example.com/client.json#"],
    ["dot segments", "https://client.example.com/a/../client.json"],
    ["encoded dot segments", "https://client.example.com/a/%2e%2e/client.json"],
    ["an encoded slash", "https://client.example.com/a%2fclient.json"],
    ["a backslash", "https://client.example.com\\client.json"],
    ["a host in capitals", "https://Client.example.com/client.json"],
    ["the default port, spelled out", "https://client.example.com:443/client.json"],
    ["a line break", "https://client.example.com/client.json\r\nX: y"],
    ["a space", "https://client.example.com/a b"],
    ["a loopback address", "https://127.0.0.1/client.json"],
    ["a short loopback address", "https://127.1/client.json"],
    ["a decimal address", "https://2130706433/client.json"],
    ["an octal address", "https://0177.0.0.1/client.json"],
    ["a hexadecimal address", "https://0x7f000001/client.json"],
    ["a full-width address", "https://１２７.0.0.1/client.json"],
    ["the cloud's metadata service", "https://169.254.169.254/latest/meta-data"],
    ["IPv6 loopback", "https://[::1]/client.json"],
    ["v4-mapped loopback", "https://[::ffff:127.0.0.1]/client.json"],
    ["a public address without a name", "https://93.184.215.14/client.json"],
    ["localhost", "https://localhost/client.json"],
    ["a name within the network", "https://intranet/client.json"],
    ["a name with a dot at its end", "https://client.example.com./client.json"],
    ["what is too long", `https://client.example.com/${"a".repeat(500)}`],
    ["nothing", ""],
  ])("%s", async (_what, url) => {
    expect((await failureOf(host.fetch(url, LIMIT))).kind).toBe("unfit");
    expect([host.resolved, host.connected]).toEqual([[], []]);
  });
});

describe("Security rule 13: addresses that are never connected to", () => {
  it.each([
    ["loopback", "127.0.0.1"],
    ["a private address", "10.0.0.1"],
    ["a private address", "172.16.5.4"],
    ["a private address", "192.168.1.1"],
    ["the cloud's metadata service", "169.254.169.254"],
    ["carrier NAT", "100.64.0.1"],
    ["this network", "0.0.0.0"],
    ["multicast", "224.0.0.251"],
    ["broadcast", "255.255.255.255"],
    ["IPv6 loopback", "::1"],
    ["unique local", "fd12:3456::1"],
    ["link local", "fe80::1"],
    ["v4-mapped private", "::ffff:10.0.0.1"],
    ["NAT64 of the metadata service", "64:ff9b::a9fe:a9fe"],
    ["6to4 of loopback", "2002:7f00:1::"],
    ["Teredo", "2001:0:4136:e378:8000:63bf:3fff:fdd2"],
    ["ISATAP of a private address", "2606:4700::5efe:a00:1"],
    ["what is no address", "localhost"],
  ])("of a name that has %s: %s", async (_what, address) => {
    const failure = await failureOf(fetchResolving(address)(URL_OF_DOCUMENT, LIMIT));
    expect([failure.kind, failure.stage, failure.isUnreached]).toEqual(["unavailable", "address", true]);
    expect(host.connected).toEqual([]);
  });

  it("of a name that has public ones beside a private one", async () => {
    const fetch = fetchResolving(PUBLIC_ADDRESS.address, "10.0.0.1");
    expect((await failureOf(fetch(URL_OF_DOCUMENT, LIMIT))).stage).toBe("address");
    expect(host.connected).toEqual([]);
  });

  it("of a name that has none", async () => {
    expect((await failureOf(fetchResolving()(URL_OF_DOCUMENT, LIMIT))).kind).toBe("unavailable");
  });

  it("by a second look-up: the name is resolved once, and the address that was checked is connected to", async () => {
    let lookups = 0;
    const rebinding = host.fetchWith({
      resolve: async () => [lookups++ === 0 ? PUBLIC_ADDRESS : { address: "127.0.0.1", family: 4 }],
    });
    await rebinding(URL_OF_DOCUMENT, LIMIT);
    expect([lookups, host.connected]).toEqual([1, [PUBLIC_ADDRESS.address]]);
    expect((await failureOf(rebinding(URL_OF_DOCUMENT, LIMIT))).stage).toBe("address");
    expect(host.connected).toHaveLength(1);
  });

  it("by the connection itself: it goes to the addresses that were checked, without asking for the name again", async () => {
    const listener = createServer().listen(0, "127.0.0.1");
    await once(listener, "listening");
    const { port } = listener.address() as AddressInfo;
    const socket = connectToAny([{ address: "127.0.0.1", family: 4 }], "no-such-name.invalid", port);
    await once(socket, "connect");
    expect(socket.remoteAddress).toBe("127.0.0.1");
    socket.destroy();
    listener.close();
  });

  it("by default: localhost by another name is resolved, checked and refused", async () => {
    const fetch = createGuardedFetch({
      resolve: async () => [{ address: "127.0.0.1", family: 4 }],
    });
    expect((await failureOf(fetch(URL_OF_DOCUMENT, LIMIT))).message).toContain("not public");
  });
});

describe("Security rule 13: answers that are not taken", () => {
  it("a redirect, wherever to: it is not followed", async () => {
    for (const status of [301, 302, 303, 307, 308]) {
      serve((response) => {
        response.writeHead(status, { ...json, location: "https://keys.example.com/other.json" }).end("{}");
      });
      expect((await failureOf(host.fetch(URL_OF_DOCUMENT, LIMIT))).kind).toBe("unavailable");
    }
    expect(new Set(host.requested)).toEqual(new Set([URL_OF_DOCUMENT]));
    expect(new Set(host.resolved)).toEqual(new Set(["client.example.com"]));
  });

  it.each([
    ["another status of success", "unavailable", (response: ServerResponse) => response.writeHead(206, json).end("{}")],
    ["no content", "unavailable", (response: ServerResponse) => response.writeHead(204).end()],
    [
      "a web page",
      "unavailable",
      (response: ServerResponse) => response.writeHead(200, { "content-type": "text/html" }).end("{}"),
    ],
    ["no type", "unavailable", (response: ServerResponse) => response.writeHead(200).end("{}")],
    ["no JSON", "unavailable", (response: ServerResponse) => response.writeHead(200, json).end("{")],
    ["nothing", "unavailable", (response: ServerResponse) => response.writeHead(200, json).end()],
    [
      "something compressed, whatever its size",
      "unavailable",
      (response: ServerResponse) => response.writeHead(200, { ...json, "content-encoding": "gzip" }).end("{}"),
    ],
    ["a list", "unfit", (response: ServerResponse) => response.writeHead(200, json).end("[]")],
    ["null", "unfit", (response: ServerResponse) => response.writeHead(200, json).end("null")],
    [
      "a declared length over the limit",
      "unfit",
      (response: ServerResponse) => {
        response.writeHead(200, { ...json, "content-length": String(LIMIT + 1) }).flushHeaders();
      },
    ],
    [
      "a body over the limit, in pieces",
      "unfit",
      (response: ServerResponse) => {
        response.writeHead(200, json);
        for (let n = 0; n < 12; n++) {
          response.write(" ".repeat(512));
        }
        response.end("{}");
      },
    ],
  ] as const)("%s: the document is %s", async (_what, kind, answer) => {
    serve(answer);
    expect((await failureOf(host.fetch(URL_OF_DOCUMENT, LIMIT))).kind).toBe(kind);
  });

  it("one of exactly the limit is taken", async () => {
    const text = JSON.stringify({ a: "x".repeat(LIMIT - 8) });
    serve((response) => response.writeHead(200, json).end(text));
    expect(text).toHaveLength(LIMIT);
    await expect(host.fetch(URL_OF_DOCUMENT, LIMIT)).resolves.toBeDefined();
  });

  it("one that breaks off", async () => {
    serve((response) => {
      response.writeHead(200, { ...json, "content-length": "100" }).write("{");
      setImmediate(() => response.destroy());
    });
    expect((await failureOf(host.fetch(URL_OF_DOCUMENT, LIMIT))).kind).toBe("unavailable");
  });

  it("one that trickles in for longer than the time there is", async () => {
    let trickle: NodeJS.Timeout | undefined;
    serve((response) => {
      response.writeHead(200, json);
      trickle = setInterval(() => response.write(" "), 20);
    });
    const error = await failureOf(host.fetchWith({ timeout: 0.15 })(URL_OF_DOCUMENT, LIMIT));
    clearInterval(trickle);
    expect([error.kind, error.message]).toEqual(["unavailable", expect.stringContaining("0.15 s")]);
  });

  it("one under a certificate of an unknown authority", async () => {
    const error = await failureOf(
      host.fetchWith({ authorities: rootCertificates.slice(0, 1) })(URL_OF_DOCUMENT, LIMIT),
    );
    expect(error.message).toMatch(/UNABLE_TO_VERIFY|SELF_SIGNED|UNABLE_TO_GET/);
    expect(host.requested).toEqual([]);
  });

  it("one under a certificate for another name", async () => {
    const error = await failureOf(host.fetch("https://other.example.com/client.json", LIMIT));
    expect(error.message).toContain("ERR_TLS_CERT_ALTNAME_INVALID");
    expect(host.requested).toEqual([]);
  });
});

describe("Security rule 13: a fetch holds on to nothing", () => {
  it("not to a resolver that never answers", async () => {
    const fetch = host.fetchWith({ resolve: () => new Promise(() => undefined), timeout: 0.1 });
    expect((await failureOf(fetch(URL_OF_DOCUMENT, LIMIT))).kind).toBe("unavailable");
  });

  it("not to a server that accepts and says nothing", async () => {
    const silent = createServer().listen(0, "127.0.0.1");
    await once(silent, "listening");
    const fetch = host.fetchWith({
      connect: () => connect((silent.address() as AddressInfo).port, "127.0.0.1"),
      timeout: 0.1,
    });
    expect((await failureOf(fetch(URL_OF_DOCUMENT, LIMIT))).kind).toBe("unavailable");
    silent.close();
  });

  it("not to a connection that is never made", async () => {
    const socket = connect({ host: "client.example.com", port: 1, lookup: () => undefined });
    const fetch = host.fetchWith({ connect: () => socket, timeout: 0.1 });
    const { stage } = await failureOf(fetch(URL_OF_DOCUMENT, LIMIT));
    expect(stage).toBe("connection");
    await expect.poll(() => socket.destroyed).toBe(true);
  });

  it("not to a port that nobody listens on", async () => {
    const fetch = host.fetchWith({ connect: () => connect(1, "127.0.0.1") });
    expect((await failureOf(fetch(URL_OF_DOCUMENT, LIMIT))).message).toContain("ECONNREFUSED");
  });

  it("and no more of them run at once than may", async () => {
    const waiting: ServerResponse[] = [];
    serve((response) => waiting.push(response));
    const fetch = host.fetchWith({ concurrency: 2 });
    const running = [fetch(URL_OF_DOCUMENT, LIMIT), fetch(URL_OF_DOCUMENT, LIMIT)];
    const third = await failureOf(fetch(URL_OF_DOCUMENT, LIMIT));
    expect([third.kind, third.message]).toEqual(["unavailable", expect.stringContaining("2 documents")]);
    await expect.poll(() => waiting.length).toBe(2);
    for (const response of waiting) {
      response.writeHead(200, json).end("{}");
    }
    await Promise.all(running);
    host.documents.set(URL_OF_DOCUMENT, {});
    await expect(fetch(URL_OF_DOCUMENT, LIMIT)).resolves.toBeDefined();
  });
});

describe("a fetch counts as running until its work has ended:", () => {
  it.each([
    ["101 with an upgrade", "HTTP/1.1 101 x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"],
    ["101 after a 103", "HTTP/1.1 103 x\r\n\r\nHTTP/1.1 101 x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"],
    ["101 without one", "HTTP/1.1 101 x\r\n\r\n"],
    ["426", "HTTP/1.1 426 x\r\nConnection: Upgrade\r\nUpgrade: x\r\nContent-Length: 0\r\n\r\n"],
    ["200 with an upgrade", "HTTP/1.1 200 x\r\nConnection: Upgrade\r\nUpgrade: x\r\nContent-Length: 0\r\n\r\n"],
  ])("an answer that is no document gives its place and its connection back: %s", async (_what, answer) => {
    const sockets = new Set<Socket | null>();
    serve((response) => {
      sockets.add(response.socket);
      response.socket?.write(answer);
    });
    const fetch = host.fetchWith({ ...PATIENT, concurrency: 1 });
    for (const _try of [1, 2]) {
      const failure = await failureOf(fetch(URL_OF_DOCUMENT, LIMIT));
      expect(failure).not.toBeInstanceOf(TooManyFetches);
      expect(failure.kind).toBe("unavailable");
    }
    expect(sockets.size).toBe(2);
    await expect.poll(() => [...sockets].map((socket) => socket?.destroyed)).toEqual([true, true]);
  });

  it("a resolver that goes on after the deadline takes its place", async () => {
    let letGo = (): void => undefined;
    let resolve = () =>
      new Promise<readonly LookupAddress[]>((settle) => {
        letGo = () => settle([]);
      });
    const fetch = host.fetchWith({ resolve: () => resolve(), timeout: 1, concurrency: 1 });
    expect((await failureOf(fetch(URL_OF_DOCUMENT, LIMIT))).message).toContain("1 s");
    resolve = async () => [PUBLIC_ADDRESS];
    expect(await failureOf(fetch(URL_OF_DOCUMENT, LIMIT))).toBeInstanceOf(TooManyFetches);
    letGo();
    await expect.poll(() => fetch(URL_OF_DOCUMENT, LIMIT).catch(() => undefined)).toHaveProperty("json");
  });

  it("one that ends in time is told to the resolver", async () => {
    let told = false;
    const fetch = host.fetchWith({
      timeout: 0.05,
      resolve: (_hostname, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => {
            told = true;
            reject(signal.reason);
          });
        }),
    });
    expect((await failureOf(fetch(URL_OF_DOCUMENT, LIMIT))).stage).toBe("name");
    expect(told).toBe(true);
  });
});

describe("a failure says how far a fetch came:", () => {
  const refused = { connect: () => connect(1, "127.0.0.1") };
  const untrusted = { authorities: rootCertificates.slice(0, 1) };

  it.each([
    ["no address", "name", { resolve: async () => [] }],
    ["an address that is not public", "address", { resolve: async () => [{ address: "10.0.0.1", family: 4 }] }],
    ["a port that nobody listens on", "connection", refused],
    ["a certificate of nobody's", "answer", untrusted],
  ])("%s", async (_what, stage, options) => {
    expect((await failureOf(host.fetchWith(options)(URL_OF_DOCUMENT, LIMIT))).stage).toBe(stage);
  });

  it.each([
    ["an error", "answer", (response: ServerResponse) => response.writeHead(500).end()],
    ["nothing there", "answer", (response: ServerResponse) => response.writeHead(404).end()],
    ["no JSON", "document", (response: ServerResponse) => response.writeHead(200, json).end("{")],
  ])("%s", async (_what, stage, answer) => {
    serve(answer);
    expect((await failureOf(host.fetchWith(PATIENT)(URL_OF_DOCUMENT, LIMIT))).stage).toBe(stage);
  });

  it("no answer in time", async () => {
    serve(() => undefined);
    expect((await failureOf(host.fetchWith({ timeout: 2 })(URL_OF_DOCUMENT, LIMIT))).stage).toBe("answer");
  });
});

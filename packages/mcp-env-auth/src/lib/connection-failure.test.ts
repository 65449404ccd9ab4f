import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import { connect, type TlsOptions } from "node:tls";
import { Agent, fetch as fetchWith } from "undici";
import { describe, expect, it, onTestFinished } from "vitest";
import { describeConnectionFailure } from "./connection-failure.ts";

const read = (name: string) => readFileSync(new URL(`testing/tls/${name}.pem`, import.meta.url), "utf8");
const key = read("key");

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

function serveTls(options: TlsOptions): Server {
  return createTlsServer({ key, ...options }).on("tlsClientError", () => {});
}

/** The failure of a client that trusts the test authority, by `fetch` and by a bare TLS socket. */
async function failuresAt(port: number) {
  const host = "localhost";
  const ca = read("ca");
  const dispatcher = new Agent({ connect: { ca } });
  onTestFinished(() => dispatcher.destroy());
  const byFetch = await fetchWith(`https://${host}:${port}/`, { dispatcher }).catch((error: unknown) => error);
  const socket = connect({ host, port, ca, servername: host });
  const bySocket = await new Promise((resolve) => socket.once("error", resolve).once("secureConnect", resolve));
  socket.destroy();
  return [describeConnectionFailure(byFetch), describeConnectionFailure(bySocket)];
}

describe("a connection that fails is put into words", () => {
  it.each([
    ["an expired certificate", { cert: read("expired") }, "its certificate has expired", "this machine's clock"],
    ["one that is not valid yet", { cert: read("not-yet-valid") }, "its certificate is not valid yet", "clock"],
    ["one that signed itself", { cert: read("self-signed") }, "its certificate is self-signed", "NODE_EXTRA_CA_CERTS"],
    ["one for another name", { cert: read("other-name") }, "its certificate is for other.example", "Correct the name"],
    [
      "old versions of TLS only",
      { cert: read("good"), minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" },
      "it offers no version of TLS that is accepted here",
      "TLS 1.2",
    ],
  ] as const)("%s", async (_what, options, reason, advice) => {
    for (const failure of await failuresAt(await listen(serveTls(options as TlsOptions)))) {
      expect(failure).toMatchObject({ kind: "tls", reason, advice: expect.stringContaining(advice) });
      expect(failure.code).toMatch(/^[A-Z0-9_]+$/);
    }
  });

  it("an unknown authority, with its chain and without", async () => {
    for (const cert of [read("good"), read("good") + read("ca")]) {
      const port = await listen(serveTls({ cert }));
      const error = await fetch(`https://localhost:${port}/`).catch((thrown: unknown) => thrown);
      expect(describeConnectionFailure(error)).toMatchObject({
        kind: "tls",
        reason: expect.stringContaining("its certificate is of an authority that is not trusted"),
        advice: expect.stringContaining("NODE_EXTRA_CA_CERTS"),
      });
    }
  });

  it("a server without TLS", async () => {
    const port = await listen(createServer());
    for (const failure of await failuresAt(port)) {
      expect(failure).toMatchObject({ kind: "tls", reason: "it does not speak TLS" });
    }
  });

  it("a server that hangs up", async () => {
    const port = await listen(createTcpServer((socket) => socket.destroy()));
    for (const failure of await failuresAt(port)) {
      expect(failure.kind).toBe("cut");
    }
  });

  it("a port that nothing listens on, at any address of the name", async () => {
    const server = createServer();
    const port = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    expect((await failuresAt(port)).map(({ kind }) => kind)).toEqual(["refused", "refused"]);
  });

  it("a name that DNS does not know", async () => {
    const error = Object.assign(new Error("getaddrinfo"), { code: "ENOTFOUND" });
    expect(describeConnectionFailure(new TypeError("fetch failed", { cause: error }))).toMatchObject({ kind: "name" });
  });

  it.each([undefined, null, "text", new Error("no code"), { code: 7 }, circular()])(
    "what says nothing is a failed connection: %#",
    (error) => {
      expect(describeConnectionFailure(error)).toEqual({
        kind: "other",
        code: undefined,
        reason: "the connection failed",
      });
    },
  );

  it("an unknown failure of TLS keeps its code", () => {
    expect(describeConnectionFailure({ code: "ERR_SSL_NEW" })).toEqual({
      kind: "tls",
      code: "ERR_SSL_NEW",
      reason: "TLS failed",
    });
  });
});

function circular(): Error {
  const error = new Error("around");
  error.cause = error;
  return error;
}

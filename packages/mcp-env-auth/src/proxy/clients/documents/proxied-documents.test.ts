import type { ServerResponse } from "node:http";
import { createServer, type Socket } from "node:net";
import { checkServerIdentity, type PeerCertificate } from "node:tls";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { readOutgoing } from "../../../env/outgoing-settings.ts";
import { environmentOf } from "../../../env/testing/environment-of.ts";
import {
  type ConnectProxy,
  type ConnectProxyOptions,
  startConnectProxy,
} from "../../../outgoing/testing/connect-proxy.ts";
import { createTransport } from "../../../outgoing/transport.ts";
import { setOutgoing } from "../../../outgoing.ts";
import { DocumentError, type FetchedDocument, type GuardedFetchOptions, TooManyFetches } from "./guarded-fetch.ts";
import {
  type DocumentHost,
  PUBLIC_ADDRESS,
  SECOND_CA,
  startDocumentHost,
  testCertificate,
} from "./testing/document-host.ts";

const NAME = "client.example.com";
const ID = `https://${NAME}/client.json`;
const DOCUMENT = { hello: "world" };
const LIMIT = 5 * 1024;
const SECOND_CA_FILE = fileURLToPath(new URL("./testing/tls/second-ca.pem", import.meta.url));
const PASSWORD = "the-proxy-password";
const json = { "content-type": "application/json" };
let host: DocumentHost;

beforeEach(async () => {
  host = await startDocumentHost();
  onTestFinished(() => host.close());
  host.documents.set(ID, DOCUMENT);
});
afterEach(() => setOutgoing(undefined));

async function useEnvironment(variables: Record<string, string>): Promise<void> {
  setOutgoing(await createTransport(readOutgoing(environmentOf(variables)).settings));
}

/** A proxy that the environment names. */
async function useProxy(options: ConnectProxyOptions = {}): Promise<ConnectProxy> {
  const proxy = await startConnectProxy({ target: host.port, ...options });
  await useEnvironment({ HTTPS_PROXY: proxy.url });
  return proxy;
}

/** Fetches a document as a server whose operator has listed its host. */
function fetchListed(options: GuardedFetchOptions = {}): Promise<FetchedDocument> {
  return host.fetchWith({ hosts: [NAME], ...options })(ID, LIMIT);
}

async function failureOf(work: Promise<unknown>): Promise<DocumentError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DocumentError);
  return error as DocumentError;
}

describe("Security rule 13: through a proxy, only from hosts that the operator lists one by one:", () => {
  it("a listed host is fetched from by a tunnel to its name, which nothing here resolves", async () => {
    const proxy = await useProxy();
    expect((await fetchListed()).json).toEqual(DOCUMENT);
    expect([proxy.tunnels, host.resolved, host.connected]).toEqual([[`${NAME}:443`], [], []]);
    await expect.poll(() => proxy.connections()).toBe(0);
  });

  it.each([
    ["without a list", undefined],
    ["listed as any host", ["*"]],
    ["listed by a pattern", ["*.example.com"]],
    ["where another host is listed", ["*", "other.example.com"]],
    ["listed with another port", ["*", `${NAME}:8443`]],
  ])("%s it is fetched from directly, at an address that was checked", async (_how, hosts) => {
    const proxy = await useProxy();
    expect((await fetchListed({ hosts })).json).toEqual(DOCUMENT);
    expect([proxy.tunnels, host.connected]).toEqual([[], [PUBLIC_ADDRESS.address]]);
    const inside = fetchListed({ hosts, resolve: async () => [{ address: "10.0.0.1", family: 4 }] });
    expect((await failureOf(inside)).message).toContain("not public");
    expect(proxy.tunnels).toEqual([]);
  });

  it("a listed host is fetched from directly where NO_PROXY names it, or there is a proxy for http only", async () => {
    const proxy = await startConnectProxy({ target: host.port });
    for (const variables of [
      { HTTPS_PROXY: proxy.url, NO_PROXY: "example.com" },
      { https_proxy: proxy.url, no_proxy: `${NAME}:443` },
      { HTTP_PROXY: proxy.url },
    ]) {
      await useEnvironment(variables);
      expect((await fetchListed()).json).toEqual(DOCUMENT);
      const inside = fetchListed({ resolve: async () => [{ address: "10.0.0.1", family: 4 }] });
      expect((await failureOf(inside)).message).toContain("not public");
    }
    expect(proxy.tunnels).toEqual([]);
  });

  it("a port is tunnelled to only if it is listed with the host", async () => {
    const proxy = await useProxy();
    const id = `https://${NAME}:8443/client.json`;
    host.documents.set(id, DOCUMENT);
    expect((await host.fetchWith({ hosts: [`${NAME}:8443`] })(id, LIMIT)).json).toEqual(DOCUMENT);
    expect(proxy.tunnels).toEqual([`${NAME}:8443`]);
    await host.fetchWith({ hosts: [NAME] })(id, LIMIT);
    expect(proxy.tunnels).toHaveLength(1);
  });

  it.each([
    ["http://client.example.com/client.json"],
    ["https://user:secret@client.example.com/client.json"],
    ["https://client.example.com@10.0.0.1/client.json"],
    ["https://client.example.com./client.json"],
    ["https://CLIENT.example.com/client.json"],
  ])("%s is refused before the proxy hears of it", async (url) => {
    const proxy = await useProxy();
    expect((await failureOf(host.fetchWith({ hosts: [NAME] })(url, LIMIT))).kind).toBe("unfit");
    expect(proxy.tunnels).toEqual([]);
  });
});

describe("Security rule 13: through a proxy, TLS is verified for the name end to end:", () => {
  it.each([
    ["expired", "CERT_HAS_EXPIRED"],
    ["not-yet-valid", "CERT_NOT_YET_VALID"],
    ["other-name", "ERR_TLS_CERT_ALTNAME_INVALID"],
    ["self-signed", "DEPTH_ZERO_SELF_SIGNED_CERT"],
    ["without-intermediate", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
  ])("a certificate that is %s is refused, and nothing is asked for", async (certificate, code) => {
    const other = await startDocumentHost(certificate);
    onTestFinished(() => other.close());
    const proxy = await useProxy({ target: other.port });
    const failure = await failureOf(fetchListed({ authorities: [SECOND_CA] }));
    expect(failure.message).toContain(code);
    expect([failure.kind, failure.isUnreached, other.requested]).toEqual(["unavailable", true, []]);
    await expect.poll(() => proxy.connections()).toBe(0);
  });

  it("a proxy that opens TLS itself is refused, unless NODE_EXTRA_CA_CERTS names its authority", async () => {
    const inspecting = await startDocumentHost("valid");
    onTestFinished(() => inspecting.close());
    inspecting.documents.set(ID, { by: "the proxy" });
    const proxy = await startConnectProxy({ target: inspecting.port });
    await useEnvironment({ HTTPS_PROXY: proxy.url });
    const fetch = host.fetchWith({ hosts: [NAME], authorities: undefined });
    const failure = await failureOf(fetch(ID, LIMIT));
    expect(failure.message).toContain("NODE_EXTRA_CA_CERTS");
    expect(inspecting.requested).toEqual([]);
    await useEnvironment({ HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: SECOND_CA_FILE });
    expect((await fetch(ID, LIMIT)).json).toEqual({ by: "the proxy" });
  });

  it("whatever NODE_TLS_REJECT_UNAUTHORIZED says", async () => {
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
    onTestFinished(() => {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    });
    await useProxy();
    await failureOf(fetchListed({ authorities: [SECOND_CA] }));
    expect(host.requested).toEqual([]);
    await useProxy({ tls: testCertificate("self-signed") });
    await failureOf(fetchListed());
    expect(host.requested).toEqual([]);
  });
});

describe("Security rule 13: through a proxy, the same limits count:", () => {
  function serve(answer: (response: ServerResponse) => void): void {
    host.documents.set(ID, (_request, response) => answer(response));
  }

  it("a redirect is not followed", async () => {
    const proxy = await useProxy();
    serve((response) => response.writeHead(302, { ...json, location: "https://keys.example.com/a.json" }).end("{}"));
    expect((await failureOf(fetchListed())).message).toContain("302");
    expect(proxy.tunnels).toEqual([`${NAME}:443`]);
  });

  it("a document that is too large is not read", async () => {
    await useProxy();
    serve((response) => response.writeHead(200, json).end(`{"a":"${"x".repeat(LIMIT)}"}`));
    expect((await failureOf(fetchListed())).kind).toBe("unfit");
  });

  it("a document that trickles in is cut, and the proxy sees its connection end", async () => {
    const proxy = await useProxy();
    serve((response) => {
      response.writeHead(200, json);
      const trickle = setInterval(() => response.write(" "), 20);
      response.on("close", () => clearInterval(trickle));
    });
    expect((await failureOf(fetchListed({ timeout: 0.3 }))).message).toContain("0.3 s");
    await expect.poll(() => proxy.connections()).toBe(0);
  });

  it("no more of them run at once than may, and each gives its place back", async () => {
    const waiting: Socket[] = [];
    const proxy = await useProxy({ answer: (client) => waiting.push(client) });
    const fetch = host.fetchWith({ hosts: [NAME], concurrency: 2, timeout: 2 });
    const running = [fetch(ID, LIMIT), fetch(ID, LIMIT)].map(failureOf);
    await expect.poll(() => waiting.length).toBe(2);
    expect(await failureOf(fetch(ID, LIMIT))).toBeInstanceOf(TooManyFetches);
    for (const { message } of await Promise.all(running)) {
      expect(message).toContain("2 s");
    }
    await expect.poll(() => proxy.connections()).toBe(0);
    expect(await failureOf(fetch(ID, LIMIT))).not.toBeInstanceOf(TooManyFetches);
  });
});

const SILENT: readonly [string, (client: Socket) => void][] = [
  ["never answers", () => undefined],
  ["never ends its headers", (client) => client.write("HTTP/1.1 200 OK\r\nX-A: b\r\n")],
  ["opens a tunnel to nobody", (client) => client.write("HTTP/1.1 200 OK\r\n\r\n")],
];

describe("a proxy that", () => {
  it.each<[string, (client: Socket) => void, RegExp]>([
    [
      "refuses",
      (client) => client.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 6\r\n\r\nsecret"),
      /answered 403\. Ask/,
    ],
    ["can't reach the host", (client) => client.end("HTTP/1.1 502 Bad Gateway\r\n\r\n"), /answered 502/],
    ["redirects", (client) => client.end("HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/\r\n\r\n"), /answered 302/],
    ["says to go on", (client) => client.write("HTTP/1.1 100 Continue\r\n\r\n"), /answered 100/],
    ["answers garbage", (client) => client.end("SSH-2.0-OpenSSH_9.6\r\n"), /HPE_INVALID/],
    ["answers TLS", (client) => client.end(Buffer.from("150301000202 28".replace(" ", ""), "hex")), /HPE_INVALID/],
    [
      "answers with huge headers",
      (client) => client.write(`HTTP/1.1 200 OK\r\nX: ${"x".repeat(20_000)}\r\n\r\n`),
      /HPE_HEADER_OVERFLOW/,
    ],
    ["sends early bytes", (client) => client.write("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n{}"), /EARLY_DATA/],
    ["closes without an answer", (client) => client.destroy(), /ECONNRESET/],
    ["closes the tunnel at once", (client) => client.end("HTTP/1.1 200 OK\r\n\r\n"), /ECONNRESET/],
    [
      "answers in the host's place",
      (client) => {
        client.write("HTTP/1.1 200 OK\r\n\r\n");
        client.once("data", () => client.end("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{}"));
      },
      /ERR_SSL|EPROTO/,
    ],
  ])("%s gives no document, and its connection is closed", async (_what, answer, message) => {
    const proxy = await useProxy({ answer });
    const failure = await failureOf(fetchListed());
    expect(failure.message).toMatch(message);
    expect(failure.message).toContain(`${proxy.url} of HTTPS_PROXY`);
    expect([failure.kind, failure.isUnreached]).toEqual(["unavailable", true]);
    expect(host.requested).toEqual([]);
    await expect.poll(() => proxy.connections()).toBe(0);
  });

  it.each(SILENT)("%s is given up at the deadline, and its connection is closed", async (_what, answer) => {
    const proxy = await useProxy({ answer });
    const failure = await failureOf(fetchListed({ timeout: 0.3 }));
    expect(failure.message).toMatch(/within 0\.3 s, through the proxy/);
    await expect.poll(() => proxy.connections()).toBe(0);
  });

  it("drips its headers is given up at the deadline", async () => {
    const proxy = await useProxy({
      answer: (client) => {
        client.write("HTTP/1.1 200 OK\r\n");
        const drip = setInterval(() => client.write("X-A: b\r\n"), 20);
        client.on("close", () => clearInterval(drip));
      },
    });
    expect((await failureOf(fetchListed({ timeout: 0.3 }))).message).toContain("0.3 s");
    await expect.poll(() => proxy.connections()).toBe(0);
  });

  it("is down, or has a name that nobody knows, is named by its variable", async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
    const { port } = closed.address() as { port: number };
    await new Promise((resolve) => closed.close(resolve));
    for (const [url, code] of [
      [`http://127.0.0.1:${port}`, "ECONNREFUSED"],
      ["http://proxy.invalid:3128", "(ENOTFOUND|EAI_AGAIN)"],
    ]) {
      await useEnvironment({ HTTPS_PROXY: url ?? "" });
      const failure = await failureOf(fetchListed());
      expect(failure.message).toMatch(new RegExp(`${code}.*${url} of HTTPS_PROXY`));
      expect([failure.stage, failure.isUnreached]).toEqual(["connection", true]);
    }
  });

  it("speaks TLS is trusted by its certificate only", async () => {
    const proxy = await startConnectProxy({ target: host.port, tls: testCertificate("valid") });
    await useEnvironment({ HTTPS_PROXY: proxy.url });
    expect((await failureOf(fetchListed())).message).toMatch(/UNABLE_TO_VERIFY_LEAF_SIGNATURE.*of HTTPS_PROXY/);
    expect(proxy.tunnels).toEqual([]);
    await useEnvironment({ HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: SECOND_CA_FILE });
    expect((await fetchListed()).json).toEqual(DOCUMENT);
    await useEnvironment({
      HTTPS_PROXY: proxy.url.replace("127.0.0.1", "localhost"),
      NODE_EXTRA_CA_CERTS: SECOND_CA_FILE,
    });
    expect((await fetchListed()).json).toEqual(DOCUMENT);
    await expect.poll(() => proxy.connections()).toBe(0);
  });

  it("has an IPv6 address is used", async () => {
    const proxy = await useProxy({ host: "::1" });
    expect((await fetchListed()).json).toEqual(DOCUMENT);
    expect(proxy.tunnels).toEqual([`${NAME}:443`]);
  });

  // Node.js 22.23 finds no IPv6 address in a certificate.
  const findsIpv6 = checkServerIdentity("::1", { subjectaltname: "IP Address:0:0:0:0:0:0:0:1" } as PeerCertificate);
  it.skipIf(findsIpv6 !== undefined)("has an IPv6 address and speaks TLS is used", async () => {
    const proxy = await startConnectProxy({ target: host.port, host: "::1", tls: testCertificate("valid") });
    await useEnvironment({ HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: SECOND_CA_FILE });
    expect((await fetchListed()).json).toEqual(DOCUMENT);
    expect(proxy.tunnels).toEqual([`${NAME}:443`]);
  });
});

describe("Security rule 11: the proxy's credentials", () => {
  it.each([
    ["a user and a password", `user:${PASSWORD}`, PASSWORD],
    ["percent-encoding", "user:p%40ss%3A%2F%C3%BC", "p@ss:/ü"],
  ])("reach the proxy, with %s", async (_what, userInformation, password) => {
    const proxy = await startConnectProxy({ target: host.port, password });
    await useEnvironment({ https_proxy: proxy.url.replace("//", `//${userInformation}@`) });
    expect((await fetchListed()).json).toEqual(DOCUMENT);
    expect(proxy.credentials).toEqual([`Basic ${Buffer.from(`user:${password}`).toString("base64")}`]);
  });

  it("never reach the host", async () => {
    let sent = "";
    host.documents.set(ID, ({ rawHeaders }, response) => {
      sent = rawHeaders.join("\n");
      response.writeHead(200, json).end("{}");
    });
    const proxy = await startConnectProxy({ target: host.port, password: PASSWORD });
    await useEnvironment({ HTTPS_PROXY: proxy.url.replace("//", `//user:${PASSWORD}@`) });
    await fetchListed();
    expect(sent.toLowerCase()).toContain("host");
    expect(sent.toLowerCase()).not.toContain("proxy");
  });

  it("are in no error: a refusal says how to write them", async () => {
    const proxy = await startConnectProxy({ password: "another" });
    await useEnvironment({ HTTPS_PROXY: proxy.url.replace("//", `//user:${PASSWORD}@`) });
    const failure = await failureOf(fetchListed());
    expect(failure.message).toContain("answered 407. It wants credentials: write HTTPS_PROXY=http://user:password@");
    const shown = [failure.message, failure.stack, JSON.stringify(failure), String(failure.cause)].join();
    expect(shown).not.toContain(PASSWORD);
    expect(shown).not.toContain(Buffer.from(`user:${PASSWORD}`).toString("base64"));
  });
});

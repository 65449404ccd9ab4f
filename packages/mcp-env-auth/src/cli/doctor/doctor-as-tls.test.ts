import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import type { TlsOptions } from "node:tls";
import { fileURLToPath } from "node:url";
import { freePort } from "test-support/free-port";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import { startConnectProxy } from "../../outgoing/testing/connect-proxy.ts";
import { setOutgoing } from "../../outgoing.ts";
import { callCli } from "../testing/call-cli.ts";
import type { Finding } from "./finding.ts";

const TLS = new URL("../../lib/testing/tls/", import.meta.url);
const read = (name: string) => readFileSync(new URL(`${name}.pem`, TLS), "utf8");
const trusting = { NODE_EXTRA_CA_CERTS: fileURLToPath(new URL("ca.pem", TLS)) };

afterEach(() => setOutgoing(undefined));

async function startTls(certificate: string, options: TlsOptions = {}, listener?: RequestListener): Promise<number> {
  const server = createTlsServer({ key: read("key"), cert: read(certificate), ...options }, listener);
  server.on("tlsClientError", () => undefined);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function run(url: string, env: Record<string, string> = trusting, client = "claude") {
  const { exitCode, stdout, stderr } = await callCli(["doctor", "--as", client, "--url", url, "--json"], { env });
  const { findings } = JSON.parse(stdout) as { readonly findings: readonly Finding[] };
  return { exitCode, stdout, stderr, findings, last: findings.at(-1) };
}

/** What a server in front of which TLS ends may get wrong, and what a person is to read. */
const FAULTS = [
  ["has expired", "expired", {}, "its certificate has expired"],
  ["is not valid yet", "not-yet-valid", {}, "its certificate is not valid yet"],
  ["signed itself", "self-signed", {}, "its certificate is self-signed"],
  ["is for another name", "other-name", {}, "its certificate is for other.example"],
  [
    "comes with old versions of TLS only",
    "good",
    { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" },
    "it offers no version of TLS that is accepted here",
  ],
] as const;

const CERTIFICATE = /a certificate for this name that public clients trust/;

describe("doctor --as, at an address whose certificate", () => {
  it.each(FAULTS)("%s: the client stops at its first request", async (_what, name, options, reason) => {
    const port = await startTls(name, options as TlsOptions);
    const { exitCode, last } = await run(`https://localhost:${port}/mcp`);
    expect(exitCode).toBe(1);
    expect(last).toEqual({
      check: "first-request",
      status: "failure",
      message: `https://localhost:${port}/mcp can't be reached: ${reason}.`,
      fix: expect.stringMatching(CERTIFICATE),
    });
  });

  it("is of an authority that nobody knows: the client stops at its first request", async () => {
    const port = await startTls("good");
    const { exitCode, last } = await run(`https://localhost:${port}/mcp`, {});
    expect([exitCode, last?.check]).toEqual([1, "first-request"]);
    expect(last?.message).toContain("its certificate is of an authority that is not trusted");
    expect(last?.fix).toMatch(CERTIFICATE);
  });

  it("is good, the client goes on", async () => {
    const port = await startTls("good", {}, (_request, response) => response.writeHead(401).end());
    const { findings } = await run(`https://localhost:${port}/mcp`);
    expect(findings).toContainEqual(expect.objectContaining({ check: "first-request", status: "ok" }));
  });

  it("is not shown, since the port speaks no TLS", async () => {
    const server = createTcpServer((socket) => socket.on("error", () => undefined).end("HTTP/1.1 400 Bad\r\n\r\n"));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const { last } = await run(`https://localhost:${(server.address() as AddressInfo).port}/mcp`);
    expect(last?.message).toContain("it does not speak TLS");
  });

  it.each(FAULTS.slice(0, 4))(
    "%s, behind HTTPS_PROXY: the words are the same",
    async (_what, name, _options, reason) => {
      const proxy = await startConnectProxy({ target: await startTls(name), password: "the-proxy-password" });
      const url = proxy.url.replace("//", "//user:the-proxy-password@");
      const { last, stdout, stderr } = await run("https://localhost.example.com/mcp", {
        ...trusting,
        HTTPS_PROXY: url,
      });

      expect(last).toMatchObject({ check: "first-request", fix: expect.stringMatching(CERTIFICATE) });
      expect(last?.message).toMatch(
        new RegExp(
          `${name === "other-name" ? "its certificate is for" : reason}.*, through the proxy ${proxy.url} of HTTPS_PROXY`,
        ),
      );
      expect(stdout + stderr).not.toContain("the-proxy-password");
    },
  );
});

describe("doctor --as, at an address whose authority only this machine trusts", () => {
  const DOCUMENTS_TLS = new URL("../../proxy/clients/documents/testing/tls/", import.meta.url);
  const file = (name: string) => fileURLToPath(new URL(name, DOCUMENTS_TLS));

  it.each([
    ["claude", 1],
    ["codex", 0],
  ])(
    "%s gets this many warnings of it: %i, since only clients on the internet don't trust it either",
    async (client, count) => {
      const tls = { key: readFileSync(file("test-leaf-key.pem")), cert: readFileSync(file("valid.pem")) };
      const port = await startTls("good", tls, (_request, response) => response.writeHead(401).end());
      const proxy = await startConnectProxy({ target: port });
      const env = { NODE_EXTRA_CA_CERTS: file("second-ca.pem"), HTTPS_PROXY: proxy.url };
      for (const [url, behind] of [
        ["https://client.example.com/mcp", env],
        [`https://localhost:${port}/mcp`, { NODE_EXTRA_CA_CERTS: env.NODE_EXTRA_CA_CERTS }],
      ] as const) {
        const { findings } = await run(url, behind, client);
        const warnings = findings.filter(({ message }) => message.includes("only this machine trusts"));
        expect(warnings).toEqual(
          Array(count).fill({
            check: "first-request",
            status: "warning",
            message: expect.stringContaining("connects from the internet"),
            fix: expect.stringMatching(CERTIFICATE),
          }),
        );
        expect(findings).toContainEqual(expect.objectContaining({ check: "first-request", status: "ok" }));
      }
    },
  );
});

describe("doctor --as, where the address is good and another host of the login", () => {
  it.each(FAULTS)(
    "has a certificate that %s: the metadata is not there, and why",
    async (_what, name, options, reason) => {
      const bad = await startTls(name, options as TlsOptions);
      const url = await startResource(`https://localhost:${bad}`);
      const { exitCode, findings } = await run(url);
      const found = findings.find(({ check }) => check === "server-metadata");
      expect(exitCode).toBe(1);
      expect(found?.message).toContain(
        `https://localhost:${bad}/.well-known/oauth-authorization-server can't be reached: ${reason}`,
      );
      expect(found?.fix).toMatch(CERTIFICATE);
    },
  );

  it("can't be connected to: the fix is not about the paths", async () => {
    const url = await startResource(`https://localhost:${await freePort()}`);
    const found = (await run(url)).findings.find(({ check }) => check === "server-metadata");
    expect(found?.message).toContain("nothing listens there");
    expect(found?.fix).toContain("Start the server");
  });

  it("is what a redirect leads to: the message names the address that failed", async () => {
    const bad = await startTls("expired");
    const url = await startResource("https://localhost:1", `https://localhost:${bad}/metadata`);
    const found = (await run(url)).findings.find(({ check }) => check === "resource-metadata");
    expect(found?.message).toContain(
      `redirects to https://localhost:${bad}/metadata, which can't be reached: its certificate has expired`,
    );
  });
});

/** A protected resource whose metadata names this authorization server, or is elsewhere. */
async function startResource(issuer: string, elsewhere?: string): Promise<string> {
  const port = await startTls("good", {}, ({ url, headers }, response) => {
    if (!url?.startsWith("/.well-known/oauth-protected-resource")) {
      response.writeHead(url === "/mcp" ? 401 : 404).end();
    } else if (elsewhere !== undefined) {
      response.writeHead(302, { location: elsewhere }).end();
    } else {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ resource: `https://${headers.host}/mcp`, authorization_servers: [issuer] }));
    }
  });
  return `https://localhost:${port}/mcp`;
}

import { connect } from "node:net";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { readOutgoing } from "../../../env/outgoing-settings.ts";
import { environmentOf } from "../../../env/testing/environment-of.ts";
import { type ConnectProxy, startConnectProxy } from "../../../outgoing/testing/connect-proxy.ts";
import { createTransport } from "../../../outgoing/transport.ts";
import { setOutgoing } from "../../../outgoing.ts";
import { callEndpoint, jsonOf } from "../../testing/call-endpoint.ts";
import { CHATGPT } from "../../testing/known-clients.ts";
import { McpClient, TestBrowser } from "../../testing/mcp-client.ts";
import { useProxy } from "../../testing/proxy-fixture.ts";
import { createGuardedFetch, type GuardedFetchOptions } from "./guarded-fetch.ts";
import { type DocumentHost, startDocumentHost } from "./testing/document-host.ts";

const fixture = useProxy();
const VARIABLE = "FASTMCP_SERVER_AUTH_AUTH0_CLIENT_ID_METADATA_HOSTS";
const STRANGER = "https://client.example.com/client.json";
let host: DocumentHost;
/** Whether names of hosts are found. */
let online: boolean;

beforeEach(async () => {
  host = await startDocumentHost();
  onTestFinished(() => host.close());
  host.documents.set(CHATGPT.document.client_id, CHATGPT.document);
  online = true;
  const cut = createGuardedFetch({ resolve: () => Promise.reject(Object.assign(new Error(), { code: "ENOTFOUND" })) });
  fixture.server.restart({ fetchClientDocument: (...request) => (online ? host.fetch : cut)(...request) });
});

async function advertised(): Promise<readonly unknown[]> {
  const path = "/.well-known/oauth-authorization-server";
  const { body, headers } = await jsonOf(callEndpoint(fixture.server.proxy.endpoints, path));
  return [body.client_id_metadata_document_supported, new Headers(headers).get("cache-control")];
}

/** Opens the consent page of the client with this id. @returns the status. */
async function open(id: string, redirectUri = CHATGPT.redirectUris[0]): Promise<number> {
  const client = new McpClient(fixture.server, redirectUri);
  client.id = id;
  return (await new TestBrowser().get(client.authorizeUrl())).status;
}

/** Serves nothing at `url` before it is told to. */
function holdBack(url: string): { readonly reached: Promise<void>; letGo(): void } {
  let letGo = () => {};
  const reached = new Promise<void>((reach) => {
    host.documents.set(url, (_request, response) => {
      letGo = () => void response.writeHead(404).end();
      reach();
    });
  });
  return { reached, letGo: () => letGo() };
}

const warnings = () => fixture.server.log.filter(({ fields }) => fields.event === "client-documents-not-advertised");

const ON = [true, "public, max-age=3600"];
const PAUSED = [false, "no-store"];

describe("documents of clients are advertised", () => {
  it("not for ten minutes after a known host could not be reached, and the log says what to set", async () => {
    online = false;
    expect(await advertised()).toEqual(ON);
    expect(await open(CHATGPT.document.client_id)).toBe(503);
    expect(await advertised()).toEqual(PAUSED);
    fixture.clock.advance(599);
    expect(await advertised()).toEqual(PAUSED);
    fixture.clock.advance(1);
    expect(await advertised()).toEqual(ON);
    expect(warnings()).toMatchObject([{ level: "warn", fields: { host: "chatgpt.com" } }]);
    expect(warnings()[0]?.message).toContain(VARIABLE);
  });

  it("whatever a stranger's URL at a known host does: it may never answer, or cut the connection", async () => {
    // Long enough for a busy machine to connect: the host has to be reached.
    const hosted = host.fetchWith({ timeout: 2 });
    fixture.server.restart({ fetchClientDocument: hosted });
    host.documents.set("https://chatgpt.com/slow", () => undefined);
    host.documents.set("https://chatgpt.com/cut", (request) => request.socket.destroy());
    for (const path of ["slow", "cut"]) {
      expect(await open(`https://chatgpt.com/${path}`)).toBe(503);
    }
    expect(await advertised()).toEqual(ON);
    expect(warnings()).toEqual([]);
  });

  it("again as soon as a known host is reached, since its documents are accepted all the while", async () => {
    online = false;
    await open(CHATGPT.document.client_id);
    online = true;
    fixture.clock.advance(5);
    expect(await open(CHATGPT.document.client_id)).toBe(200);
    expect(await advertised()).toEqual(ON);
  });

  it("whatever strangers ask for: neither a failure nor a success of their hosts counts", async () => {
    online = false;
    await open(STRANGER);
    expect(await advertised()).toEqual(ON);
    await open(CHATGPT.document.client_id);
    online = true;
    fixture.clock.advance(5);
    const redirectUri = "https://client.example.com/cb";
    host.documents.set(STRANGER, { client_id: STRANGER, client_name: "Any", redirect_uris: [redirectUri] });
    expect(await open(STRANGER, redirectUri)).toBe(200);
    expect(await advertised()).toEqual(PAUSED);
  });

  it("although too many are being fetched to fetch a known host's: strangers can bring that about, and the log says it", async () => {
    fixture.server.restart({ fetchClientDocument: host.fetchWith({ concurrency: 1, timeout: 2 }) });
    const { reached, letGo } = holdBack(STRANGER);
    const stranger = open(STRANGER);
    await reached;
    expect(await open(CHATGPT.document.client_id)).toBe(503);
    letGo();
    await stranger;
    expect(await advertised()).toEqual(ON);
    const lines = fixture.server.log.filter(({ fields }) => String(fields.event).startsWith("client-document"));
    expect(lines.map(({ fields }) => [fields.event, fields.host])).toEqual([
      ["client-documents-full", undefined],
      ["client-document-refused", "client.example.com"],
    ]);
  });

  it("although a known host answers with an error: it was reached", async () => {
    expect(await open("https://claude.ai/missing.json")).toBe(400);
    expect(await advertised()).toEqual(ON);
  });

  it("not with an empty list of hosts, without a warning", async () => {
    fixture.server.restart({ clientIdMetadataHosts: [] });
    expect(await advertised()).toEqual([false, "public, max-age=3600"]);
    expect(warnings()).toEqual([]);
  });
});

describe("behind HTTPS_PROXY, documents of clients are advertised", () => {
  const PASSWORD = "the-proxy-password";
  const ALL_KNOWN = "claude.ai, claude.com, chatgpt.com, openai.com, vscode.dev";

  async function useProxy({ password = PASSWORD, noProxy = "" } = {}): Promise<ConnectProxy> {
    const proxy = await startConnectProxy({ target: host.port, password });
    const url = proxy.url.replace("//", `//user:${PASSWORD}@`);
    const { settings } = readOutgoing(environmentOf({ HTTPS_PROXY: url, NO_PROXY: noProxy }));
    setOutgoing(await createTransport(settings));
    onTestFinished(() => setOutgoing(undefined));
    return proxy;
  }

  function restartWith(hosts: readonly string[] | undefined, options: GuardedFetchOptions = {}): void {
    const fetchClientDocument = host.fetchWith({ hosts, ...options });
    fixture.server.restart({ fetchClientDocument, clientIdMetadataHosts: hosts });
  }

  it.each([
    [undefined, "", PAUSED],
    [["*"], "", PAUSED],
    [["*.chatgpt.com"], "", PAUSED],
    [["*", "*.example.com"], "", PAUSED],
    [["chatgpt.com"], "", ON],
    [["*", "chatgpt.com"], "", ON],
    [["chatgpt.com:8443"], "", ON],
    [undefined, ALL_KNOWN, ON],
    [["*"], ALL_KNOWN, ON],
    [["*.example.com"], "example.com", ON],
    [["*.example.com"], "*", ON],
    [["*"], "chatgpt.com", PAUSED],
  ])("with hosts %j and NO_PROXY=%s: %j, and the start warns where they are not", async (hosts, noProxy, expected) => {
    await useProxy({ noProxy });
    restartWith(hosts);
    expect(await advertised()).toEqual(expected);
    const expectedWarnings = expected === ON ? [] : [{ level: "warn", message: expect.stringContaining(VARIABLE) }];
    expect(warnings()).toMatchObject(expectedWarnings);
  });

  it("not with an empty list, without a warning", async () => {
    await useProxy();
    restartWith([]);
    expect(await advertised()).toEqual([false, "public, max-age=3600"]);
    expect(warnings()).toEqual([]);
  });

  it("where their hosts are listed one by one, which are then reached through it", async () => {
    const proxy = await useProxy();
    restartWith(["chatgpt.com", "*.example.com"]);
    expect(await open(CHATGPT.document.client_id)).toBe(200);
    expect([proxy.tunnels, host.connected]).toEqual([["chatgpt.com:443"], []]);
    const said = fixture.server.log.filter(({ fields }) => fields.event === "client-documents-proxied");
    expect(said).toMatchObject([{ level: "info", fields: { hosts: ["chatgpt.com"] } }]);
  });

  it("not for ten minutes after it let nobody through to a known host", async () => {
    const { url } = await useProxy({ password: "another" });
    restartWith(["chatgpt.com"]);
    const client = new McpClient(fixture.server, CHATGPT.redirectUris[0]);
    client.id = CHATGPT.document.client_id;
    const page = await (await new TestBrowser().get(client.authorizeUrl())).text();
    expect(await advertised()).toEqual(PAUSED);
    expect(warnings()[0]?.message).toContain(`the proxy ${url} of HTTPS_PROXY answered 407`);
    expect(page).not.toMatch(/proxy|407/i);
    for (const text of [page, JSON.stringify(fixture.server.log)]) {
      expect(text).not.toContain(PASSWORD);
      expect(text).not.toContain(Buffer.from(`user:${PASSWORD}`).toString("base64"));
    }
    fixture.clock.advance(600);
    expect(await advertised()).toEqual(ON);
  });

  it("and ids at hosts that are not listed are accepted all the same: the log says that they were asked directly", async () => {
    const proxy = await useProxy();
    restartWith(undefined, { connect: () => connect(1, "127.0.0.1") });
    expect(await open(CHATGPT.document.client_id)).toBe(503);
    expect(warnings().at(-1)?.message).toMatch(/ECONNREFUSED.*asked directly: HTTPS_PROXY is used only for hosts that/);
    restartWith(undefined);
    expect(await open(CHATGPT.document.client_id)).toBe(200);
    expect(proxy.tunnels).toEqual([]);
  });
});

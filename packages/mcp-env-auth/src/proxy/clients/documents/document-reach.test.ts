import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { setOutgoing } from "../../../outgoing.ts";
import { callEndpoint, jsonOf } from "../../testing/call-endpoint.ts";
import { CHATGPT } from "../../testing/known-clients.ts";
import { McpClient, TestBrowser } from "../../testing/mcp-client.ts";
import { useProxy } from "../../testing/proxy-fixture.ts";
import { createGuardedFetch } from "./guarded-fetch.ts";
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

  it("again as soon as a known host is reached, since its documents are accepted all the while", async () => {
    online = false;
    await open(CHATGPT.document.client_id);
    online = true;
    expect(await open(CHATGPT.document.client_id)).toBe(200);
    expect(await advertised()).toEqual(ON);
  });

  it("whatever strangers ask for: neither a failure nor a success of their hosts counts", async () => {
    online = false;
    await open(STRANGER);
    expect(await advertised()).toEqual(ON);
    await open(CHATGPT.document.client_id);
    online = true;
    const redirectUri = "https://client.example.com/cb";
    host.documents.set(STRANGER, { client_id: STRANGER, client_name: "Any", redirect_uris: [redirectUri] });
    expect(await open(STRANGER, redirectUri)).toBe(200);
    expect(await advertised()).toEqual(PAUSED);
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

  it("behind HTTPS_PROXY only where hosts are listed, and the start says so", async () => {
    const proxy = { variable: "HTTPS_PROXY", address: "http://proxy.example.com:3128" };
    setOutgoing({ fetch, proxyOf: () => proxy });
    onTestFinished(() => setOutgoing(undefined));
    fixture.server.restart();
    expect(await advertised()).toEqual(PAUSED);
    expect(warnings()).toMatchObject([{ level: "warn", message: expect.stringContaining(VARIABLE) }]);
    expect(await open(CHATGPT.document.client_id)).toBe(200);
    expect(await advertised()).toEqual(PAUSED);
    fixture.server.restart({ clientIdMetadataHosts: ["chatgpt.com"] });
    expect(await advertised()).toEqual(ON);
    expect(warnings()).toHaveLength(1);
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { impliedScopes } from "../../authorization/holdings.ts";
import type { IdJag } from "../../upstream/id-jag.ts";
import { UpstreamTokenError } from "../../upstream/upstream-token.ts";
import { type DocumentHost, startDocumentHost } from "../clients/documents/testing/document-host.ts";
import type { Enterprise } from "../options.ts";
import { McpClient, postForm } from "../testing/mcp-client.ts";
import { useProxy } from "../testing/proxy-fixture.ts";
import { VARIABLES } from "../testing/proxy-server.ts";
import { JWT_BEARER } from "./jwt-bearer.ts";

const proxy = useProxy();

/** An enterprise whose assertions all say `jag`, until it has expired. */
function enterpriseOf(jag: IdJag): Enterprise {
  return {
    organizationOf: () => undefined,
    async verify(_assertion, at) {
      if (jag.expiresAt + 60 <= at) {
        throw new UpstreamTokenError("expired", "The assertion has expired.");
      }
      return jag;
    },
  };
}

async function setUp(changes: Partial<IdJag> = {}) {
  const { server, clock } = proxy;
  const client = await McpClient.register(server, { token_endpoint_auth_method: "client_secret_post" });
  const jag: IdJag = {
    issuer: "https://acme.example",
    subject: "00u1",
    clientId: client.id,
    audiences: [server.options.issuer],
    resource: server.options.resource,
    jti: "1",
    expiresAt: clock.now() + 300,
    scopes: ["weather:read"],
    claims: {},
    ...changes,
  };
  const enterprise = enterpriseOf(jag);
  server.restart({ enterprise });
  const use = (address = server.address, more: Record<string, string> = {}) =>
    postForm(`${address}/token`, {
      grant_type: JWT_BEARER,
      assertion: "an assertion",
      client_id: client.id,
      client_secret: client.secret,
      ...more,
    });
  return { enterprise, use };
}

describe("an enterprise's assertion", () => {
  it("is good once at replicas whose clocks differ, too: what has ended for one is still good for another", async () => {
    const { enterprise, use } = await setUp();
    const { baseUrl, issuer, resource, store, clock } = proxy.server.options;
    const behind = { clock: () => clock() - 50, baseUrl, issuer, resource, store, enterprise };
    const other = await proxy.start(behind);
    proxy.clock.advance(359);
    expect((await use()).status).toBe(200);
    proxy.clock.advance(10);
    expect(await use(other.address)).toMatchObject({
      status: 400,
      body: { error: "invalid_grant", error_description: expect.stringContaining("used before") },
    });
  });

  it("gives what its scopes imply where the client asks for that, and nothing else of them", async () => {
    const { use } = await setUp({ scopes: ["weather:write"] });
    const { server } = proxy;
    server.restart({
      withImpliedScopes: (scopes) => [...impliedScopes(scopes, { "weather:write": ["weather:read"] })],
    });
    expect((await use(server.address, { scope: "weather:read" })).body.scope).toBe("weather:read");
  });

  it("that is bound by what can't be checked here is refused, in the words of the token endpoint", async () => {
    const { use } = await setUp({ claims: { cnf: { "x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2" } } });
    expect(await use()).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
  });
});

describe("an assertion that a public client brings", () => {
  const ID = "https://client.example.com/client.json";
  const REDIRECT_URIS = ["https://client.example.com/cb"];
  let host: DocumentHost;

  beforeAll(async () => {
    host = await startDocumentHost();
  });
  beforeEach(() => {
    host.documents.clear();
    for (const id of [ID, `${ID}2`]) {
      host.documents.set(id, { client_id: id, client_name: "Any", redirect_uris: REDIRECT_URIS });
    }
  });
  afterAll(() => host.close());

  async function setUpPublic(
    changes: Partial<IdJag> = {},
    publicClientHosts: readonly string[] = ["client.example.com"],
  ) {
    const now = proxy.clock.now();
    const { enterprise, use } = await setUp({ clientId: ID, claims: { iat: now }, expiresAt: now + 300, ...changes });
    proxy.server.restart({ fetchClientDocument: host.fetch, enterprise: { ...enterprise, publicClientHosts } });
    return (more: Record<string, string> = {}) =>
      use(proxy.server.address, { client_id: ID, client_secret: "", ...more });
  }

  it("opens a session once, if the operator lists the host of its document", async () => {
    const use = await setUpPublic();
    expect(await use()).toMatchObject({ status: 200, body: { scope: "weather:read" } });
    expect(await use()).toMatchObject({
      status: 400,
      body: { error: "invalid_grant", error_description: expect.stringContaining("used before") },
    });
  });

  it.each([
    ["by default", []],
    ["for another host", ["example.com", "other.example.com", "client.example.com:8443"]],
  ])("is refused %s, and the error names the variable", async (_what, hosts) => {
    const use = await setUpPublic({}, hosts);
    expect(await use()).toMatchObject({
      status: 400,
      body: {
        error: "unauthorized_client",
        error_description: expect.stringContaining(`client.example.com in ${VARIABLES.assertionPublicClients}`),
      },
    });
  });

  it("is refused at a client that has registered: its id is no document's URL", async () => {
    const registered = await McpClient.register(proxy.server);
    const use = await setUpPublic({ clientId: registered.id });
    expect((await use({ client_id: registered.id })).body.error).toBe("unauthorized_client");
  });

  it.each([
    ["another document of the host", { clientId: `${ID}2` }],
    ["the URL in another spelling", { clientId: `${ID}/` }],
    ["the host alone", { clientId: "https://client.example.com" }],
    ["a life of more than five minutes", { claims: { iat: 0 } }],
  ])("is refused with %s", async (_what, changes) => {
    const use = await setUpPublic(changes);
    expect(await use()).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
  });

  it("may live for five minutes, and not for a second more", async () => {
    const now = proxy.clock.now();
    const longer = await setUpPublic({ claims: { iat: now - 1 }, expiresAt: now + 300 });
    expect((await longer()).body.error_description).toContain("300 seconds");
    const use = await setUpPublic({ claims: { iat: now }, expiresAt: now + 300, jti: "2" });
    expect((await use()).status).toBe(200);
  });

  it("needs proof where its document lists keys alone, and is 503 while the document can't be had", async () => {
    const use = await setUpPublic();
    const document = { client_id: ID, client_name: "Any", redirect_uris: REDIRECT_URIS };
    host.documents.set(ID, {
      ...document,
      token_endpoint_auth_method: "private_key_jwt",
      jwks: { keys: [{ kty: "RSA", n: "AQAB", e: "AQAB" }] },
    });
    expect((await use()).body.error).toBe("invalid_client");
    host.documents.set(ID, (_request, response) => response.writeHead(403).end());
    proxy.server.restart();
    expect((await use()).status).toBe(503);
  });
});

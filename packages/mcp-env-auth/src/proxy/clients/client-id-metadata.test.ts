import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { McpClient, TestBrowser } from "../testing/mcp-client.ts";
import { useProxy } from "../testing/proxy-fixture.ts";
import { VARIABLES } from "../testing/proxy-server.ts";
import { type DocumentHost, PUBLIC_ADDRESS, startDocumentHost } from "./documents/testing/document-host.ts";

const fixture = useProxy();
const ID = "https://client.example.com/client.json";
const REDIRECT_URI = "https://client.example.com/callback";
const DOCUMENT = {
  client_id: ID,
  client_name: "Example",
  redirect_uris: [REDIRECT_URI],
  token_endpoint_auth_method: "none",
};
let host: DocumentHost;

beforeAll(async () => {
  host = await startDocumentHost();
});
beforeEach(() => {
  host.documents.clear();
  host.documents.set(ID, DOCUMENT);
  host.requested.length = 0;
  fixture.server.restart({ fetchClientDocument: host.fetch });
});
afterAll(() => host.close());

function client(id = ID): McpClient {
  const example = new McpClient(fixture.server, REDIRECT_URI);
  example.id = id;
  return example;
}

async function openPage(id = ID): Promise<{ status: number; location: string | null; text: string }> {
  const response = await new TestBrowser().get(client(id).authorizeUrl());
  return {
    status: response.status,
    location: response.headers.get("location"),
    text: withoutReference(await response.text()),
  };
}

/** The reference is another each time. */
const withoutReference = (page: string) => page.replace(/<code dir="ltr">[0-9a-f]{10}</, "<code>");

describe("Security rule 4: the redirect URIs of a document are checked again when the user answers", () => {
  it("so that a login under way does not end where the client no longer says", async () => {
    const browser = new TestBrowser();
    const form = await client().openConsent(browser);
    host.documents.set(ID, { ...DOCUMENT, redirect_uris: ["https://client.example.com/moved"] });
    fixture.server.restart();
    for (const decision of ["allow", "deny"]) {
      const response = await client().answer(browser, form, decision);
      expect([response.status, response.headers.get("location")]).toEqual([400, null]);
    }
  });
});

describe("the consent page of a client with a metadata document", () => {
  it("names the host of its client id, which was checked, beside the name that it gives itself", async () => {
    const { status, text } = await openPage();
    expect(status).toBe(200);
    expect(text).toContain("client.<b>example.com</b></bdi> (verified) calls itself");
    expect(text).toContain("<bdi>Example</bdi>");
  });

  it("still warns of a redirect to this computer, where anybody could be waiting", async () => {
    host.documents.set(ID, { ...DOCUMENT, redirect_uris: ["http://127.0.0.1/cb"] });
    const local = new McpClient(fixture.server, "http://127.0.0.1:5000/cb");
    local.id = ID;
    expect(await (await new TestBrowser().get(local.authorizeUrl())).text()).toContain(
      "Continue only if you started this",
    );
  });

  it("says nothing of the kind for a registered client", async () => {
    const registered = await McpClient.register(fixture.server);
    const page = await (await new TestBrowser().get(registered.authorizeUrl())).text();
    expect(page).not.toContain("(verified)");
    expect(page).not.toContain("description comes from");
  });
});

describe("Security rule 4: a metadata document that can't be used is an error page, never a redirect", () => {
  it.each([
    ["another client_id", { ...DOCUMENT, client_id: "https://client.example.com/other.json" }],
    ["a client_id in another spelling", { ...DOCUMENT, client_id: `${ID}/` }],
    ["no client_id", { ...DOCUMENT, client_id: undefined }],
    ["no client_name", { ...DOCUMENT, client_name: undefined }],
    ["no redirect_uris", { ...DOCUMENT, redirect_uris: undefined }],
    ["an unsafe redirect URI", { ...DOCUMENT, redirect_uris: [REDIRECT_URI, "javascript:alert(1)"] }],
    ["http on the internet", { ...DOCUMENT, redirect_uris: [REDIRECT_URI, "http://client.example.com/cb"] }],
    ["a shared secret as its method", { ...DOCUMENT, token_endpoint_auth_method: "client_secret_basic" }],
    ["a secret in the body as its method", { ...DOCUMENT, token_endpoint_auth_method: "client_secret_post" }],
    ["a secret that signs as its method", { ...DOCUMENT, token_endpoint_auth_method: "client_secret_jwt" }],
    ["an unknown method", { ...DOCUMENT, token_endpoint_auth_method: "tls_client_auth" }],
    ["a secret", { ...DOCUMENT, client_secret: "published" }],
    ["the end of a secret", { ...DOCUMENT, client_secret_expires_at: 0 }],
    ["methods that are no list", { ...DOCUMENT, token_endpoint_auth_methods_supported: "none" }],
    ["no keys for private_key_jwt", { ...DOCUMENT, token_endpoint_auth_method: "private_key_jwt" }],
    [
      "keys in two places",
      {
        ...DOCUMENT,
        token_endpoint_auth_method: "private_key_jwt",
        jwks_uri: "https://keys.example.com/jwks.json",
        jwks: { keys: [{ kty: "RSA", n: "AQAB", e: "AQAB" }] },
      },
    ],
    [
      "a private key",
      {
        ...DOCUMENT,
        token_endpoint_auth_method: "private_key_jwt",
        jwks: { keys: [{ kty: "EC", crv: "P-256", x: "a", y: "b", d: "c" }] },
      },
    ],
    [
      "a symmetric key",
      { ...DOCUMENT, token_endpoint_auth_method: "private_key_jwt", jwks: { keys: [{ kty: "oct", k: "c2VjcmV0" }] } },
    ],
    [
      "keys on plain http",
      { ...DOCUMENT, token_endpoint_auth_method: "private_key_jwt", jwks_uri: "http://keys.example.com/jwks.json" },
    ],
    [
      "keys at an address",
      { ...DOCUMENT, token_endpoint_auth_method: "private_key_jwt", jwks_uri: "https://169.254.169.254/jwks.json" },
    ],
    ["no code grant", { ...DOCUMENT, grant_types: ["client_credentials"] }],
    ["more than 5 KB", { ...DOCUMENT, padding: "x".repeat(5 * 1024) }],
  ])("with %s", async (_what, document) => {
    host.documents.set(ID, document);
    const { status, location, text } = await openPage();
    expect([status, location]).toEqual([400, null]);
    expect(text).toContain("metadata document can&#39;t be used");
    const { status: atToken, body } = await client().token({ grant_type: "refresh_token", refresh_token: "none" });
    expect([atToken, body.error]).toEqual([401, "invalid_client"]);
    expect(host.requested, "a bad document is not kept").toHaveLength(2);
  });

  it.each([
    ["plain http", "http://client.example.com/client.json"],
    ["no path", "https://client.example.com/"],
    ["user information", "https://user@client.example.com/client.json"],
    ["a fragment", "https://client.example.com/client.json#x"],
    ["dot segments", "https://client.example.com/a/../client.json"],
    ["an address", "https://127.0.0.1/client.json"],
    ["localhost", "https://localhost/client.json"],
  ])("at a URL with %s", async (_what, id) => {
    const { status, location, text } = await openPage(id);
    expect([status, location]).toEqual([400, null]);
    expect(text).toContain("The client_id ");
    expect(host.requested).toEqual([]);
  });

  it("that is not there, and the reason stays in the log", async () => {
    host.documents.delete(ID);
    const { status, location, text } = await openPage();
    expect([status, location]).toEqual([400, null]);
    expect(text).not.toContain("404");
    expect(fixture.server.log).toContainEqual(
      expect.objectContaining({ fields: expect.objectContaining({ reason: "It answered 404, not 200." }) }),
    );
  });

  it("whose host has a private address looks the same as one whose host has none, but for the log", async () => {
    fixture.server.restart({ fetchClientDocument: host.fetchWith({ resolve: async () => [] }) });
    const nameless = await openPage();
    expect(nameless.status).toBe(503);
    fixture.server.restart({
      fetchClientDocument: host.fetchWith({ resolve: async () => [{ address: "10.0.0.1", family: 4 }] }),
    });
    expect(await openPage()).toEqual(nameless);
    const reasons = fixture.server.log.map(({ fields }) => fields.reason).filter((reason) => reason !== undefined);
    expect(reasons).toEqual(["The host has no address.", "The host has an address that is not public."]);
  });
});

describe("a host that does not serve its document", () => {
  const ANSWERS: readonly (readonly [string, number, string])[] = [
    ["401", 401, "application/json"],
    ["403, as a content delivery network answers data centers", 403, "text/html"],
    ["a web page", 200, "text/html"],
    ["a redirect", 302, "text/html"],
    ["500", 500, "text/plain"],
  ];

  function blockWith(status: number, type: string): void {
    host.documents.set(ID, (_request, response) => {
      response.writeHead(status, { "content-type": type, location: "/login" }).end("<!doctype html>");
    });
  }

  it.each(ANSWERS)(
    "but %s, is 503, here and at the token endpoint, so that no client throws its login away",
    async (_what, status, type) => {
      blockWith(status, type);
      const page = await openPage();
      expect([page.status, page.location]).toEqual([503, null]);
      const answer = await client().token({ grant_type: "refresh_token", refresh_token: "none" });
      expect([answer.status, answer.body.error, answer.headers.get("retry-after")]).toEqual([
        503,
        "temporarily_unavailable",
        "5",
      ]);
    },
  );

  it.each(ANSWERS)("but %s, does not end the one that was fetched before", async (_what, status, type) => {
    expect((await openPage()).status).toBe(200);
    blockWith(status, type);
    fixture.clock.advance(3600);
    expect((await openPage()).status).toBe(200);
    fixture.clock.advance(86_400);
    expect((await openPage()).status).toBe(503);
  });

  it("is named on the page and in one warning, with what the operator can set", async () => {
    const variable = VARIABLES.clientIdMetadataHosts;
    blockWith(403, "text/html");
    for (let n = 0; n < 3; n++) {
      const { text } = await openPage();
      expect(text).toContain("client.example.com");
      expect(text).toContain(`${variable} to []`);
      expect(text).not.toContain("403");
    }
    const warnings = fixture.server.log.filter(({ level }) => level === "warn");
    expect(warnings).toMatchObject([{ fields: { event: "client-document-unavailable", host: "client.example.com" } }]);
    expect(warnings[0]?.message).toContain(`${variable} to []`);
    expect(warnings[0]?.message).toContain("It answered 403, not 200.");
  });

  it("does not end the one that was fetched before by getting a private address: nobody was asked", async () => {
    let address = PUBLIC_ADDRESS.address;
    fixture.server.restart({ fetchClientDocument: host.fetchWith({ resolve: async () => [{ address, family: 4 }] }) });
    expect((await openPage()).status).toBe(200);
    address = "10.0.0.1";
    fixture.clock.advance(3600);
    expect((await openPage()).status).toBe(200);
    expect(host.requested).toHaveLength(1);
  });

  it("is warned of while the earlier document is still used", async () => {
    await openPage();
    blockWith(403, "text/html");
    fixture.clock.advance(3600);
    await openPage();
    expect(fixture.server.log.filter(({ level }) => level === "warn")).toHaveLength(1);
  });

  it.each([404, 410])("ends the document with %i, at once", async (status) => {
    await openPage();
    host.documents.set(ID, (_request, response) => response.writeHead(status).end());
    fixture.clock.advance(3600);
    expect((await openPage()).status).toBe(400);
  });
});

describe("a metadata document", () => {
  it("takes a client to the redirect URIs in it, and to no other", async () => {
    const response = await new TestBrowser().get(client().authorizeUrl({ redirect_uri: `${REDIRECT_URI}/more` }));
    expect([response.status, response.headers.get("location")]).toEqual([400, null]);
  });

  it.each([
    ["names other redirect URIs", { ...DOCUMENT, redirect_uris: ["https://client.example.com/new"] }],
    ["can't be used any more", { ...DOCUMENT, client_secret: "published" }],
  ])("that %s since the consent page was shown takes its client nowhere", async (_what, changed) => {
    const browser = new TestBrowser();
    const form = await client().openConsent(browser);
    host.documents.set(ID, changed);
    fixture.clock.advance(600);
    fixture.server.restart();
    const response = await client().answer(browser, form);
    expect([response.status, response.headers.get("location")]).toEqual([400, null]);
    expect(await response.text()).toContain("no longer allowed");
  });

  it("goes on while its host is out", async () => {
    const tokens = await client().logIn();
    host.documents.set(ID, (_request, response) => response.writeHead(503).end());
    fixture.clock.advance(3600);
    expect((await client().refresh(tokens.refresh_token)).status).toBe(200);
  });

  it("gives a default scope, as a registration does", async () => {
    host.documents.set(ID, { ...DOCUMENT, scope: "weather:read weather:write unknown" });
    expect((await openPage()).text).toContain("weather:write");
  });

  it("makes tokens that no client with another document can use", async () => {
    const tokens = await client().logIn();
    const other = "https://keys.example.com/client.json";
    host.documents.set(other, { ...DOCUMENT, client_id: other });
    const { status, body } = await client(other).refresh(tokens.refresh_token);
    expect([status, body.error]).toEqual([400, "invalid_grant"]);
  });
});

describe("CLIENT_ID_METADATA_HOSTS", () => {
  it.each([
    [["client.example.com"], 200],
    [["other.example.com", "*.example.com"], 200],
    [["*"], 200],
    [["example.com"], 400],
    [["*.client.example.com"], 400],
    [["ent.example.com"], 400],
    [[], 400],
  ])("%j answers a client at client.example.com with %i", async (clientIdMetadataHosts, expected) => {
    fixture.server.restart({ clientIdMetadataHosts });
    const { status, text } = await openPage();
    expect(status).toBe(expected);
    if (expected === 400) {
      expect(text).toContain(VARIABLES.clientIdMetadataHosts);
      expect(host.requested).toEqual([]);
    }
  });

  const AT_8443 = "https://client.example.com:8443/client.json";

  it.each([
    [undefined, 400],
    [["*"], 400],
    [["client.example.com"], 400],
    [["client.example.com:8444"], 400],
    [["client.example.com:8443"], 200],
    [["*.example.com:8443"], 200],
  ])("Security rule 13: %j answers a client at port 8443 with %i", async (clientIdMetadataHosts, expected) => {
    host.documents.set(AT_8443, { ...DOCUMENT, client_id: AT_8443 });
    fixture.server.restart({ clientIdMetadataHosts });
    const { status, text } = await openPage(AT_8443);
    expect(status).toBe(expected);
    if (expected === 400) {
      expect(text).toContain(`by listing client.example.com:8443 in ${VARIABLES.clientIdMetadataHosts}`);
      expect(host.requested).toEqual([]);
    }
  });

  it("with another port says nothing of 443", async () => {
    fixture.server.restart({ clientIdMetadataHosts: ["client.example.com:8443"] });
    expect((await openPage()).status).toBe(400);
  });

  it("that is empty turns documents off in the server's metadata", async () => {
    fixture.server.restart({ clientIdMetadataHosts: [] });
    const response = await fetch(new URL("/.well-known/oauth-authorization-server", fixture.server.address));
    expect(await response.json()).toMatchObject({ client_id_metadata_document_supported: false });
  });
});

describe("a document with dpop_bound_access_tokens", () => {
  it("holds its client to bound tokens (RFC 9449 section 5.2)", async () => {
    host.documents.set(ID, { ...DOCUMENT, dpop_bound_access_tokens: true });
    fixture.server.restart({ fetchClientDocument: host.fetch });
    const bound = client();
    const code = (await bound.authorize()).searchParams.get("code") ?? "";
    const { status, body } = await bound.redeem(code);
    expect([status, body.error]).toEqual([400, "invalid_dpop_proof"]);
  });

  it("that is no boolean is refused", async () => {
    host.documents.set(ID, { ...DOCUMENT, dpop_bound_access_tokens: "true" });
    fixture.server.restart({ fetchClientDocument: host.fetch });
    expect((await openPage()).status).toBe(400);
  });
});

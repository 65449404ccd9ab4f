import { beforeEach, describe, expect, it } from "vitest";
import { createKeyring } from "../../sealing/keyring.ts";
import { createRootKeys } from "../../sealing/root-keys.ts";
import { type Answer, McpClient, REDIRECT_URI, TestBrowser } from "../testing/mcp-client.ts";
import { useProxy } from "../testing/proxy-fixture.ts";
import { lastClientHash, ROOT_KEYS } from "../testing/proxy-server.ts";
import { type Registration, sealToken } from "../tokens/sealed-tokens.ts";

const fixture = useProxy();
const NEW_KEYS = await createRootKeys({ secret: "another signing key of more than thirty-two bytes" });
const PUBLIC: Registration = { redirectUris: [REDIRECT_URI], authMethod: "none", name: "Test", issuedAt: 1 };

/** The old key has leaked: the operator has a new one, and keeps the old one for registrations. */
function retire(): void {
  fixture.server.restart({ rootKeys: NEW_KEYS, registrationKeys: ROOT_KEYS });
}

/** Whoever has the retired key can seal what they like. */
function forge(registration: object): Promise<string> {
  const keyring = createKeyring(ROOT_KEYS, [fixture.server.options.issuer, "registration"]);
  return sealToken(keyring, "client", registration as Registration);
}

function clientOf(id: string, redirectUri = REDIRECT_URI): McpClient {
  const client = new McpClient(fixture.server, redirectUri);
  client.id = id;
  return client;
}

const open = async (client: McpClient) => (await new TestBrowser().get(client.authorizeUrl())).status;
const outcomeOf = ({ status, body }: Answer) => [status, body.error];

describe("a client id under a retired key", () => {
  let client: McpClient;
  beforeEach(async () => {
    client = await McpClient.register(fixture.server);
  });

  it("of a public client goes on, with new sessions", async () => {
    retire();
    const tokens = await client.logIn();
    expect((await client.refresh(tokens.refresh_token)).status).toBe(200);
    expect((await client.revoke(tokens.refresh_token)).status).toBe(200);
  });

  it("is unknown without the retired key", async () => {
    fixture.server.restart({ rootKeys: NEW_KEYS });
    expect(await open(client)).toBe(400);
  });

  it.each(["client_secret_basic", "client_secret_post"])("of a client with %s is unknown", async (method) => {
    const confidential = await McpClient.register(fixture.server, { token_endpoint_auth_method: method });
    retire();
    expect(await open(confidential)).toBe(400);
    expect(outcomeOf(await confidential.refresh("any"))).toEqual([401, "invalid_client"]);
  });

  it("of a client with private_key_jwt is unknown", async () => {
    const id = await forge({ ...PUBLIC, authMethod: "private_key_jwt", keys: { jwks: [] } });
    retire();
    expect(await open(clientOf(id))).toBe(400);
  });

  it("keeps what was registered: its name, and that it gets bound tokens only", async () => {
    const bound = await McpClient.register(fixture.server, { client_name: "Bound", dpop_bound_access_tokens: true });
    retire();
    const page = await (await new TestBrowser().get(bound.authorizeUrl())).text();
    expect(page).toContain("<bdi>Bound</bdi>");
    const code = (await bound.authorize()).searchParams.get("code") ?? "";
    expect(outcomeOf(await bound.redeem(code))).toEqual([400, "invalid_dpop_proof"]);
  });

  it("stays blocked if its client is", async () => {
    const hash = lastClientHash(fixture.server);
    retire();
    await fixture.server.options.store.set("deny-client", hash, "all", 60);
    expect(await open(client)).toBe(400);
    expect(outcomeOf(await client.refresh("any"))).toEqual([400, "unauthorized_client"]);
  });

  it("is never issued: new registrations are sealed under the current key", async () => {
    retire();
    const registered = await McpClient.register(fixture.server);
    fixture.server.restart({ registrationKeys: [] });
    expect(await open(registered)).toBe(200);
  });
});

describe("a retired key opens nothing but client ids", () => {
  it("no access token, refresh token or code", async () => {
    const client = await McpClient.register(fixture.server);
    const tokens = await client.logIn();
    const code = (await client.authorize()).searchParams.get("code") ?? "";
    retire();
    await expect(fixture.server.proxy.verifier.verify(tokens.access_token)).rejects.toThrow();
    expect(outcomeOf(await client.refresh(tokens.refresh_token))).toEqual([400, "invalid_grant"]);
    expect(outcomeOf(await client.redeem(code))).toEqual([400, "invalid_grant"]);
  });

  it("no consent form and no login cookie", async () => {
    const client = await McpClient.register(fixture.server);
    const browser = new TestBrowser();
    const form = await client.openConsent(browser);
    const callback = await client.reachCallback(browser);
    retire();
    expect((await client.answer(browser, form)).status).toBe(400);
    expect((await browser.get(callback)).status).toBe(403);
  });

  it("no secret: a client of today can't prove itself by one that was made with it", async () => {
    const id = await forge({ ...PUBLIC, authMethod: "client_secret_post" });
    const keyring = createKeyring(ROOT_KEYS, [fixture.server.options.issuer, "registration"]);
    retire();
    const current = await McpClient.register(fixture.server, { token_endpoint_auth_method: "client_secret_post" });
    for (const client of [clientOf(id), current]) {
      client.secret = Buffer.from(keyring.mac("client secret", client.id)).toString("base64url");
      expect(outcomeOf(await client.refresh("any"))).toEqual([401, "invalid_client"]);
    }
  });
});

describe("what is forged under a retired key is held to what a registration is", () => {
  it.each([
    ["a script as its redirect URI", { redirectUris: ["javascript:alert(1)"] }],
    ["http on the internet", { redirectUris: ["http://evil.example/cb"] }],
    ["a redirect URI with a fragment", { redirectUris: [`${REDIRECT_URI}#x`] }],
    ["a bad redirect URI after a good one", { redirectUris: [REDIRECT_URI, "data:text/html,x"] }],
    ["no redirect URI", { redirectUris: [] }],
    ["redirect URIs that are no list", { redirectUris: REDIRECT_URI }],
    ["too many", { redirectUris: Array.from({ length: 21 }, (_, n) => `https://client.example.com/${n}`) }],
    ["a name that is too long", { name: "x".repeat(1000) }],
    ["a name that is no text", { name: { html: "<b>" } }],
    ["an unknown type", { applicationType: "other" }],
    ["scopes that are no list", { scopes: 7 }],
    ["another type of its flag", { dpopBound: "yes" }],
    ["no method", { authMethod: undefined }],
    ["a method of none in a list", { authMethod: ["none"] }],
  ])("%s", async (_what, changes) => {
    const forged = await forge({ ...PUBLIC, ...changes });
    retire();
    const uris = changes as { redirectUris?: unknown };
    const redirectUri = Array.isArray(uris.redirectUris) ? uris.redirectUris[0] : REDIRECT_URI;
    const client = clientOf(forged, redirectUri ?? REDIRECT_URI);
    expect(await open(client)).toBe(400);
    expect(outcomeOf(await client.refresh("any"))).toEqual([401, "invalid_client"]);
  });

  it("whose name is cleaned as at a registration", async () => {
    const client = clientOf(await forge({ ...PUBLIC, name: "Ev\u202eil\nname" }));
    retire();
    const page = await (await new TestBrowser().get(client.authorizeUrl())).text();
    expect(page).toContain("consent");
    expect(page).not.toContain("\u202e");
  });

  it("at every use: a redirect URI that the operator has excluded since ends its login on the way", async () => {
    const client = await McpClient.register(fixture.server);
    retire();
    const browser = new TestBrowser();
    const form = await client.openConsent(browser);
    const tokens = await client.logIn();
    fixture.server.restart({ allowedClientRedirectUris: ["https://client.example.com/*"] });
    expect(await open(client)).toBe(400);
    expect((await client.answer(browser, form)).status).toBe(400);
    expect(outcomeOf(await client.refresh(tokens.refresh_token))).toEqual([401, "invalid_client"]);
  });

  it("whose scopes are a default only as far as the server has them", async () => {
    const client = clientOf(await forge({ ...PUBLIC, scopes: ["weather:read", "admin"] }));
    retire();
    expect((await client.logIn()).scope).toBe("weather:read");
  });
});

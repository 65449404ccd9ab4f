import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type DocumentHost, startDocumentHost } from "./clients/documents/testing/document-host.ts";
import { assertionParameters, type ClientKey, createClientKey } from "./testing/client-assertion.ts";
import {
  CHATGPT,
  CHATGPT_CONNECTOR,
  CHATGPT_KEYS,
  CLAUDE,
  type KnownClient,
  PUBLIC_CLIENTS,
  REGISTERING_CLIENTS,
} from "./testing/known-clients.ts";
import { McpClient, TestBrowser } from "./testing/mcp-client.ts";
import { useProxy } from "./testing/proxy-fixture.ts";

const fixture = useProxy();
let host: DocumentHost;
let key: ClientKey;

beforeAll(async () => {
  host = await startDocumentHost();
  key = await createClientKey("RS256", "chatgpt-key");
});
beforeEach(() => {
  host.documents.clear();
  for (const { document } of [CHATGPT, CHATGPT_CONNECTOR, ...PUBLIC_CLIENTS]) {
    host.documents.set(document.client_id, document);
  }
  host.documents.set(CHATGPT_KEYS, key.jwks);
  host.requested.length = 0;
  fixture.server.restart({ fetchClientDocument: host.fetch });
});
afterAll(() => host.close());

function clientOf({ document }: KnownClient, redirectUri: string): McpClient {
  const client = new McpClient(fixture.server, redirectUri);
  client.id = document.client_id;
  return client;
}

/** As ChatGPT does: a fresh assertion for each request, for the token endpoint. */
async function assertion(client: McpClient): Promise<Record<string, string>> {
  const now = fixture.clock.now();
  const claims = {
    iss: client.id,
    sub: client.id,
    aud: `${fixture.server.address}/token`,
    iat: now,
    exp: now + 300,
    jti: crypto.randomUUID(),
  };
  return assertionParameters(await key.sign(claims));
}

describe("clients that publish a metadata document log in, call and refresh with no configuration", () => {
  it.each(PUBLIC_CLIENTS.flatMap((client) => client.redirectUris.map((uri) => [client.name, uri, client] as const)))(
    "%s, sent back to %s",
    async (_name, redirectUri, known) => {
      const client = clientOf(known, redirectUri);
      const tokens = await client.logIn();
      const refreshed = await client.refresh(tokens.refresh_token);
      expect(refreshed.status).toBe(200);
      await expect(fixture.server.proxy.verifier.verify(String(refreshed.body.access_token))).resolves.toMatchObject({
        scopes: ["weather:read"],
      });
      expect(host.requested, "one fetch serves all of it").toEqual([client.id]);
    },
  );

  it.each([CHATGPT, CHATGPT_CONNECTOR])("$name, by its key", async (known) => {
    const client = clientOf(known, known.redirectUris[0] ?? "");
    const redirect = await client.authorize();
    const redeemed = await client.redeem(redirect.searchParams.get("code") ?? "", await assertion(client));
    expect(redeemed.status).toBe(200);
    const refreshed = await client.refresh(String(redeemed.body.refresh_token), await assertion(client));
    expect(refreshed.status).toBe(200);
    const token = await fixture.server.proxy.verifier.verify(String(refreshed.body.access_token));
    expect(token.dialect).toBe("chatgpt");
    expect(host.requested).toEqual([client.id, CHATGPT_KEYS]);
  });

  it.each([
    [CLAUDE, "claude"],
    [PUBLIC_CLIENTS.find(({ name }) => name === "Claude Code") as KnownClient, undefined],
  ])("$0.name's tokens say in which dialect it is refused, also after a refresh", async (known, dialect) => {
    const client = clientOf(known, known.redirectUris[0] ?? "");
    const tokens = await client.logIn();
    const refreshed = await client.refresh(tokens.refresh_token);
    for (const token of [tokens.access_token, String(refreshed.body.access_token)]) {
      expect((await fixture.server.proxy.verifier.verify(token)).dialect).toBe(dialect);
    }
  });

  it("ChatGPT with a key only is refused without it, and with another's", async () => {
    const client = clientOf(CHATGPT_CONNECTOR, CHATGPT_CONNECTOR.redirectUris[0] ?? "");
    const redirect = await client.authorize();
    const code = redirect.searchParams.get("code") ?? "";
    const without = await client.redeem(code);
    expect([without.status, without.body.error]).toEqual([401, "invalid_client"]);
    const stranger = await createClientKey("RS256", "chatgpt-key");
    const now = fixture.clock.now();
    const forged = await stranger.sign({
      iss: client.id,
      sub: client.id,
      aud: `${fixture.server.address}/token`,
      exp: now + 60,
      jti: "1",
    });
    const withAnother = await client.redeem(code, assertionParameters(forged));
    expect([withAnother.status, withAnother.body.error]).toEqual([401, "invalid_client"]);
    expect((await client.redeem(code, await assertion(client))).status).toBe(200);
  });
});

describe("clients that register log in with no configuration", () => {
  it.each(REGISTERING_CLIENTS)("%s", async (_name, metadata, redirectUri) => {
    const registered = await McpClient.register(fixture.server, metadata);
    const client = new McpClient(fixture.server, redirectUri);
    client.id = registered.id;
    client.secret = registered.secret;
    const tokens = await client.logIn();
    expect((await client.refresh(tokens.refresh_token)).status).toBe(200);
  });
});

describe("a list of allowed redirect URIs", () => {
  it("holds for clients with a metadata document at every use", async () => {
    const client = clientOf(CLAUDE, CLAUDE.redirectUris[0] ?? "");
    fixture.server.restart({ allowedClientRedirectUris: ["http://localhost:*"] });
    const response = await new TestBrowser().get(client.authorizeUrl());
    expect([response.status, response.headers.get("location")]).toEqual([400, null]);
    expect(await response.text()).toContain("ALLOWED_CLIENT_REDIRECT_URIS");
    fixture.server.restart({ allowedClientRedirectUris: ["https://claude.ai/api/mcp/*"] });
    await expect(client.logIn()).resolves.toBeDefined();
  });
});

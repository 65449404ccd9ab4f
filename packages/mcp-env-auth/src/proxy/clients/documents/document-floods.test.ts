import express from "express";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createEndpointRouter } from "../../../http/endpoint-router.ts";
import { createRateLimits } from "../../../http/rate-limit.ts";
import { serve } from "../../../http/testing/serve.ts";
import { silentLogger } from "../../../logger.ts";
import { assertionParameters, createClientKey } from "../../testing/client-assertion.ts";
import { type Answer, McpClient, postForm, TestBrowser } from "../../testing/mcp-client.ts";
import { useProxy } from "../../testing/proxy-fixture.ts";
import { type DocumentHost, PUBLIC_ADDRESS, startDocumentHost } from "./testing/document-host.ts";

const fixture = useProxy();
const ID = "https://client.example.com/client.json";
const REDIRECT_URI = "https://client.example.com/callback";
const DOCUMENT = { client_id: ID, client_name: "Example", redirect_uris: [REDIRECT_URI] };
let host: DocumentHost;
/** The names that were asked for. Those of dead hosts have no address. */
let resolved: string[];

beforeAll(async () => {
  host = await startDocumentHost();
});
beforeEach(() => {
  host.documents.clear();
  host.documents.set(ID, DOCUMENT);
  resolved = [];
  const resolve = async (name: string) => {
    resolved.push(name);
    return name.startsWith("dead") ? [] : [PUBLIC_ADDRESS];
  };
  fixture.server.restart({ fetchClientDocument: host.fetchWith({ resolve }) });
});
afterAll(() => host.close());

const deadId = (index: number) => `https://dead-${index}.example.com/client.json`;

function askForTokens(clientId: string, origin = fixture.server.address, more: object = {}): Promise<Answer> {
  const form = { grant_type: "refresh_token", refresh_token: "none", client_id: clientId, ...more };
  return postForm(new URL("/token", origin), form);
}

async function statusesOf(count: number, ask: (index: number) => Promise<{ readonly status: number }>) {
  const statuses: number[] = [];
  for (let index = 0; index < count; index++) {
    statuses.push((await ask(index)).status);
  }
  return statuses;
}

const times = (count: number, status: number) => Array<number>(count).fill(status);

function client(): McpClient {
  const example = new McpClient(fixture.server, REDIRECT_URI);
  example.id = ID;
  return example;
}

describe("Security rule 12: an address that names client ids at hosts that don't answer", () => {
  it("is refused after eight hosts in a minute, with Retry-After, and their names are not looked up", async () => {
    const statuses = await statusesOf(50, (index) => askForTokens(deadId(index)));
    expect(statuses).toEqual([...times(8, 503), ...times(42, 429)]);
    expect(resolved).toHaveLength(8);
    const { headers, body } = await askForTokens(deadId(99));
    expect([headers.get("retry-after"), body.error]).toEqual(["60", "temporarily_unavailable"]);
    fixture.clock.advance(60);
    expect((await askForTokens(deadId(99))).status).toBe(503);
  });

  it("is refused at the authorization endpoint by a page, and at /revoke", async () => {
    await statusesOf(8, (index) => askForTokens(deadId(index)));
    const stranger = client();
    stranger.id = deadId(9);
    const page = await new TestBrowser().get(stranger.authorizeUrl());
    expect([page.status, page.headers.get("retry-after"), page.headers.get("location")]).toEqual([429, "60", null]);
    expect(await page.text()).toContain("Too many requests");
    const url = new URL("/revoke", fixture.server.address);
    expect((await postForm(url, { token: "x", client_id: deadId(10) })).status).toBe(429);
    expect(resolved).toHaveLength(8);
  });

  it("stops no login, refresh or consent of a client whose document is known, from the same address", async () => {
    const tokens = await client().logIn();
    const browser = new TestBrowser();
    const form = await client().openConsent(browser);
    await statusesOf(20, (index) => askForTokens(deadId(index)));
    const refreshed = await client().refresh(tokens.refresh_token);
    expect(refreshed.status).toBe(200);
    expect((await client().answer(browser, form)).status).toBe(303);
    fixture.clock.advance(3600);
    await statusesOf(20, (index) => askForTokens(deadId(index)));
    expect((await client().refresh(String(refreshed.body.refresh_token))).status).toBe(200);
  });

  it("does not end the document of a host whose other paths fail", async () => {
    const tokens = await client().logIn();
    host.documents.set(`${ID}?broken`, (_request, response) => response.writeHead(500).end());
    expect((await askForTokens(`${ID}?broken`)).status).toBe(503);
    const other = "https://client.example.com/other.json";
    host.documents.set(other, { ...DOCUMENT, client_id: other });
    expect((await askForTokens(other)).status).toBe(400);
    expect((await client().refresh(tokens.refresh_token)).status).toBe(200);
  });

  it("is refused for key sets in the same way, of which they share the limits", async () => {
    const key = await createClientKey();
    const claims = async (id: string) => {
      const now = fixture.clock.now();
      const aud = `${fixture.server.address}/token`;
      return key.sign({ iss: id, sub: id, aud, iat: now, exp: now + 60, jti: crypto.randomUUID() });
    };
    const ask = async (index: number) => {
      const jwks_uri = `https://dead-keys-${index}.example.com/jwks.json`;
      const { id } = await McpClient.register(fixture.server, {
        token_endpoint_auth_method: "private_key_jwt",
        jwks_uri,
      });
      return askForTokens(id, undefined, assertionParameters(await claims(id)));
    };
    await statusesOf(4, (index) => askForTokens(deadId(index)));
    expect(await statusesOf(6, ask)).toEqual([...times(4, 503), ...times(2, 429)]);
    expect(resolved).toHaveLength(8);
  });
});

describe("Security rule 12: at the token endpoint, a 503 for a document", () => {
  async function start(changes = {}) {
    fixture.server.restart(changes);
    const limits = createRateLimits(3, fixture.clock.now);
    return serve(express().use(createEndpointRouter(fixture.server.proxy.endpoints, limits, silentLogger)));
  }

  it("counts as a failure where a stranger has named its host, tried again or not", async () => {
    const origin = await start();
    expect(await statusesOf(5, () => askForTokens(deadId(1), origin))).toEqual([...times(3, 503), ...times(2, 429)]);
    expect(resolved).toHaveLength(1);
  });

  it.each([
    ["of a client in wide use", "https://claude.ai/oauth/client.json", {}],
    ["that the operator has listed", deadId(1), { clientIdMetadataHosts: ["dead-1.example.com"] }],
    ["that the operator has listed by its domain", deadId(1), { clientIdMetadataHosts: ["*.example.com", "*"] }],
  ])("does not where its host is one %s: that is an outage", async (_what, id, changes) => {
    host.documents.set(id, (_request, response) => response.writeHead(500).end());
    const origin = await start(changes);
    expect(await statusesOf(5, () => askForTokens(id, origin))).toEqual(times(5, 503));
  });

  it("counts where the operator has listed any host", async () => {
    const origin = await start({ clientIdMetadataHosts: ["*"] });
    expect(await statusesOf(4, () => askForTokens(deadId(1), origin))).toEqual([...times(3, 503), 429]);
  });
});

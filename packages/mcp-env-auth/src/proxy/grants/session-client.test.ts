import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type DocumentHost, startDocumentHost } from "../clients/documents/testing/document-host.ts";
import { assertionParameters, type ClientKey, createClientKey } from "../testing/client-assertion.ts";
import { type Answer, McpClient } from "../testing/mcp-client.ts";
import { useProxy } from "../testing/proxy-fixture.ts";

const fixture = useProxy();
const ID = "https://client.example.com/client.json";
const REDIRECT_URI = "https://client.example.com/callback";
const DOCUMENT = { client_id: ID, client_name: "Example", redirect_uris: [REDIRECT_URI] };
let host: DocumentHost;
let key: ClientKey;

beforeAll(async () => {
  host = await startDocumentHost();
  key = await createClientKey();
});
beforeEach(() => {
  host.documents.clear();
  host.documents.set(ID, DOCUMENT);
  fixture.server.restart({ fetchClientDocument: host.fetch });
});
afterAll(() => host.close());

function client(id = ID): McpClient {
  const example = new McpClient(fixture.server, REDIRECT_URI);
  example.id = id;
  return example;
}

/** The host lets nobody in any more, and what was fetched before is forgotten. */
function block(status = 403): void {
  host.documents.set(ID, (_request, response) => response.writeHead(status, { "content-type": "text/html" }).end());
  fixture.server.restart();
  host.requested.length = 0;
}

const outcomeOf = ({ status, body }: Answer) => [status, body.error];

describe("a session of a client that was public when it began", () => {
  it.each([401, 403, 404, 503])("goes on without the document, refresh after refresh: status %i", async (status) => {
    let { refresh_token: token } = await client().logIn();
    block(status);
    for (let n = 0; n < 3; n++) {
      const answer = await client().refresh(token);
      expect(answer.status).toBe(200);
      token = answer.body.refresh_token ?? "";
    }
    expect(host.requested).toEqual([]);
    expect((await client().revoke(token)).status).toBe(200);
    expect(outcomeOf(await client().refresh(token))).toEqual([400, "invalid_grant"]);
  });

  it("needs the document for all else: a code, an unknown token, and a token of another client", async () => {
    const tokens = await client().logIn();
    const other = "https://client.example.com/other.json";
    host.documents.set(other, { ...DOCUMENT, client_id: other });
    const { refresh_token: foreign } = await client(other).logIn();
    const code = (await client().authorize()).searchParams.get("code") ?? "";
    block();
    const unavailable = [503, "temporarily_unavailable"];
    expect(outcomeOf(await client().redeem(code))).toEqual(unavailable);
    expect(outcomeOf(await client().refresh("unknown"))).toEqual(unavailable);
    expect(outcomeOf(await client().refresh(foreign))).toEqual(unavailable);
    expect(outcomeOf(await client().refresh(tokens.access_token))).toEqual(unavailable);
    expect(
      outcomeOf(await client().token({ grant_type: "authorization_code", refresh_token: tokens.refresh_token })),
    ).toEqual(unavailable);
  });

  it("ends where the operator no longer lists the host", async () => {
    const { refresh_token: token } = await client().logIn();
    fixture.server.restart({ clientIdMetadataHosts: ["claude.ai"] });
    expect(outcomeOf(await client().refresh(token))).toEqual([401, "invalid_client"]);
  });

  it("ends where the operator blocks the client", async () => {
    const { refresh_token: token } = await client().logIn();
    block();
    const { store } = fixture.server.options;
    await store.set(
      "deny-client",
      fixture.server.log.findLast(({ fields }) => fields.client)?.fields.client as string,
      "all",
      60,
    );
    expect(outcomeOf(await client().refresh(token))).toEqual([400, "unauthorized_client"]);
  });
});

describe("a session of a client with keys", () => {
  const signed = (id: string) =>
    key.sign({
      iss: id,
      sub: id,
      aud: `${fixture.server.address}/token`,
      exp: fixture.clock.now() + 60,
      jti: crypto.randomUUID(),
    });

  it("needs the document at each refresh, since it has something to prove", async () => {
    host.documents.set(ID, { ...DOCUMENT, token_endpoint_auth_method: "private_key_jwt", jwks: key.jwks });
    const code = (await client().authorize()).searchParams.get("code") ?? "";
    const assertion = assertionParameters(await signed(ID));
    const { body } = await client().redeem(code, assertion);
    const token = body.refresh_token ?? "";
    expect(outcomeOf(await client().refresh(token))).toEqual([401, "invalid_client"]);
    block();
    expect(outcomeOf(await client().refresh(token))).toEqual([503, "temporarily_unavailable"]);
  });

  it("needs none where it may also come without them, and an assertion that can be verified still counts", async () => {
    host.documents.set(ID, {
      ...DOCUMENT,
      token_endpoint_auth_methods_supported: ["private_key_jwt", "none"],
      token_endpoint_auth_method: "private_key_jwt",
      jwks: key.jwks,
    });
    const { refresh_token: token } = await client().logIn();
    const wrong = assertionParameters(await (await createClientKey()).sign({ iss: ID }));
    expect(outcomeOf(await client().refresh(token, wrong))).toEqual([401, "invalid_client"]);
    block();
    const assertion = assertionParameters(await signed(ID));
    expect((await client().refresh(token, assertion)).status).toBe(200);
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { createHostResolver } from "../../packages/mcp-env-auth/src/proxy/clients/documents/resolve-host.ts";
import {
  type DocumentHost,
  PUBLIC_ADDRESS,
  startDocumentHost,
} from "../../packages/mcp-env-auth/src/proxy/clients/documents/testing/document-host.ts";
import {
  type NameAnswer,
  startNameServer,
} from "../../packages/mcp-env-auth/src/proxy/clients/documents/testing/name-server.ts";
import {
  assertionParameters,
  createClientKey,
} from "../../packages/mcp-env-auth/src/proxy/testing/client-assertion.ts";
import { McpClient, register } from "../../packages/mcp-env-auth/src/proxy/testing/mcp-client.ts";
import { useProxy } from "../../packages/mcp-env-auth/src/proxy/testing/proxy-fixture.ts";
import { useAttackedServer } from "../support/attacked-server.ts";

const ID = "https://client.example.com/client.json";
const REDIRECT_URI = "https://client.example.com/callback";
const DOCUMENT = { client_id: ID, client_name: "Example", redirect_uris: [REDIRECT_URI] };

const fixture = useProxy();
let host: DocumentHost;

beforeAll(async () => {
  host = await startDocumentHost();
});
beforeEach(() => {
  host.documents.clear();
  host.documents.set(ID, DOCUMENT);
  for (const list of [host.requested, host.resolved, host.connected]) {
    list.length = 0;
  }
  fixture.server.restart({ fetchClientDocument: host.fetch });
});
afterAll(() => host.close());

function authorize(id: string): Promise<Response> {
  const client = new McpClient(fixture.server, REDIRECT_URI);
  client.id = id;
  return fetch(client.authorizeUrl(), { redirect: "manual" });
}

async function expectRefusedUnfetched(id: string, status = 400): Promise<void> {
  const answer = await authorize(id);
  expect([answer.status, answer.headers.get("location")]).toEqual([status, null]);
  expect(host.requested).toEqual([]);
  expect(host.connected).toEqual([]);
}

describe("a client id that is a URL is fetched only from a public host by name:", () => {
  it.each([
    ["http", "http://client.example.com/client.json"],
    ["this computer", "https://localhost/client.json"],
    ["this computer by address", "https://127.0.0.1/client.json"],
    ["in decimal", "https://2130706433/client.json"],
    ["in octal", "https://0177.0.0.1/client.json"],
    ["in IPv6", "https://[::1]/client.json"],
    ["in mapped IPv6", "https://[::ffff:127.0.0.1]/client.json"],
    ["the cloud's metadata", "https://169.254.169.254/latest/meta-data/"],
    ["a name without a dot", "https://redis/client.json"],
    ["a name with a dot at its end", "https://client.example.com./client.json"],
    ["a user", "https://client.example.com@10.0.0.1/client.json"],
    ["a fragment", "https://client.example.com/client.json#a"],
    ["dot segments", "https://client.example.com/a/../client.json"],
    ["encoded slashes", "https://client.example.com/a%2f..%2fclient.json"],
    ["no path", "https://client.example.com"],
    ["a host in capitals", "https://CLIENT.example.com/client.json"],
    ["a tab in the host", "https://client.exam\tple.com/client.json"],
    ["a backslash", "https://client.example.com\\@10.0.0.1/client.json"],
    ["a thousand characters", `https://client.example.com/${"a".repeat(1000)}`],
  ])("not %s", async (_name, id) => {
    await expectRefusedUnfetched(id);
  });

  it.each([
    "127.0.0.1",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "198.18.0.1",
    "::1",
    "::",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "fe80::1",
    "fc00::1",
    "fd00:ec2::254",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001:0:7f00:1::",
    "ff02::1",
  ])("not where its name leads to %s", async (address) => {
    const family = address.includes(":") ? 6 : 4;
    fixture.server.restart({ fetchClientDocument: host.fetchWith({ resolve: async () => [{ address, family }] }) });
    await expectRefusedUnfetched(ID, 503);
  });

  it("not where one of its addresses is private", async () => {
    const resolve = async () => [PUBLIC_ADDRESS, { address: "10.0.0.1", family: 4 }];
    fixture.server.restart({ fetchClientDocument: host.fetchWith({ resolve }) });
    await expectRefusedUnfetched(ID, 503);
  });

  it("and the name is resolved once, so that it can't be another address when it is connected to", async () => {
    let answers = 0;
    const resolve = async () => (answers++ === 0 ? [PUBLIC_ADDRESS] : [{ address: "127.0.0.1", family: 4 }]);
    fixture.server.restart({ fetchClientDocument: host.fetchWith({ resolve }) });
    expect((await authorize(ID)).status).toBe(200);
    expect(answers).toBe(1);
    expect(host.connected).toEqual([PUBLIC_ADDRESS.address]);
  });
});

describe("a document is taken only as it is found:", () => {
  async function expectRefused(
    expected: number,
    [status, headers, body]: [number, Record<string, string>, string],
  ): Promise<void> {
    host.documents.set(ID, (_request, response) => {
      response.writeHead(status, { "content-type": "application/json", ...headers }).end(body);
    });
    const answer = await authorize(ID);
    expect([answer.status, answer.headers.get("location")]).toEqual([expected, null]);
    expect(host.requested).toEqual([ID]);
    expect(await answer.text()).not.toMatch(/93\.184|169\.254|ECONN|ENOTFOUND/);
  }

  it.each<[string, number, Record<string, string>, string]>([
    ["not by a redirect to a private address", 302, { location: "https://169.254.169.254/" }, ""],
    ["not by a redirect to another document", 301, { location: "https://client.example.com/other.json" }, ""],
    ["not with another status", 203, {}, JSON.stringify(DOCUMENT)],
    ["not of another type", 200, { "content-type": "text/html" }, JSON.stringify(DOCUMENT)],
    ["not compressed", 200, { "content-encoding": "gzip" }, JSON.stringify(DOCUMENT)],
    ["not as half of JSON", 200, {}, '{"client_id":'],
  ])("%s, which says nothing about the document", async (_name, ...answer) => {
    await expectRefused(503, answer);
  });

  it.each<[string, number, Record<string, string>, string]>([
    ["not larger than 5 KB", 200, {}, JSON.stringify({ ...DOCUMENT, padding: "x".repeat(6000) })],
    ["not as a list", 200, {}, JSON.stringify([DOCUMENT])],
    ["not for another URL", 200, {}, JSON.stringify({ ...DOCUMENT, client_id: `${ID}?` })],
    ["not with a secret", 200, {}, JSON.stringify({ ...DOCUMENT, client_secret: "s" })],
    [
      "not with a method that needs a secret",
      200,
      {},
      JSON.stringify({ ...DOCUMENT, token_endpoint_auth_method: "client_secret_post" }),
    ],
    [
      "not with a script to redirect to",
      200,
      {},
      JSON.stringify({ ...DOCUMENT, redirect_uris: [REDIRECT_URI, "javascript:alert(1)"] }),
    ],
  ])("%s", async (_name, ...answer) => {
    await expectRefused(400, answer);
  });

  it("and a refusal is not remembered for the document that comes after it", async () => {
    host.documents.set(ID, { ...DOCUMENT, client_name: undefined });
    expect((await authorize(ID)).status).toBe(400);
    host.documents.set(ID, DOCUMENT);
    fixture.clock.advance(120);
    expect((await authorize(ID)).status).toBe(200);
  });

  it("with no cookie, token or Host of ours in the request for it", async () => {
    let sent: Record<string, unknown> = {};
    host.documents.set(ID, (request, response) => {
      sent = request.headers;
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(DOCUMENT));
    });
    expect((await authorize(ID)).status).toBe(200);
    expect(sent.host).toBe("client.example.com");
    expect(Object.keys(sent)).not.toEqual(expect.arrayContaining(["cookie"]));
    expect(Object.keys(sent)).not.toEqual(expect.arrayContaining(["authorization"]));
  });
});

describe("a stranger who asks for documents at names inside learns of none of them:", () => {
  const NOWHERE = "nowhere.example.com";
  const NAMES: Readonly<Record<string, NameAnswer>> = {
    [NOWHERE]: "no such name",
    "intranet.example.com": ["10.0.0.5"],
    "database.example.com": ["10.0.0.6", "10.0.0.7"],
    "loopback.example.com": ["127.0.0.1"],
    "metadata.example.com": ["169.254.169.254"],
    "six.example.com": ["fd00::5"],
    "both.example.com": [PUBLIC_ADDRESS.address, "10.0.0.8"],
  };
  const SILENT = "silent.example.com";

  beforeEach(async () => {
    const names = await startNameServer((name, type) => {
      const answer = NAMES[name] ?? (name === SILENT ? "silence" : "server failure");
      return Array.isArray(answer) ? answer.filter((address) => address.includes(":") === (type === "AAAA")) : answer;
    });
    onTestFinished(() => names.close());
    const resolve = createHostResolver({ servers: [names.address], hosts: { addressesOf: async () => undefined } });
    fixture.server.restart({ fetchClientDocument: host.fetchWith({ resolve, timeout: 1 }) });
  });

  const idAt = (name: string) => `https://${name}/client.json`;

  /** All that can be seen of an answer, but for the name, its length and the time. */
  async function seen(answer: Response, name: string) {
    const headers = [...answer.headers].filter(([header]) => !/^(?:date|content-length|etag)$/i.test(header));
    return { status: answer.status, headers, body: (await answer.text()).replaceAll(name, "NAME") };
  }

  function post(path: string, form: Record<string, string>): Promise<Response> {
    return fetch(new URL(path, fixture.server.address), { method: "POST", body: new URLSearchParams(form) });
  }

  const PLACES: readonly (readonly [string, (name: string) => Promise<Response>])[] = [
    ["the authorization endpoint", (name) => authorize(idAt(name))],
    [
      "the token endpoint, with a refresh token",
      (name) => post("/token", { grant_type: "refresh_token", refresh_token: "none", client_id: idAt(name) }),
    ],
    [
      "the token endpoint, with a code",
      (name) => post("/token", { grant_type: "authorization_code", code: "none", client_id: idAt(name) }),
    ],
    ["the revocation endpoint", (name) => post("/revoke", { token: "none", client_id: idAt(name) })],
  ];

  it.each(PLACES)("%s answers as for a name that nobody has, and may be asked again", async (_place, ask) => {
    const nowhere = await seen(await ask(NOWHERE), NOWHERE);
    expect(nowhere.status).toBe(503);
    expect(Object.fromEntries(nowhere.headers)["retry-after"]).toBeDefined();
    for (const name of [...Object.keys(NAMES), "failing.example.com", SILENT]) {
      // A minute apart: an address may name so many hosts only.
      fixture.clock.advance(60);
      expect(await seen(await ask(name), name), name).toEqual(nowhere);
      expect(await seen(await ask(name), name), `${name}, again`).toEqual(nowhere);
    }
    expect(host.connected).toEqual([]);
    const reasons = fixture.server.log.map(({ fields }) => fields.reason);
    expect(reasons).toContain("The host has an address that is not public.");
    expect(reasons).toContain("The host has no address.");
  });

  it("nor by the host of a client's keys", async () => {
    const key = await createClientKey();
    const answers: unknown[] = [];
    for (const name of [NOWHERE, "intranet.example.com", "six.example.com", "both.example.com"]) {
      fixture.clock.advance(60);
      const { body } = await register(fixture.server, {
        redirect_uris: [REDIRECT_URI],
        token_endpoint_auth_method: "private_key_jwt",
        jwks_uri: `https://${name}/jwks.json`,
      });
      const id = String(body.client_id);
      const now = fixture.clock.now();
      const claims = { iss: id, sub: id, aud: fixture.server.address, iat: now, exp: now + 60, jti: name };
      const form = { grant_type: "refresh_token", refresh_token: "none", client_id: id };
      const assertion = assertionParameters(await key.sign(claims));
      answers.push(await seen(await post("/token", { ...form, ...assertion }), name));
    }
    expect(answers[0]).toMatchObject({ status: 503 });
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  });

  it("while a document that is gone, at a host that anybody reaches, is told as before", async () => {
    fixture.server.restart({ fetchClientDocument: host.fetch });
    expect((await authorize("https://client.example.com/missing.json")).status).toBe(400);
  });
});

describe("nothing else that a client names is fetched", () => {
  it.each(["logo_uri", "client_uri", "tos_uri", "policy_uri", "sector_identifier_uri"])("not its %s", async (name) => {
    const url = "https://client.example.com/tracker";
    const { status, body } = await register(fixture.server, { redirect_uris: [REDIRECT_URI], [name]: url });
    expect(status).toBe(201);
    const client = new McpClient(fixture.server, REDIRECT_URI);
    client.id = String(body.client_id);
    const page = await (await fetch(client.authorizeUrl(), { headers: { accept: "text/html" } })).text();
    expect(page).not.toContain(url);
    expect(host.requested).toEqual([]);
    expect(host.resolved).toEqual([]);
  });

  it("not its jwks_uri at registration, nor where that is private", async () => {
    for (const jwks_uri of ["https://169.254.169.254/keys", "http://keys.example.com/jwks", "https://localhost/jwks"]) {
      const { status } = await register(fixture.server, {
        redirect_uris: [REDIRECT_URI],
        token_endpoint_auth_method: "private_key_jwt",
        jwks_uri,
      });
      expect(status).toBe(400);
    }
    expect(host.resolved).toEqual([]);
  });
});

describe("a server as it is deployed", () => {
  const attacked = useAttackedServer();

  it.each(["https://localhost.localdomain/client.json", "https://127.0.0.1/client.json", "https://[::1]/client.json"])(
    "answers %s with an error page that tells nothing of its network",
    async (id) => {
      const client = new McpClient({ address: attacked.origin, options: { resource: attacked.resource } });
      client.id = id;
      const answer = await fetch(client.authorizeUrl(), { redirect: "manual" });
      expect([400, 503]).toContain(answer.status);
      expect(await answer.text()).not.toMatch(/ECONN|ENOTFOUND|EAI_AGAIN|getaddrinfo|at .*\.js/);
    },
  );
});

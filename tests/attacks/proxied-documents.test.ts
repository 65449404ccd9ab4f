import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import { freePort } from "test-support/free-port";
import { startProcess } from "test-support/processes";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { readOutgoing } from "../../packages/mcp-env-auth/src/env/outgoing-settings.ts";
import { environmentOf } from "../../packages/mcp-env-auth/src/env/testing/environment-of.ts";
import {
  type ConnectProxy,
  startConnectProxy,
} from "../../packages/mcp-env-auth/src/outgoing/testing/connect-proxy.ts";
import { createTransport } from "../../packages/mcp-env-auth/src/outgoing/transport.ts";
import { setOutgoing } from "../../packages/mcp-env-auth/src/outgoing.ts";
import {
  type DocumentHost,
  startDocumentHost,
} from "../../packages/mcp-env-auth/src/proxy/clients/documents/testing/document-host.ts";
import {
  assertionParameters,
  createClientKey,
} from "../../packages/mcp-env-auth/src/proxy/testing/client-assertion.ts";
import { McpClient, TestBrowser } from "../../packages/mcp-env-auth/src/proxy/testing/mcp-client.ts";
import { useProxy } from "../../packages/mcp-env-auth/src/proxy/testing/proxy-fixture.ts";
import { oauthSteps } from "../support/oauth-steps.ts";
import { PRIVATE_CA } from "../support/tls-provider.ts";

const SERVER = fileURLToPath(new URL("../fixtures/http-server.mjs", import.meta.url));
const NAME = "client.example.com";
const ID = `https://${NAME}/client.json`;
const REDIRECT_URI = `https://${NAME}/callback`;
const DOCUMENT = { client_id: ID, client_name: "Example", redirect_uris: [REDIRECT_URI] };
const PASSWORD = "the-proxy-password";
const BASIC = Buffer.from(`user:${PASSWORD}`).toString("base64");

let auth0: DevAuth0;
let host: DocumentHost;

beforeAll(async () => {
  [auth0, host] = await Promise.all([startDevAuth0(), startDocumentHost()]);
});
beforeEach(() => {
  host.documents.clear();
  host.documents.set(ID, DOCUMENT);
  host.requested.length = 0;
});
afterAll(async () => {
  await Promise.all([auth0?.close(), host?.close()]);
});

type Hostile = (client: Socket, request: IncomingMessage) => void;

/** A server as it is deployed behind a proxy, which does what `answer` says in place of opening tunnels. */
async function deploy({
  hosts = [NAME],
  answer,
  target,
}: {
  hosts?: readonly string[];
  answer?: Hostile;
  target?: number;
} = {}) {
  const proxy = await startConnectProxy({
    target: target ?? host.port,
    password: PASSWORD,
    ...(answer !== undefined && { answer }),
  });
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const running = await startProcess({
    name: "The server",
    script: SERVER,
    env: {
      ...auth0.env(origin),
      FASTMCP_PORT: String(port),
      FASTMCP_RATE_LIMIT: "0",
      FASTMCP_SERVER_AUTH_AUTH0_CLIENT_ID_METADATA_HOSTS: JSON.stringify(hosts),
      https_proxy: proxy.url.replace("//", `//user:${PASSWORD}@`),
      NODE_EXTRA_CA_CERTS: PRIVATE_CA,
    },
    readyUrl: `${origin}/readyz`,
  });
  onTestFinished(() => running.stop());
  const client = (id = ID) => {
    const found = new McpClient({ address: origin, options: { resource: `${origin}/mcp` } }, REDIRECT_URI);
    found.id = id;
    return found;
  };
  return { proxy, origin, running, client, open: (id?: string) => new TestBrowser().get(client(id).authorizeUrl()) };
}

/** Publishes the client's document, whose key is at another host. */
async function keyAtAnotherHost() {
  const key = await createClientKey();
  const keys = "https://keys.example.com/jwks.json";
  host.documents.set(keys, key.jwks);
  host.documents.set(ID, { ...DOCUMENT, token_endpoint_auth_method: "private_key_jwt", jwks_uri: keys });
  return key;
}

function expectNoSecret(...texts: readonly string[]): void {
  for (const text of texts) {
    expect(text).not.toContain(PASSWORD);
    expect(text).not.toContain(BASIC);
  }
}

describe("Security rule 13: a server that only a proxy leads out of", () => {
  it("logs users of a listed client in, whose document and keys come by tunnels to their names", async () => {
    const { proxy, origin, running, client } = await deploy({ hosts: [NAME, "keys.example.com"] });
    const metadata = await (await fetch(`${origin}/.well-known/oauth-authorization-server`)).json();
    expect(metadata).toMatchObject({ client_id_metadata_document_supported: true });
    const key = await keyAtAnotherHost();
    const signing = client();
    const code = (await signing.authorize()).searchParams.get("code") ?? "";
    const now = Math.floor(Date.now() / 1000);
    const assertion = await key.sign({ iss: ID, sub: ID, aud: `${origin}/`, iat: now, exp: now + 60, jti: "one" });
    const { status, body } = await signing.redeem(code, assertionParameters(assertion));
    expect(status).toBe(200);
    expect((await oauthSteps(origin).call(body.access_token)).status).toBe(200);
    expect([...proxy.tunnels].sort()).toEqual([`${NAME}:443`, "keys.example.com:443"]);
    expect(proxy.credentials).toEqual([`Basic ${BASIC}`, `Basic ${BASIC}`]);
    expect(running.log()).toContain("are fetched through HTTPS_PROXY");
    expectNoSecret(running.log());
  });

  it("takes keys of a listed client from no host that is not listed", async () => {
    const { proxy, client } = await deploy();
    const key = await keyAtAnotherHost();
    const signing = client();
    const code = (await signing.authorize()).searchParams.get("code") ?? "";
    const assertion = await key.sign({ iss: ID, sub: ID, jti: "one" });
    const { status, body } = await signing.redeem(code, assertionParameters(assertion));
    expect([status, body.error]).toEqual([401, "invalid_client"]);
    expect(proxy.tunnels).toEqual([`${NAME}:443`]);
  });

  it("opens no tunnel for what strangers make of a listed name", async () => {
    const { proxy, open } = await deploy();
    for (const id of [
      `https://${NAME}:22/client.json`,
      `https://${NAME}:8443/client.json`,
      `https://${NAME}:443/client.json`,
      `https://evil.${NAME}/client.json`,
      `https://${NAME}.evil.test/client.json`,
      `https://evil-${NAME}/client.json`,
      `https://${NAME}@10.0.0.1/client.json`,
      `https://10.0.0.1/${NAME}/client.json`,
      `https://${NAME}./client.json`,
      `https://${NAME.toUpperCase()}/client.json`,
      `https://${NAME}%00.evil.test/client.json`,
      `https://${NAME}\r\nHost: evil.test/client.json`,
      `https://${NAME}/client.json\r\nCONNECT 10.0.0.1:22 HTTP/1.1\r\n\r\n`,
      `https://${NAME}\\@10.0.0.1/client.json`,
      `https://ｃlient.example.com/client.json`,
      `https://user:secret@${NAME}/client.json`,
      `http://${NAME}/client.json`,
      "https://169.254.169.254/latest/meta-data/",
      "https://localhost/client.json",
    ]) {
      const page = await open(id);
      expect([page.status, page.headers.get("location")], id).toEqual([400, null]);
    }
    expect(proxy.tunnels).toEqual([]);
    expect((await open()).status).toBe(200);
  });

  it("lets a path of a listed host say nothing to the proxy", async () => {
    const { proxy, open } = await deploy();
    expect((await open(`https://${NAME}/a?b=CONNECT%20evil:22%20HTTP/1.1%0d%0a`)).status).toBe(400);
    expect(proxy.tunnels).toEqual([`${NAME}:443`]);
    expect(host.requested).toEqual([`https://${NAME}/a?b=CONNECT%20evil:22%20HTTP/1.1%0d%0a`]);
  });

  it("follows no redirect of a listed host, to whatever name", async () => {
    const { proxy, open } = await deploy({ hosts: [NAME, "keys.example.com"] });
    for (const location of [
      "https://keys.example.com/client.json",
      "https://169.254.169.254/",
      "http://10.0.0.1/",
      "//evil.test/",
    ]) {
      const id = `https://${NAME}/${encodeURIComponent(location).replaceAll("%2F", "-")}.json`;
      host.documents.set(id, (_request, response) => response.writeHead(302, { location }).end());
      expect((await open(id)).status).toBe(503);
    }
    expect(new Set(proxy.tunnels)).toEqual(new Set([`${NAME}:443`]));
  });
});

const HOSTILE: readonly (readonly [string, Hostile])[] = [
  [
    "answers with the credentials that it was sent",
    (client, { headers }) => {
      const said = headers["proxy-authorization"];
      client.end(
        `HTTP/1.1 403 ${said}\r\nLocation: http://user:${PASSWORD}@evil.test/\r\nX-Was: ${said}\r\n\r\n${said}`,
      );
    },
  ],
  [
    "answers with a page",
    (client) => client.end("HTTP/1.1 407 <script>\r\nContent-Type: text/html\r\n\r\n<script>1</script>"),
  ],
  ["answers that the document is gone", (client) => client.end("HTTP/1.1 410 Gone\r\n\r\n")],
  ["redirects", (client) => client.end("HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\n\r\n")],
  ["answers garbage", (client) => client.end(Buffer.alloc(4096, 0xff))],
  [
    "sends a document in place of a tunnel",
    (client) => client.end(`HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n${JSON.stringify(DOCUMENT)}`),
  ],
  [
    "sends a document in the tunnel, in clear",
    (client) => {
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      client.once("data", () =>
        client.end(`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n${JSON.stringify(DOCUMENT)}`),
      );
    },
  ],
  ["cuts the connection", (client) => client.resetAndDestroy()],
  ["opens a tunnel and cuts it", (client) => client.write("HTTP/1.1 200 OK\r\n\r\n", () => client.resetAndDestroy())],
];

describe("Security rules 11 and 13: a hostile proxy", () => {
  it.each(HOSTILE)("that %s gives no document, and reaches neither page nor log", async (_what, answer) => {
    const { proxy, running, open } = await deploy({ answer });
    const page = await open();
    // The address of the server itself, and the reference, are random.
    const text = (await page.text()).replace(/href="[^"]*\/mcp"|<code dir="ltr">[0-9a-f]{10}</g, "");
    expect([page.status, page.headers.get("location")]).toEqual([503, null]);
    expect(text).not.toMatch(/proxy|40[0-9]|<script|evil|ECONN|HPE_|:\d{4,5}/i);
    await expect.poll(() => proxy.connections()).toBe(0);
    expect(running.log()).toContain(`${proxy.url} of HTTPS_PROXY`);
    expect(running.log()).not.toMatch(/<script|evil\.test/);
    expectNoSecret(text, running.log());
    expect(host.requested).toEqual([]);
  });

  it.each(["expired", "other-name", "self-signed", "valid"])(
    "that leads to a host of its own, whose certificate is %s for others, is sent no request",
    async (certificate) => {
      const evil = await startDocumentHost(certificate);
      onTestFinished(() => evil.close());
      evil.documents.set(ID, { ...DOCUMENT, redirect_uris: ["https://evil.test/callback"] });
      const { open, running } = await deploy({ target: evil.port });
      expect((await open()).status).toBe(503);
      expect(evil.requested).toEqual([]);
      expectNoSecret(running.log());
    },
  );

  it("that keeps silent holds four connections for one address, for as long as a fetch may last", async () => {
    const waiting: Socket[] = [];
    const { proxy, open, origin } = await deploy({ answer: (client) => waiting.push(client) });
    const pages = Array.from({ length: 20 }, (_, index) => open(`https://${NAME}/${index}.json`));
    await expect.poll(() => waiting.length).toBe(4);
    expect((await fetch(`${origin}/readyz`)).status).toBe(200);
    const statuses = (await Promise.all(pages)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 503)).toHaveLength(4);
    expect(statuses.filter((status) => status === 429)).toHaveLength(16);
    expect(waiting).toHaveLength(4);
    await expect.poll(() => proxy.connections()).toBe(0);
  });
});

describe("a document that was fetched through the proxy", () => {
  const fixture = useProxy();

  async function open(): Promise<number> {
    const client = new McpClient(fixture.server, REDIRECT_URI);
    client.id = ID;
    return (await new TestBrowser().get(client.authorizeUrl())).status;
  }

  async function useOutgoing(proxy: ConnectProxy): Promise<void> {
    setOutgoing(await createTransport(readOutgoing(environmentOf({ HTTPS_PROXY: proxy.url })).settings));
    onTestFinished(() => setOutgoing(undefined));
  }

  it.each([403, 404, 410, 502])(
    "is not withdrawn by a proxy that answers %i: only its host can do that",
    async (status) => {
      fixture.server.restart({ fetchClientDocument: host.fetchWith({ hosts: [NAME] }), clientIdMetadataHosts: [NAME] });
      await useOutgoing(await startConnectProxy({ target: host.port }));
      expect(await open()).toBe(200);
      fixture.clock.advance(2 * 3600);
      await useOutgoing(await startConnectProxy({ answer: (client) => client.end(`HTTP/1.1 ${status} No\r\n\r\n`) }));
      expect(await open()).toBe(200);
      fixture.clock.advance(60);
      await useOutgoing(await startConnectProxy({ target: host.port }));
      host.documents.delete(ID);
      expect(await open()).toBe(400);
    },
  );

  it("is not replaced by one of a host with another certificate", async () => {
    fixture.server.restart({ fetchClientDocument: host.fetchWith({ hosts: [NAME] }), clientIdMetadataHosts: [NAME] });
    await useOutgoing(await startConnectProxy({ target: host.port }));
    expect(await open()).toBe(200);
    const evil = await startDocumentHost("valid");
    onTestFinished(() => evil.close());
    fixture.clock.advance(2 * 3600);
    await useOutgoing(await startConnectProxy({ target: evil.port }));
    expect(await open()).toBe(200);
    expect(evil.requested).toEqual([]);
  });
});

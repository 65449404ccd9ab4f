import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listenForTest, type ProxySetup, startBehindProxy } from "../../testing/behind-proxy.ts";
import { AUTH0, quickEnv } from "../../testing/diagnosis.ts";
import type { Finding } from "../finding.ts";
import type { RecordedClient } from "./recorded-client.ts";
import { recordedClients } from "./recorded-clients.ts";
import { replay } from "./replay.ts";

let auth0: DevAuth0;
beforeAll(async () => {
  auth0 = await startDevAuth0();
});
afterAll(() => auth0.close());

const NO_DOCUMENTS = { [`${AUTH0}CLIENT_ID_METADATA_HOSTS`]: "[]" };

interface Setup extends ProxySetup {
  readonly env?: Record<string, string>;
}

async function start({ env = NO_DOCUMENTS, ...setup }: Setup = {}): Promise<URL> {
  const { baseUrl } = await startBehindProxy((url) => ({ ...quickEnv(auth0, url), ...env }), setup);
  return new URL(`${baseUrl}/mcp`);
}

async function findingsOf(client: RecordedClient, url: URL): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for await (const finding of replay(client, url)) {
    findings.push(finding);
  }
  return findings;
}

async function outcome(client: RecordedClient, url: URL): Promise<string> {
  const last = (await findingsOf(client, url)).at(-1);
  return last?.status === "failure" ? `stops: ${last.check}` : `${last?.check}`;
}

/** Where each client ends. */
async function outcomes(url: URL): Promise<Record<string, string>> {
  const entries = recordedClients.map(async (client) => [client.name, await outcome(client, url)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

const allAt = (end: string) => Object.fromEntries(recordedClients.map(({ name }) => [name, end]));

function named(name: string): RecordedClient {
  const found = recordedClients.find((client) => client.name === name);
  if (found === undefined) {
    throw new Error(`There is no ${name}.`);
  }
  return found;
}

/** Answers in the place of the server where `paths` fits. */
function instead(paths: RegExp, answer: (request: IncomingMessage, response: ServerResponse) => void): ProxySetup {
  return {
    meddle(request, response) {
      if (!paths.test(request.url ?? "")) {
        return false;
      }
      answer(request, response);
      return true;
    },
  };
}

const notFound = (_: IncomingMessage, response: ServerResponse) => void response.writeHead(404).end();

describe("the recordings", () => {
  it("have names of their own", () => {
    expect(new Set(recordedClients.map(({ name }) => name)).size).toBe(recordedClients.length);
  });

  it("name their source", () => {
    for (const { source } of recordedClients) {
      if (source.kind === "recorded") {
        expect(URL.canParse(source.url) && /^\d{4}-\d\d-\d\d$/.test(source.date)).toBe(true);
      }
    }
  });
});

describe("every client finds its way to the login", () => {
  it.each(["", "/base", "/deep/base"])("with BASE_URL's path %j", async (path) => {
    expect(await outcomes(await start({ path }))).toEqual(allAt("login-page"));
  });

  it("where OpenID Connect's document is the only one", async () => {
    const hidden = instead(/^\/+\.well-known\/oauth-authorization-server/, notFound);
    expect(await outcomes(await start(hidden))).toEqual(allAt("login-page"));
  });

  it("where the challenge is dropped on the way", async () => {
    const answer = (headers: Record<string, unknown>) => {
      delete headers["www-authenticate"];
    };
    expect(await outcomes(await start({ answer }))).toEqual(allAt("login-page"));
  });

  it("where a document redirects on the same host", async () => {
    const url = await start({
      meddle(request, response) {
        const { pathname, searchParams } = new URL(request.url ?? "", "http://proxy");
        if (!pathname.includes("/.well-known/") || searchParams.has("moved")) {
          return false;
        }
        response.writeHead(302, { location: `${pathname}?moved`, "access-control-allow-origin": "*" }).end();
        return true;
      },
    });
    expect(await outcomes(url)).toEqual(allAt("login-page"));
  });
});

describe("a client that has a metadata document", () => {
  it("registers where the server fetches none", async () => {
    const url = await start();
    const findings = await findingsOf(named("claude"), url);
    expect(findings.find(({ check }) => check === "registration")?.message).toContain("/register registers the client");
  });

  it("uses it where the server says that it fetches it, and stops where it does not", async () => {
    const url = await start({ env: { [`${AUTH0}CLIENT_ID_METADATA_HOSTS`]: '["clients.example.com"]' } });
    const findings = await findingsOf(named("claude"), url);
    expect(findings.find(({ check }) => check === "registration")?.message).toContain(
      "https://claude.ai/oauth/mcp-oauth-client-metadata",
    );
    expect(findings.at(-1)).toMatchObject({ check: "login-page", status: "failure" });
    expect(findings.at(-1)?.message).toContain("takes no client_id from this host");
    expect(findings.at(-1)?.fix).toContain("https://claude.ai/oauth/mcp-oauth-client-metadata");
    expect(findings.at(-1)?.fix).toContain("_CLIENT_ID_METADATA_HOSTS");
  });

  it("that registers nowhere stops where the server fetches none", async () => {
    const { request: _, ...registration } = named("claude").registration;
    const findings = await findingsOf({ ...named("claude"), registration }, await start());
    expect(findings.at(-1)).toMatchObject({ check: "registration", status: "failure" });
    expect(findings.at(-1)?.fix).toContain("_CLIENT_ID_METADATA_HOSTS");
  });
});

describe("a broken server", () => {
  it("without registration stops everybody who registers", async () => {
    const url = await start(instead(/^\/register$/, notFound));
    expect(await outcomes(url)).toEqual(allAt("stops: registration"));
  });

  it("whose registration refuses the redirect URI is told in its own words", async () => {
    const env = { ...NO_DOCUMENTS, [`${AUTH0}ALLOWED_CLIENT_REDIRECT_URIS`]: '["http://localhost:*"]' };
    const last = (await findingsOf(named("chatgpt"), await start({ env }))).at(-1);
    expect(last).toMatchObject({ check: "registration", status: "failure" });
    expect(last?.message).toContain("https://chatgpt.com/connector_platform_oauth_redirect");
    expect(last?.fix).toContain("_ALLOWED_CLIENT_REDIRECT_URIS");
  });

  it("whose root is not routed stops those who look there only, and /.well-known/ is named", async () => {
    const url = await start({ path: "/base", ...instead(/^\/(?!base\/)/, notFound) });
    // It ignores the challenge, which is what leads the others to addresses below the path.
    expect(await outcomes(url)).toEqual({ ...allAt("login-page"), n8n: "stops: server-metadata" });
    const last = (await findingsOf(named("n8n"), url)).at(-1);
    expect(last?.message).toContain("/.well-known/oauth-authorization-server answers 404");
    expect(last?.fix).toContain("/.well-known/ at the root of the host");
  });

  it("without resource metadata stops those who don't assume the authorization server at its root", async () => {
    const url = await start(instead(/oauth-protected-resource/, notFound));
    expect(await outcomes(url)).toEqual({
      ...allAt("login-page"),
      chatgpt: "stops: resource-metadata",
      spring: "stops: resource-metadata",
      // They take the URL itself for the issuer.
      codex: "stops: server-metadata",
      "ai-sdk": "stops: server-metadata",
    });
    for (const name of ["chatgpt", "sdk-v1"]) {
      const found = (await findingsOf(named(name), url)).find(({ check }) => check === "resource-metadata");
      expect(found?.fix).toContain("/.well-known/");
    }
  });

  it("that answers the first request without a login never begins one", async () => {
    const open = instead(/^\/mcp$/, (_, response) => void response.writeHead(200).end("{}"));
    const last = (await findingsOf(named("claude"), await start(open))).at(-1);
    expect(last).toMatchObject({ check: "first-request", status: "failure" });
    expect(last?.fix).toContain("FASTMCP_SERVER_AUTH");
  });

  it("that redirects the MCP endpoint loses requests", async () => {
    const slash = instead(/^\/mcp$/, (_, response) => void response.writeHead(308, { location: "/mcp/" }).end());
    const last = (await findingsOf(named("sdk-v1"), await start(slash))).at(-1);
    expect(last).toMatchObject({ check: "first-request", status: "failure" });
    expect(last?.message).toContain("redirects to /mcp/");
  });

  it("with CORS headers missing stops a web page and nobody else", async () => {
    const answer = (headers: Record<string, unknown>) => {
      for (const name of Object.keys(headers).filter((name) => name.startsWith("access-control-"))) {
        delete headers[name];
      }
    };
    const url = await start({ answer });
    expect(await outcomes(url)).toEqual({ ...allAt("login-page"), inspector: "stops: first-request" });
    const last = (await findingsOf(named("inspector"), url)).at(-1);
    expect(last?.fix).toContain("FASTMCP_HTTP_ALLOWED_ORIGINS");
  });

  it("that does not let a page's origin call it says which variable does", async () => {
    const page: RecordedClient = { ...named("inspector"), origin: "https://app.example.com" };
    const last = (await findingsOf(page, await start())).at(-1);
    expect(last).toMatchObject({ check: "first-request", status: "failure" });
    expect(last?.message).toContain("answers 403");
    expect(last?.fix).toContain("FASTMCP_HTTP_ALLOWED_ORIGINS");
  });

  it("that answers no preflight of the registration stops a web page there", async () => {
    const url = await start({
      meddle({ method, url = "" }, response) {
        if (method !== "OPTIONS" || url !== "/register") {
          return false;
        }
        response.writeHead(405).end();
        return true;
      },
    });
    expect(await outcome(named("inspector"), url)).toBe("stops: registration");
  });

  it("with another BASE_URL names another resource", async () => {
    const env = { ...NO_DOCUMENTS, [`${AUTH0}BASE_URL`]: "http://127.0.0.1:8000" };
    const url = await start({ env });
    const last = (await findingsOf(named("vscode"), url)).at(-1);
    expect(last).toMatchObject({ check: "resource-metadata", status: "failure" });
  });

  it("that speaks no TLS, or is not there, is told apart", async () => {
    const plain = await listenForTest(createHttpServer((_, response) => response.end("hello")));
    for (const [url, said] of [
      [plain.replace("http:", "https:"), "certificate"],
      ["http://127.0.0.1:2", "Start the server"],
      ["https://server.invalid", "DNS"],
    ] as const) {
      const last = (await findingsOf(named("go-sdk"), new URL(`${url}/mcp`))).at(-1);
      expect(last).toMatchObject({ check: "first-request", status: "failure" });
      expect(last?.fix).toContain(said);
    }
  });
});

describe("a client that runs in the cloud", () => {
  it("is warned about an address that it can't reach, and goes on", async () => {
    const [first, ...rest] = await findingsOf(named("claude"), await start());
    expect(first).toMatchObject({ check: "address", status: "warning" });
    expect(rest.at(-1)).toMatchObject({ check: "login-page", status: "ok" });
  });
});

describe("an authorization server on another host", () => {
  it("gets no registration", async () => {
    const registrations: string[] = [];
    const elsewhere = await listenForTest(
      createHttpServer(({ url = "" }, response) => {
        registrations.push(url);
        response.end("{}");
      }),
    );
    const url = await start({
      ...instead(/^\/\.well-known\/oauth-authorization-server/, (request, response) => {
        const issuer = `http://${request.headers.host}/`;
        response.end(
          JSON.stringify({
            issuer,
            authorization_endpoint: `${elsewhere}/authorize`,
            token_endpoint: `${elsewhere}/token`,
            registration_endpoint: `${elsewhere}/register`,
            response_types_supported: ["code"],
            code_challenge_methods_supported: ["S256"],
          }),
        );
      }),
    });
    const last = (await findingsOf(named("sdk-v1"), url)).at(-1);
    expect(last).toMatchObject({ check: "registration", status: "skipped" });
    expect(registrations).toEqual([]);
  });
});

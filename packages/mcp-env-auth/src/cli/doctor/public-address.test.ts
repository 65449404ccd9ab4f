import {
  createServer as createHttpServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { silentLogger } from "../../logger.ts";
import { createServer } from "../../server.ts";
import { AUTH0, type Diagnosis, diagnoseEnvironment, quickEnv } from "../testing/diagnosis.ts";

let auth0: DevAuth0;
beforeAll(async () => {
  auth0 = await startDevAuth0();
});
afterAll(() => auth0.close());

/** What a proxy does before it forwards: `true` when it has answered itself. */
type Meddle = (request: IncomingMessage, response: ServerResponse) => boolean;

interface Setup {
  readonly meddle?: Meddle;
  /** Changes the headers of an answer on its way back. */
  readonly answer?: (headers: Record<string, unknown>) => void;
  /** The path of BASE_URL. */
  readonly path?: string;
  /** Variables of the server that differ from those that are checked. */
  readonly serverEnv?: Record<string, string>;
  readonly forwardedHost?: string;
}

/** A server with a reverse proxy in front, checked under the proxy's address. */
async function diagnoseBehindProxy({
  meddle,
  answer,
  path = "",
  serverEnv,
  forwardedHost,
}: Setup = {}): Promise<Diagnosis> {
  const backend = createHttpServer();
  const proxy = createHttpServer((request, response) => {
    if (meddle?.(request, response)) {
      return;
    }
    const { port } = backend.address() as AddressInfo;
    const headers = { ...request.headers, ...(forwardedHost && { host: forwardedHost }) };
    const { method, url } = request;
    request.pipe(
      httpRequest({ host: "127.0.0.1", port, method, path: url, headers }, (reply) => {
        const replied: Record<string, unknown> = { ...reply.headers };
        answer?.(replied);
        response.writeHead(reply.statusCode ?? 500, replied as Record<string, string>);
        reply.pipe(response);
      }),
    );
  });
  const baseUrl = `${await listen(proxy)}${path}`;
  const server = createServer({
    name: "Behind a proxy",
    version: "1.0.0",
    env: { ...quickEnv(auth0, baseUrl), ...serverEnv },
    logger: silentLogger,
  });
  backend.on("request", await server.app());
  const address = await listen(backend);
  onTestFinished(() => server.close());
  while (!(await fetch(`${address}/readyz`)).ok) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return diagnoseEnvironment(quickEnv(auth0, baseUrl));
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("a server behind a proxy", () => {
  it.each(["", "/base", "/deep/base"])("that forwards everything is in order (path %j)", async (path) => {
    const { findings } = await diagnoseBehindProxy({ path });
    const address = findings.filter(({ check }) => ["base-url", "metadata", "mcp-endpoint"].includes(check));
    expect(address.map(({ check, status }) => `${check} ${status}`)).toEqual([
      "base-url ok",
      "metadata ok",
      "metadata ok",
      "mcp-endpoint ok",
    ]);
  });

  it("that strips the path of BASE_URL is in order", async () => {
    const { findings } = await diagnoseBehindProxy({
      path: "/base",
      meddle: (request) => {
        request.url = request.url?.replace(/^\/base(?=\/)/, "") ?? "/";
        return false;
      },
    });
    expect(findings.filter(({ status }) => status === "failure")).toEqual([]);
  });

  it("that redirects is to be reached at the address that it redirects to", async () => {
    const { of } = await diagnoseBehindProxy({
      meddle: (_request, response) => {
        response.writeHead(301, { location: "https://www.example.com/healthz" }).end();
        return true;
      },
    });
    expect(of("base-url")).toMatchObject([{ status: "failure" }]);
    expect(of("base-url")[0]?.message).toContain("https://www.example.com/healthz");
    expect(of("base-url")[0]?.fix).toContain(`${AUTH0}BASE_URL`);
  });

  it("that shows another program is told from it", async () => {
    const { of } = await diagnoseBehindProxy({
      meddle: (_request, response) => {
        response.writeHead(404, { "content-type": "text/html" }).end("<h1>Not found</h1>");
        return true;
      },
    });
    expect(of("base-url")).toMatchObject([{ status: "failure" }]);
    expect(of("base-url")[0]?.message).toContain("404 and a web page");
  });

  it("that keeps /.well-known/ to itself hides the metadata", async () => {
    const { of } = await diagnoseBehindProxy({
      meddle: ({ url = "" }, response) => {
        if (!url.startsWith("/.well-known/")) {
          return false;
        }
        response.writeHead(404).end();
        return true;
      },
    });
    expect(of("metadata")).toMatchObject([{ status: "failure" }]);
    expect(of("metadata")[0]?.fix).toContain("/.well-known/");
  });

  it.each([
    ["/.well-known/oauth-authorization-server", ""],
    ["/.well-known/oauth-authorization-server/base", "/base"],
  ])("that leaves out %s is warned about: only OpenID Connect's name answers", async (hidden, path) => {
    const { of } = await diagnoseBehindProxy({
      path,
      meddle: ({ url }, response) => {
        if (url !== hidden) {
          return false;
        }
        response.writeHead(404).end();
        return true;
      },
    });
    const [, found] = of("metadata");
    expect(found?.status).toBe("warning");
    expect(found?.message).toMatch(/openid-configuration.* but not at http:.*oauth-authorization-server/);
    expect(found?.fix).toContain(`Route ${hidden} `);
  });

  it("that routes only the path of BASE_URL is warned about", async () => {
    const { of } = await diagnoseBehindProxy({
      path: "/base",
      meddle: ({ url = "" }, response) => {
        if (url.startsWith("/base/")) {
          return false;
        }
        response.writeHead(404).end();
        return true;
      },
    });
    expect(of("metadata").map(({ status }) => status)).toEqual(["ok", "warning"]);
  });

  it("that adds a slash to the MCP URL loses requests", async () => {
    const { of } = await diagnoseBehindProxy({
      meddle: ({ url }, response) => {
        if (url !== "/mcp") {
          return false;
        }
        response.writeHead(308, { location: "/mcp/" }).end();
        return true;
      },
    });
    expect(of("mcp-endpoint")).toMatchObject([{ status: "failure" }]);
    expect(of("mcp-endpoint")[0]?.message).toContain("redirects to /mcp/");
  });

  it("that drops the Authorization header lets no token through", async () => {
    const { of } = await diagnoseBehindProxy({
      meddle: (request) => {
        delete request.headers.authorization;
        return false;
      },
    });
    expect(of("mcp-endpoint")).toMatchObject([{ status: "failure" }]);
    expect(of("mcp-endpoint")[0]?.fix).toContain("Authorization");
  });

  it("that drops WWW-Authenticate leaves clients without a way to log in", async () => {
    const { of } = await diagnoseBehindProxy({
      answer: (headers) => {
        delete headers["www-authenticate"];
      },
    });
    expect(of("mcp-endpoint")).toMatchObject([{ status: "failure" }]);
    expect(of("mcp-endpoint")[0]?.message).toContain("WWW-Authenticate");
  });

  it("that sends another Host is refused, and the variable that allows it is named", async () => {
    const { of } = await diagnoseBehindProxy({ forwardedHost: "backend.internal" });
    expect(of("base-url")).toMatchObject([{ status: "ok" }]);
    expect(of("metadata")).toMatchObject([{ status: "failure" }]);
    expect(of("metadata")[0]?.fix).toContain("FASTMCP_HTTP_ALLOWED_HOSTS");
    expect(of("mcp-endpoint")[0]?.fix).toContain("FASTMCP_HTTP_ALLOWED_HOSTS");
  });
});

describe("a server that runs with another environment", () => {
  it("names another resource, and it is said which", async () => {
    const { of } = await diagnoseBehindProxy({ serverEnv: { [`${AUTH0}BASE_URL`]: "http://127.0.0.1:8000" } });
    const [wrong] = of("metadata");
    expect(wrong).toMatchObject({ status: "failure" });
    expect(wrong?.message).toContain("http://127.0.0.1:8000/mcp");
    expect(wrong?.fix).toContain(`${AUTH0}BASE_URL`);
  });

  it("names another issuer", async () => {
    const { of } = await diagnoseBehindProxy({ serverEnv: { [`${AUTH0}ISSUER_URL`]: "https://issuer.example.com" } });
    expect(of("metadata")).toMatchObject([{ status: "failure" }]);
    expect(of("metadata")[0]?.message).toContain("https://issuer.example.com/");
  });
});

describe("a public BASE_URL", () => {
  it("that can't be found is a failure, and one at another port than 443 is pointed out", async () => {
    const { of } = await diagnoseEnvironment(quickEnv(auth0, "https://server.invalid:8443"));
    expect(of("base-url").map(({ status }) => status)).toEqual(["warning", "failure"]);
    expect(of("base-url")[0]?.message).toContain("443");
  });

  it("that speaks no TLS is a failure that says so", async () => {
    const plain = createHttpServer((_request, response) => response.end("hello"));
    const url = (await listen(plain)).replace("http:", "https:");
    const { of } = await diagnoseEnvironment(quickEnv(auth0, url));
    expect(of("base-url").at(-1)).toMatchObject({ status: "failure" });
    expect(of("base-url").at(-1)?.message).toMatch(/TLS|connection failed/);
  });
});

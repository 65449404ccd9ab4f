import { createServer as createHttpServer } from "node:http";
import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listenForTest, type ProxySetup, startBehindProxy } from "../testing/behind-proxy.ts";
import { AUTH0, type Diagnosis, diagnoseEnvironment, quickEnv } from "../testing/diagnosis.ts";

let auth0: DevAuth0;
beforeAll(async () => {
  auth0 = await startDevAuth0();
});
afterAll(() => auth0.close());

interface Behind extends ProxySetup {
  /** Variables of the server that differ from those that are checked. */
  readonly serverEnv?: Record<string, string>;
}

/** A server with a reverse proxy in front, checked under the proxy's address. */
async function diagnoseBehindProxy({ serverEnv, ...setup }: Behind = {}): Promise<Diagnosis> {
  const { baseUrl } = await startBehindProxy((url) => ({ ...quickEnv(auth0, url), ...serverEnv }), setup);
  return diagnoseEnvironment(quickEnv(auth0, baseUrl));
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
    const url = (await listenForTest(plain)).replace("http:", "https:");
    const { of } = await diagnoseEnvironment(quickEnv(auth0, url));
    expect(of("base-url").at(-1)).toMatchObject({ status: "failure" });
    expect(of("base-url").at(-1)?.message).toMatch(/TLS|connection failed/);
  });
});

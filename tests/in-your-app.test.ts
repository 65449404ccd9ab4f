import { readFileSync } from "node:fs";
import path from "node:path";
import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import express, { Router } from "express";
import { createServer, getAccessToken } from "mcp-env-auth";
import { Browser } from "test-support/browser";
import { freePort } from "test-support/free-port";
import { OAuthClient } from "test-support/oauth-client";
import { startProcess } from "test-support/processes";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { CLIENT_KINDS, connect } from "./support/clients.ts";
import { until } from "./support/in-process.ts";
import { oauthSteps } from "./support/oauth-steps.ts";
import { repository } from "./support/scaffolder.ts";

const PAGE = readFileSync(path.join(repository, "docs/in-your-app.md"), "utf8");

let auth0: DevAuth0;
beforeAll(async () => {
  auth0 = await startDevAuth0();
});
afterAll(() => auth0.close());

const textOf = async (url: string, init?: RequestInit) => {
  const answer = await fetch(url, init);
  return `${answer.status} ${await answer.text()}`;
};

describe("docs/in-your-app.md", () => {
  it.each(["in-express", "in-fastify", "in-hono"])("%s is a server that runs, and the page shows it", async (name) => {
    const code = readFileSync(path.join(repository, `examples/${name}.ts`), "utf8");
    expect(PAGE).toContain(`<!-- examples/${name}.ts -->\n\`\`\`ts\n${code}\`\`\``);
    const port = await freePort();
    const origin = `http://127.0.0.1:${port}`;
    const example = await startProcess({
      name,
      script: path.join(repository, `examples/dist/${name}.js`),
      env: { ...auth0.env(origin), FASTMCP_PORT: String(port) },
      readyUrl: `${origin}/about`,
    });
    onTestFinished(() => example.stop());
    expect(await textOf(`${origin}/about`)).toBe("200 My own page");
    expect((await fetch(`${origin}/healthz`)).status).toBe(404);
    const oauth = new OAuthClient({ browser: new Browser(), username: "alice" });
    const session = await connect({ kind: CLIENT_KINDS[0], url: `${origin}/mcp`, oauth });
    expect((await session.callTool("whoami")).content[0]?.text).toBe("auth0|alice");
    await session.close();
  });
});

/** An app with routes after the MCP server's, and body parsers in front of them if `parsers`. */
async function startApp({ parsers = false, prefix = "", onRouter = false } = {}) {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const silent = { debug() {}, info() {}, warn() {}, error() {} };
  const server = createServer({
    name: "Mounted",
    version: "1.0.0",
    env: { ...auth0.env(`${origin}${prefix}`), FASTMCP_TRUST_PROXY: onRouter ? "1" : "0" },
    logger: silent,
  });
  server.registerTool("whoami", {}, () => getAccessToken().subject);
  const app = express();
  if (parsers) {
    app.use(express.json(), express.urlencoded({ extended: true }));
  }
  const target = onRouter ? Router() : app;
  const { url } = await server.mount(target);
  if (onRouter) {
    app.use(prefix, target);
  }
  app.use((request, response) => void response.send(`mine: ${request.method} ${request.url}`));
  const http = app.listen(port, "127.0.0.1");
  onTestFinished(async () => {
    http.close();
    http.closeAllConnections();
    await server.close();
  });
  const steps = oauthSteps(`${origin}${prefix}`);
  await until(async () => (await steps.call("none")).status === 401);
  return { ...steps, origin, url };
}

describe("server.mount(app)", () => {
  it("leaves to the app what is not the MCP server's: other paths, and other methods of its endpoints", async () => {
    const { origin, url, getTokens, call } = await startApp();
    expect(url).toBe(`${origin}/mcp`);
    for (const path of ["/", "/healthz", "/readyz", "/mcp/other", "/MCP", "/.well-known/security.txt", "/a%2f?b=c"]) {
      expect(await textOf(origin + path)).toBe(`200 mine: GET ${path}`);
    }
    for (const [method, path] of [
      ["GET", "/register"],
      ["GET", "/token"],
      ["DELETE", "/authorize"],
      ["PUT", "/.well-known/oauth-authorization-server"],
    ] as const) {
      const answer = await fetch(origin + path, { method });
      expect(await answer.text()).toBe(`mine: ${method} ${path}`);
      expect(answer.headers.get("content-security-policy")).toBeNull();
    }
    expect((await fetch(`${origin}/token`, { method: "OPTIONS" })).status).toBe(204);
    expect((await fetch(`${origin}/.well-known/oauth-authorization-server`, { method: "HEAD" })).status).toBe(200);
    expect((await fetch(`${origin}/mcp`)).status).toBe(401);
    const { access_token } = await getTokens("bob");
    expect(await (await call(access_token)).text()).toContain("auth0|bob");
  });

  it.each([
    ["under the path of BASE_URL", { prefix: "/tools" }],
    ["on a router that is mounted there", { prefix: "/tools", onRouter: true }],
    ["after body parsers", { parsers: true }],
  ])("serves a login and a call: %s", async (_where, options) => {
    const { origin, getTokens, call } = await startApp(options);
    const { access_token } = await getTokens("alice");
    expect(await (await call(access_token)).text()).toContain("auth0|alice");
    expect(await textOf(`${origin}/other`)).toBe("200 mine: GET /other");
  });
});

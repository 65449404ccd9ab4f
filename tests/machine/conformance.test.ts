import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import express, { type Express } from "express";
import { protect } from "mcp-env-auth";
import { Browser, logIn } from "test-support/browser";
import { freePort } from "test-support/free-port";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { packageFile } from "../../scripts/support/programs.mjs";
import { until } from "../support/in-process.ts";
import { oauthSteps } from "../support/oauth-steps.ts";
import { buildConformanceServer, createConformanceServer } from "./fixtures/conformance/server.ts";
import { type BearerProxy, startBearerProxy } from "./support/bearer-proxy.ts";
import { runConformance, type Scenario } from "./support/conformance.ts";
import { renderConformancePage, type Section } from "./support/conformance-page.ts";
import { createWeatherClient } from "./support/weather-client.ts";

const PAGE = new URL("../../docs/conformance.md", import.meta.url).pathname;
const ABOUT = {
  protect:
    "A server of the SDK that has what the scenarios name, behind `protect`, with a user logged in. The suite sends no tokens, so a proxy in front of it adds one.",
  createServer: "The same tools, prompts and resources, registered with `createServer`.",
};

const { version } = JSON.parse(readFileSync(packageFile("@modelcontextprotocol/conformance", "package.json"), "utf8"));
const sections: Section[] = [];

let auth0: DevAuth0;
let protectedServer: Served;
let ownServer: Served;

/** A server with a user logged in, and a proxy that adds the token: the suite sends none. */
interface Served {
  readonly origin: string;
  readonly bearerProxy: BearerProxy;
  close(): Promise<void>;
}

async function serve(
  start: (env: Readonly<Record<string, string>>) => Promise<{ app: Express; close(): Promise<void> }>,
): Promise<Served> {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const env = { ...auth0.env(origin), FASTMCP_RATE_LIMIT: "0", FASTMCP_LOG_LEVEL: "ERROR" };
  const { app, close } = await start(env);
  const http = createServer(app);
  await once(http.listen(port, "127.0.0.1"), "listening");
  await until(async () => (await fetch(`${origin}/readyz`)).ok);
  const { access_token } = await oauthSteps(origin).getTokens("alice");
  const bearerProxy = await startBearerProxy(origin, access_token ?? "");
  return {
    origin,
    bearerProxy,
    async close() {
      await bearerProxy.close();
      await close();
      http.closeAllConnections();
      http.close();
    },
  };
}

beforeAll(async () => {
  auth0 = await startDevAuth0();
  protectedServer = await serve(async (env) => {
    const app = express();
    const { close } = await protect(app, buildConformanceServer, { name: "Conformance", env });
    return { app, close };
  });
  ownServer = await serve(async (env) => {
    const server = createConformanceServer(env);
    return { app: await server.app(), close: () => server.close() };
  });
});
afterAll(async () => {
  await protectedServer?.close();
  await ownServer?.close();
  await auth0?.close();
});

const failing = (scenarios: readonly Scenario[]) =>
  scenarios.filter(({ passes, notScored }) => !passes && notScored === undefined).map(({ name }) => name);

describe("the conformance suite", () => {
  it.each([
    ["protect", "2026-07-28"],
    ["createServer", "2026-07-28"],
    ["protect", "2025-11-25"],
    ["createServer", "2025-11-25"],
  ] as const)("passes a server through %s for %s", async (api, revision) => {
    const { bearerProxy } = api === "protect" ? protectedServer : ownServer;
    const { scenarios, output, exitCode } = await runConformance([
      ...["server", "--url", `${bearerProxy.origin}/mcp`, "--requirements", revision],
    ]);
    sections.push({ title: `server, ${revision}, through ${api}`, about: ABOUT[api], scenarios, exitCode });
    expect([failing(scenarios), exitCode], output).toEqual([[], 0]);
  });

  it("passes our authorization server, with a login at the provider", async () => {
    const port = await freePort();
    const redirectUri = `http://127.0.0.1:${port}/callback`;
    const registration = await fetch(`${protectedServer.origin}/register`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ redirect_uris: [redirectUri], token_endpoint_auth_method: "none" }),
    });
    const { client_id } = (await registration.json()) as { client_id: string };
    let seen = "";
    let login: Promise<unknown> | undefined;
    const { scenarios, output, exitCode } = await runConformance(
      ["authorization", "--url", `${protectedServer.origin}/`, "--client-id", client_id, "--port", String(port)],
      {
        onOutput(text) {
          seen += text;
          const [url] = /^http\S+\/authorize\?\S+$/m.exec(seen) ?? [];
          if (url !== undefined && seen.includes("Waiting up to")) {
            login ??= logIn(new Browser(), url, { redirectUri, username: "alice" }).then((redirect) => fetch(redirect));
          }
        },
      },
    );
    await login;
    sections.push({
      title: "authorization server",
      about: "Our authorization server, with a user who goes through consent and the provider's login.",
      scenarios,
      exitCode,
    });
    expect(scenarios.map(({ name }) => name)).toEqual([
      "authorization-server-metadata-endpoint",
      "authorization-code-grant",
    ]);
    expect(failing(scenarios), output).toEqual([]);
  });

  it.each(["2026-07-28", "2025-11-25"])(
    "passes the login of the template's client for %s",
    async (revision) => {
      const client = await createWeatherClient();
      onTestFinished(client.dispose);
      const { scenarios, output, exitCode } = await runConformance(
        ["client", "--command", client.command, "--requirements", revision],
        { env: client.env },
      );
      const logins = scenarios.filter(({ name }) => name.startsWith("auth/"));
      sections.push({
        title: `login of the client, ${revision}`,
        about:
          "The weather server's client, as `npm run client` starts it. The suite's other scenarios are about tools that it never calls, so the exit code is 1.",
        scenarios: logins,
        exitCode,
      });
      expect(failing(logins), output).toEqual([]);
    },
    180_000,
  );

  it("finds what docs/conformance.md says", async () => {
    await expect(renderConformancePage(version, sections)).toMatchFileSnapshot(PAGE);
  });
});

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import express from "express";
import { protect } from "mcp-env-auth";
import { Browser, logIn } from "test-support/browser";
import { freePort } from "test-support/free-port";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { packageFile } from "../../scripts/support/programs.mjs";
import { until } from "../support/in-process.ts";
import { oauthSteps } from "../support/oauth-steps.ts";
import { buildConformanceServer } from "./fixtures/conformance/server.ts";
import { type BearerProxy, startBearerProxy } from "./support/bearer-proxy.ts";
import { runConformance, type Scenario } from "./support/conformance.ts";
import { renderConformancePage, type Section } from "./support/conformance-page.ts";
import { createWeatherClient } from "./support/weather-client.ts";

const PAGE = new URL("../../docs/conformance.md", import.meta.url).pathname;
const NEEDS_A_SESSION = "needs a session, and clients up to 2025-11-25 are served without one";

const { version } = JSON.parse(readFileSync(packageFile("@modelcontextprotocol/conformance", "package.json"), "utf8"));
const sections: Section[] = [];

let auth0: DevAuth0;
let http: Server;
let origin: string;
let closeProtection: () => Promise<void>;
let bearerProxy: BearerProxy;

beforeAll(async () => {
  const port = await freePort();
  origin = `http://127.0.0.1:${port}`;
  auth0 = await startDevAuth0();
  const app = express();
  const protection = await protect(app, buildConformanceServer, {
    name: "Conformance",
    env: { ...auth0.env(origin), FASTMCP_RATE_LIMIT: "0", FASTMCP_LOG_LEVEL: "ERROR" },
  });
  closeProtection = protection.close;
  http = createServer(app);
  await once(http.listen(port, "127.0.0.1"), "listening");
  await until(async () => (await fetch(`${origin}/readyz`)).ok);
  const { access_token } = await oauthSteps(origin).getTokens("alice");
  bearerProxy = await startBearerProxy(origin, access_token ?? "");
});
afterAll(async () => {
  await bearerProxy?.close();
  await closeProtection?.();
  http?.closeAllConnections();
  http?.close();
  await auth0?.close();
});

const failing = (scenarios: readonly Scenario[]) =>
  scenarios.filter(({ passes, notScored }) => !passes && notScored === undefined).map(({ name }) => name);

describe("the conformance suite", () => {
  it.each([
    { revision: "2026-07-28", knownFailures: {} },
    {
      revision: "2025-11-25",
      knownFailures: {
        "tools-call-sampling": NEEDS_A_SESSION,
        "tools-call-elicitation": NEEDS_A_SESSION,
        "elicitation-sep1034-defaults": NEEDS_A_SESSION,
        "elicitation-sep1330-enums": NEEDS_A_SESSION,
        "resources-subscribe": NEEDS_A_SESSION,
        "resources-unsubscribe": NEEDS_A_SESSION,
      } as Readonly<Record<string, string>>,
    },
  ])("passes a server behind our auth for $revision", async ({ revision, knownFailures }) => {
    const { scenarios, output } = await runConformance([
      ...["server", "--url", `${bearerProxy.origin}/mcp`, "--requirements", revision],
    ]);
    sections.push({
      title: `server, ${revision}`,
      about:
        "A server of the SDK that has what the scenarios name, behind `protect`, with a user logged in. The suite sends no tokens, so a proxy in front of it adds one.",
      scenarios,
      knownFailures,
    });
    expect(failing(scenarios), output).toEqual(Object.keys(knownFailures));
  });

  it("passes our authorization server, with a login at the provider", async () => {
    const port = await freePort();
    const redirectUri = `http://127.0.0.1:${port}/callback`;
    const registration = await fetch(`${origin}/register`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ redirect_uris: [redirectUri], token_endpoint_auth_method: "none" }),
    });
    const { client_id } = (await registration.json()) as { client_id: string };
    let seen = "";
    let login: Promise<unknown> | undefined;
    const { scenarios, output } = await runConformance(
      ["authorization", "--url", `${origin}/`, "--client-id", client_id, "--port", String(port)],
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
      knownFailures: {},
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
      const { scenarios, output } = await runConformance(
        ["client", "--command", client.command, "--requirements", revision],
        { env: client.env },
      );
      const logins = scenarios.filter(({ name }) => name.startsWith("auth/"));
      const knownFailures = {
        "auth/basic-cimd": "it registers itself: a program on one's own machine has no URL for a document about it",
        "auth/pre-registration": "it registers itself, and takes no client id",
      };
      sections.push({
        title: `login of the client, ${revision}`,
        about:
          "The weather server's client, as `npm run client` starts it. The suite's other scenarios are about tools that it never calls.",
        scenarios: logins,
        knownFailures,
      });
      expect(failing(logins), output).toEqual(Object.keys(knownFailures));
    },
    180_000,
  );

  it("finds what docs/conformance.md says", async () => {
    await expect(renderConformancePage(version, sections)).toMatchFileSnapshot(PAGE);
  });
});

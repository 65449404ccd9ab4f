import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type InProcessServer, launchInProcess, until } from "./support/in-process.ts";
import { WHOAMI } from "./support/oauth-steps.ts";
import { startOtlpReceiver } from "./support/otlp-receiver.ts";

let auth0: DevAuth0;
beforeAll(async () => {
  auth0 = await startDevAuth0();
});
afterAll(() => auth0?.close());

async function launch(env: Record<string, string> = {}) {
  const server = await launchInProcess({
    auth0,
    env: { FASTMCP_METRICS_PORT: "0", ...env },
    register: (server) => {
      server.registerTool("fails", {}, () => {
        throw new Error("the secret reason");
      });
      server.registerTool("guarded", { requiredScopes: ["weather:admin"] }, () => "never");
    },
  });
  onTestFinished(() => server.close());
  await until(async () => (await fetch(`${server.origin}/readyz`)).ok);
  return server;
}

async function metricsOf({ lines }: InProcessServer): Promise<string> {
  const line = lines.find(({ message }) => message.startsWith("Prometheus metrics: "));
  return (await fetch(line?.message.split(": ")[1] ?? "")).text();
}

const call = (name: string) => ({ ...WHOAMI, params: { name, arguments: {} } });

function post(server: InProcessServer, accessToken: string, name: string): Promise<string> {
  return fetch(server.url, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${accessToken}`,
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
    },
    body: JSON.stringify(call(name)),
  }).then((response) => response.text());
}

/** The value of the metric `name` with exactly these labels. */
function sample(text: string, name: string, labels: Readonly<Record<string, string>>): number | undefined {
  for (const line of text.split("\n")) {
    const [, metric, inside = "", value] = /^(\w+)\{([^}]*)\} (\S+)$/.exec(line) ?? [];
    const found = Object.fromEntries([...inside.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, text]) => [key, text]));
    if (metric === name && JSON.stringify(sorted(found)) === JSON.stringify(sorted(labels))) {
      return Number(value);
    }
  }
  return undefined;
}

const sorted = (labels: Readonly<Record<string, unknown>>) => Object.entries(labels).sort();

describe("metrics for Prometheus", () => {
  it("count logins, refreshes, calls and refusals, and name no user, client or tool that a caller made up", async () => {
    const server = await launch();
    const session = await server.getSession();
    const renewed = await session.renewed(await session.refresh());
    expect((await server.call(renewed.accessToken)).status).toBe(200);
    for (const name of ["fails", "guarded", "made-up-by-somebody"]) {
      await post(server, renewed.accessToken, name);
    }
    await post(server, "not-a-token", "whoami");

    const text = await metricsOf(server);
    const operations = (name: string, outcome: string) =>
      sample(text, "mcp_server_operation_duration_seconds_count", { method: "tools/call", name, outcome });
    expect(operations("whoami", "ok")).toBe(1);
    expect(operations("fails", "error")).toBe(1);
    expect(operations("guarded", "refused")).toBe(1);
    expect(operations("_OTHER", "unknown")).toBe(1);
    expect(sample(text, "mcp_env_auth_events_total", { event: "tokens-issued", error: "" })).toBe(1);
    expect(sample(text, "mcp_env_auth_events_total", { event: "tokens-refreshed", error: "" })).toBe(1);
    expect(sample(text, "mcp_env_auth_refusals_total", { route: "/mcp", code: "access_denied" })).toBe(1);
    expect(sample(text, "mcp_env_auth_refusals_total", { route: "/mcp", code: "invalid_token" })).toBe(1);
    expect(
      sample(text, "http_server_request_duration_seconds_count", { method: "POST", route: "/mcp", status: "401" }),
    ).toBe(1);
    expect(
      sample(text, "http_client_request_duration_seconds_count", {
        method: "POST",
        host: new URL(auth0.issuer).host,
        status: "200",
      }),
    ).toBeGreaterThanOrEqual(2);
    for (const secret of ["made-up-by-somebody", "auth0|", "In process", session.accessToken.slice(0, 20)]) {
      expect(text).not.toContain(secret);
    }
    for (const { fields } of server.lines) {
      const { client, login, organization } = fields as Record<string, unknown>;
      for (const value of [client, login, organization].filter((each) => typeof each === "string")) {
        expect(text).not.toContain(value);
      }
    }
  });

  it("are counted in addition to an OTLP endpoint's", async () => {
    const receiver = await startOtlpReceiver();
    const server = await launch({
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    });
    const { accessToken } = await server.getSession();
    expect((await server.call(accessToken)).status).toBe(200);
    expect(await metricsOf(server)).toContain('name="whoami",outcome="ok"');
    await server.close();
    expect(receiver.spans().some(({ name }) => name === "tools/call whoami")).toBe(true);
  });

  it("end with the server", async () => {
    const server = await launch();
    const { message } = server.lines.find((line) => line.message.startsWith("Prometheus metrics: ")) ?? {};
    await server.close();
    await expect(fetch(message?.split(": ")[1] ?? "")).rejects.toThrow();
  });
});

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS } from "../packages/mcp-env-auth/src/http/listener.ts";
import { CHART_CASES, chartDigest, renderedFile } from "./support/helm-chart.ts";

const read = (name: string) => readFileSync(renderedFile(name), "utf8");

// What to do when this fails: npm run test:machine -- --all tests/machine/helm.test.ts -u
it.each(CHART_CASES)("the chart is as Helm rendered it: %s", (name) => {
  expect(read(name).split("\n", 1)[0]).toBe(`# chart: ${chartDigest()}`);
});

describe.each(CHART_CASES)("what Helm renders: %s", (name) => {
  const text = read(name);

  it("has probes, secrets as files, one signing key for all, and time to stop", () => {
    expect(text.match(/path: \/healthz/g)).toHaveLength(2);
    expect(text.match(/path: \/readyz/g)).toHaveLength(1);
    expect(text).toMatch(/_CLIENT_SECRET_FILE\n +value: \/run\/secrets\/mcp-server\/client-secret\n/);
    expect(text).toMatch(/_JWT_SIGNING_KEY_FILE\n +value: \/run\/secrets\/mcp-server\/signing-key\n/);
    expect(text).toMatch(/secretName: mcp-server\n/);
    expect(text).not.toMatch(/kind: Secret|secretKeyRef/);
    const [, grace] = /terminationGracePeriodSeconds: (\d+)/.exec(text) ?? [];
    expect(Number(grace)).toBeGreaterThan(DEFAULT_LIMITS.handover + DEFAULT_LIMITS.drain + DEFAULT_LIMITS.lull);
    expect(text).toMatch(/enableServiceLinks: false/);
  });
});

it("without the gateway there is one container, and neither Redis nor a ServiceMonitor", () => {
  expect(read("default").match(/^ +image: .*/gm)).toEqual([
    '          image: "registry.example.com/mcp-auth0-weather:1.0.0"',
  ]);
  expect(read("default")).not.toMatch(/kind: (StatefulSet|ServiceMonitor)|FASTMCP_UPSTREAM_URL|command:/);
});

it("with the gateway, another image is behind it in the same pod, with Redis and a ServiceMonitor", () => {
  const text = read("gateway");
  expect(text).toContain("command: [node, node_modules/mcp-env-auth/dist/bundle/cli.js, proxy]");
  expect(text).toMatch(/FASTMCP_UPSTREAM_URL\n +value: http:\/\/127\.0\.0\.1:9000\/mcp\n/);
  expect(text).toContain('image: "registry.example.com/python-mcp:2.1.0"');
  expect(text).toContain("FASTMCP_STORAGE_URL: redis://weather-mcp-server-redis:6379");
  expect(text).toMatch(/kind: ServiceMonitor[\s\S]*port: metrics\n +path: \/metrics/);
  expect(text.match(/- path: (\S+)/g)).toEqual(["- path: /tools", "- path: /.well-known"]);
});

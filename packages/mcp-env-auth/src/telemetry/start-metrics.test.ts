import { afterEach, describe, expect, it } from "vitest";
import { activeTelemetry, telemetryOf } from "../telemetry.ts";
import { type RunningMetrics, startMetrics } from "./start-metrics.ts";

const running: RunningMetrics[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((metrics) => metrics.close()));
});

async function start(port = 0, host = "127.0.0.1") {
  const lines: string[] = [];
  const note = (_fields: object, message: string) => void lines.push(message);
  const metrics = await startMetrics({ host, port }, { debug: note, info: note, warn: note, error: note });
  if (metrics !== undefined) {
    running.push(metrics);
  }
  return { metrics, lines, url: /http:\S+/.exec(lines[0] ?? "")?.[0] ?? "" };
}

describe("metrics for Prometheus", () => {
  it("count from the start of the first server to the end of the last one", async () => {
    expect(telemetryOf("Prometheus")).toBeUndefined();
    const first = await start();
    const second = await start();
    expect(second.url).not.toBe(first.url);
    activeTelemetry()?.logged({ event: "tokens-issued" });
    await first.metrics?.close();
    await first.metrics?.close();
    expect(await (await fetch(second.url)).text()).toMatch(
      /^mcp_env_auth_events_total\{event="tokens-issued",error=""\} 1$/m,
    );
    await second.metrics?.close();
    expect(telemetryOf("Prometheus")).toBeUndefined();
  });

  it("have one port for the servers of a process that name the same one", async () => {
    const { url, metrics } = await start();
    await metrics?.close();
    const port = Number(new URL(url).port);
    const [one, other] = [await start(port), await start(port)];
    expect([one.url, other.url]).toEqual([url, url]);
    await one.metrics?.close();
    expect((await fetch(url)).status).toBe(200);
    await other.metrics?.close();
    await expect(fetch(url)).rejects.toThrow();
  });

  it("stop no server where the port can't be opened", async () => {
    const { metrics, lines } = await start(0, "192.0.2.1");
    expect(metrics).toBeUndefined();
    expect(lines).toEqual([expect.stringMatching(/^FASTMCP_METRICS_HOST is not an address.*No metrics are served\.$/)]);
    expect(telemetryOf("Prometheus")).toBeUndefined();
  });

  it("repeat no label that a caller made up", async () => {
    const { url } = await start();
    activeTelemetry()?.logged({ event: "login-failed", error: "text of\nsomebody" });
    const text = await (await fetch(url)).text();
    expect(text).toContain('{event="login-failed",error=""}');
    expect(text).not.toContain("somebody");
  });

  it("have no gauge with a counter's name", async () => {
    const { url } = await start();
    const text = await (await fetch(url)).text();
    expect(text).toContain("process_cpu_seconds_total");
    expect(text.match(/^# TYPE \S+_total (?!counter)\S+$/gm)).toBeNull();
  });
});

import { once } from "node:events";
import { createRequire } from "node:module";
import { context, metrics, SpanKind, trace } from "@opentelemetry/api";
import { NodeSDK, type metrics as SdkMetrics, type tracing } from "@opentelemetry/sdk-node";
import { startDevAuth0 } from "dev-auth0";
import express from "express";
import { createServer } from "mcp-env-auth";
import { freePort } from "test-support/free-port";
import { afterAll, expect, it, onTestFinished } from "vitest";
import { launchInProcess, until } from "./support/in-process.ts";
import { startOtlpReceiver } from "./support/otlp-receiver.ts";

// OpenTelemetry's newest line has other names for what holds spans, and exports none of metrics here.
const requireOfSdk = createRequire(createRequire(import.meta.url).resolve("@opentelemetry/sdk-node"));
const sdkMetrics = requireOfSdk("@opentelemetry/sdk-metrics") as typeof SdkMetrics;

const spans: tracing.ReadableSpan[] = [];
const points = new sdkMetrics.InMemoryMetricExporter(sdkMetrics.AggregationTemporality.CUMULATIVE);
const reader = new sdkMetrics.PeriodicExportingMetricReader({ exporter: points, exportIntervalMillis: 3_600_000 });
const sdk = new NodeSDK({
  spanProcessors: [
    {
      onStart() {},
      onEnd: (span) => void spans.push(span),
      forceFlush: async () => {},
      shutdown: async () => {},
    },
  ],
  metricReaders: [reader],
  autoDetectResources: false,
  logRecordProcessors: [],
});
sdk.start();
afterAll(() => sdk.shutdown());

async function launch(url: string) {
  const auth0 = await startDevAuth0();
  onTestFinished(() => auth0.close());
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" };
  const server = await launchInProcess({ auth0, env });
  onTestFinished(() => server.close());
  await until(async () => (await fetch(`${server.origin}/readyz`)).ok);
  return server;
}

it("a process that has registered its own OpenTelemetry SDK gets everything there, and no second SDK", async () => {
  const receiver = await startOtlpReceiver();
  const server = await launch(receiver.url);
  const { accessToken } = await server.getSession();
  await server.call(accessToken);
  await server.close();
  await reader.forceFlush();
  const names = spans.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(["POST /token", "POST /mcp", "tools/call whoami"]));
  const measured = points
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics)
    .flatMap((scope) => scope.metrics);
  expect(measured.map(({ descriptor }) => descriptor.name)).toContain("mcp.server.operation.duration");
  expect(receiver.received).toEqual([]);
});

it("is still the process's own after the server has closed", async () => {
  spans.length = 0;
  trace.getTracer("mine").startSpan("mine").end();
  expect(spans.map(({ name }) => name)).toEqual(["mine"]);
  expect(metrics.getMeterProvider()).toBeDefined();
});

it("a span that is going on already is not doubled", async () => {
  const auth0 = await startDevAuth0();
  onTestFinished(() => auth0.close());
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const server = createServer({
    name: "Mine",
    version: "1.0.0",
    env: { ...auth0.env(origin), FASTMCP_LOG_LEVEL: "ERROR" },
  });
  const app = express();
  let running = 0;
  app.use((_request, response, next) => {
    running += 1;
    const span = trace.getTracer("mine").startSpan("of somebody else", { kind: SpanKind.SERVER });
    response.once("finish", () =>
      setImmediate(() => {
        span.end();
        running -= 1;
      }),
    );
    context.with(trace.setSpan(context.active(), span), next);
  });
  app.use(await server.app());
  const http = app.listen(port, "127.0.0.1");
  await once(http, "listening");
  onTestFinished(() => {
    http.closeAllConnections();
    http.close();
    return server.close();
  });
  await until(async () => (await fetch(`${origin}/readyz`)).ok);
  await until(() => running === 0);
  spans.length = 0;
  expect((await fetch(`${origin}/mcp`, { method: "POST" })).status).toBe(401);
  // The server's check of its own credentials may come at any time, and is none of a request's.
  const ofRequests = () => spans.filter(({ kind }) => kind === SpanKind.SERVER);
  await until(() => ofRequests().length > 0);
  const [span, ...others] = ofRequests();
  expect(others).toEqual([]);
  expect(span).toMatchObject({ name: "of somebody else", attributes: { "error.type": "invalid_token" } });
});

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

// biome-ignore lint/suspicious/noExplicitAny: documents are read as they come
type Json = any;

type Value = { readonly stringValue?: string; readonly intValue?: number | string; readonly doubleValue?: number };
type Attribute = { readonly key: string; readonly value: Value };

/** A span as it was received (OTLP 1.x, JSON encoding). */
export interface ReceivedSpan {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly status: { readonly code?: number };
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly events: readonly string[];
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly service: string;
}

/** One series of a metric as it was received last. */
export interface ReceivedPoint {
  readonly metric: string;
  readonly count: number;
  readonly attributes: Readonly<Record<string, string | number>>;
}

/** An OpenTelemetry collector on this machine. */
export interface OtlpReceiver {
  readonly url: string;
  /** What every request had in its headers and body. */
  readonly received: readonly { readonly path: string; readonly headers: string; readonly body: string }[];
  spans(): readonly ReceivedSpan[];
  points(metric: string): readonly ReceivedPoint[];
}

/** Receives OTLP over HTTP, as JSON, until the test ends. With `answers: false` it never says a word. */
export async function startOtlpReceiver({ answers = true } = {}): Promise<OtlpReceiver> {
  const received: { path: string; headers: string; body: string }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk as Buffer);
    }
    const headers = request.rawHeaders.join("\n");
    received.push({ path: request.url ?? "", headers, body: Buffer.concat(chunks).toString("utf8") });
    if (answers) {
      response.writeHead(200, { "Content-Type": "application/json" }).end("{}");
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const documents = (path: string) =>
    received.filter((request) => request.path === path).map(({ body }) => JSON.parse(body) as Record<string, never>);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    spans: () => documents("/v1/traces").flatMap(spansIn),
    points: (metric) =>
      documents("/v1/metrics")
        .flatMap(pointsIn)
        .filter((point) => point.metric === metric),
  };
}

function spansIn(document: Json): ReceivedSpan[] {
  return document.resourceSpans.flatMap((resource: Json) =>
    resource.scopeSpans.flatMap((scope: Json) =>
      scope.spans.map((span: Json) => ({
        ...span,
        attributes: record(span.attributes),
        events: span.events.map(({ name }: { name: string }) => name),
        service: record(resource.resource.attributes)["service.name"],
      })),
    ),
  );
}

function pointsIn(document: Json): ReceivedPoint[] {
  const metrics = document.resourceMetrics
    .flatMap((resource: Json) => resource.scopeMetrics)
    .flatMap((scope: Json) => scope.metrics);
  return metrics.flatMap((metric: Json) =>
    (metric.histogram ?? metric.sum).dataPoints.map((point: Json) => ({
      metric: metric.name,
      count: Number(point.count ?? point.asInt ?? point.asDouble),
      attributes: record(point.attributes),
    })),
  );
}

function record(attributes: readonly Attribute[]): Record<string, string | number> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [key, value.stringValue ?? Number(value.intValue ?? value.doubleValue)]),
  );
}

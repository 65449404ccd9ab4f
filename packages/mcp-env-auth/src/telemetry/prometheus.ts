import { AsyncLocalStorage } from "node:async_hooks";
import type { RecordCall, Telemetry } from "../telemetry.ts";
import { createMessageReader, type McpMessage } from "./mcp-messages.ts";
import { errorType, httpMethod, shortWord } from "./outcomes.ts";
import { createPrometheusMetrics, type PrometheusClient } from "./prometheus-metrics.ts";

/** What is known of the request being served. */
interface Exchange {
  /** OAuth's code of the refusal that it is answered with. */
  refusal?: string;
  /** Whether a handler failed. */
  failed?: boolean;
}

/** Counts for Prometheus. Labels have few values each, and none is chosen by a caller. */
export interface PrometheusTelemetry extends Telemetry {
  /** The media type of {@link PrometheusTelemetry.exposition}. */
  readonly contentType: string;
  /** All metrics in Prometheus' text format. */
  exposition(): Promise<string>;
}

export function createPrometheus(client: PrometheusClient): PrometheusTelemetry {
  const { registry, record } = createPrometheusMetrics(client);
  const reader = createMessageReader();
  const exchanges = new AsyncLocalStorage<Exchange>();

  function recordMessages(
    messages: readonly McpMessage[],
    outcomes: ReadonlyMap<number, string>,
    seconds: number,
    error: string | undefined,
  ): void {
    for (const { dimensions, position } of messages) {
      const fault = exchanges.getStore()?.failed ? "error" : "ok";
      // A call's own outcome says more than the kind of an error, or a status.
      const outcome = outcomes.get(position) ?? error ?? fault;
      record.operation(seconds, {
        method: dimensions["mcp.method.name"] ?? "",
        name: dimensions["gen_ai.tool.name"] ?? dimensions["gen_ai.prompt.name"] ?? "",
        outcome,
      });
    }
  }

  return {
    contentType: registry.contentType,
    exposition: () => registry.metrics(),
    declare: reader.declare,

    request(request, response, route, serve) {
      const started = performance.now();
      const method = httpMethod(request.method);
      const exchange: Exchange = {};
      response.once("close", () => {
        const status = response.writableFinished ? String(response.statusCode) : "aborted";
        record.request(secondsSince(started), { method, route, status });
        if (exchange.refusal !== undefined) {
          record.refusal({ route, code: exchange.refusal });
        }
      });
      exchanges.run(exchange, serve);
    },

    async messages(request, response, body, serve) {
      const messages = reader.read(request, body);
      const started = performance.now();
      const outcomes = new Map<number, string>();
      const note: RecordCall = (position, outcome) => void outcomes.set(position, outcome);
      try {
        const value = await serve(note);
        const error = response.statusCode >= 400 ? String(response.statusCode) : undefined;
        recordMessages(messages, outcomes, secondsSince(started), error);
        return value;
      } catch (error) {
        recordMessages(messages, outcomes, secondsSince(started), errorType(error));
        throw error;
      }
    },

    refused(code) {
      const exchange = exchanges.getStore();
      if (exchange !== undefined) {
        exchange.refusal = code;
      }
    },

    failed() {
      const exchange = exchanges.getStore();
      if (exchange !== undefined) {
        exchange.failed = true;
      }
    },

    async provider({ method, url }, send) {
      const started = performance.now();
      const { host } = new URL(url);
      const note = (status: string) => record.providerCall(secondsSince(started), { method, host, status });
      try {
        const answer = await send();
        note(String(answer.status));
        return answer;
      } catch (error) {
        note(errorType(error));
        throw error;
      }
    },

    async store({ command }, send) {
      const started = performance.now();
      const note = (outcome: string) => record.storeCommand(secondsSince(started), { command, outcome });
      try {
        const value = await send();
        note("ok");
        return value;
      } catch (error) {
        note(errorType(error));
        throw error;
      }
    },

    logged(fields) {
      const { event, error } = fields as Readonly<Record<string, unknown>>;
      if (typeof event === "string") {
        record.event({ event, error: shortWord(error) ?? "" });
      }
      return undefined;
    },
  };
}

function secondsSince(started: number): number {
  return (performance.now() - started) / 1000;
}

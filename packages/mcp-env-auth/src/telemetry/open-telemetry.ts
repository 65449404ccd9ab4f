import type { Attributes, Context, Span } from "@opentelemetry/api";
import type { RecordCall, Telemetry } from "../telemetry.ts";
import { createInstruments } from "./instruments.ts";
import { createMessageReader } from "./mcp-messages.ts";
import { errorType, FAILED, faultOf, httpMethod, shortWord } from "./outcomes.ts";

export type OpenTelemetryApi = typeof import("@opentelemetry/api");

/** The name of this instrumentation, for whoever looks where spans and metrics come from. */
const SCOPE = "mcp-env-auth";

/** What is known of the request being served. */
interface Exchange {
  readonly span: Span;
  /** OAuth's code of the refusal that it is answered with. */
  refusal?: string;
}

/** What is known of the MCP messages being served. */
interface Operation {
  failed: boolean;
}

type Outcome<T> = { readonly value: T } | { readonly error: string };

/**
 * Records to whatever is registered with the OpenTelemetry API, by its semantic conventions for HTTP, databases and
 * MCP. A request that somebody else's instrumentation traces already gets no span of its own.
 */
export function createOpenTelemetry(api: OpenTelemetryApi): Telemetry {
  const { context, propagation, SpanKind, SpanStatusCode, trace } = api;
  const tracer = trace.getTracer(SCOPE);
  const record = createInstruments(api.metrics.getMeter(SCOPE));
  const EXCHANGE = api.createContextKey("mcp-env-auth exchange");
  const OPERATION = api.createContextKey("mcp-env-auth operation");
  const reader = createMessageReader();

  const currentExchange = () => context.active().getValue(EXCHANGE) as Exchange | undefined;
  const markFailed = (span: Span, error: string) =>
    span.setAttribute("error.type", error).setStatus({ code: SpanStatusCode.ERROR });

  /** Runs `send` in a span of its own; what it gives and what it throws are passed on. */
  async function inSpan<T>(
    name: string,
    attributes: Attributes,
    send: () => Promise<T>,
    finish: (span: Span, seconds: number, outcome: Outcome<T>) => void,
  ): Promise<T> {
    const started = performance.now();
    const span = tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes });
    const end = (outcome: Outcome<T>) => {
      if ("error" in outcome) {
        markFailed(span, outcome.error);
      }
      finish(span, secondsSince(started), outcome);
      span.end();
    };
    try {
      const value = await context.with(trace.setSpan(context.active(), span), send);
      end({ value });
      return value;
    } catch (error) {
      end({ error: errorType(error) });
      throw error;
    }
  }

  return {
    declare: reader.declare,

    request(request, response, route, serve) {
      const started = performance.now();
      const method = httpMethod(request.method);
      const ambient = trace.getActiveSpan();
      const parent = ambient === undefined ? propagation.extract(context.active(), request.headers) : context.active();
      const span =
        ambient ??
        tracer.startSpan(
          `${method === "_OTHER" ? "HTTP" : method} ${route}`,
          {
            kind: SpanKind.SERVER,
            attributes: { "http.request.method": method, "http.route": route, "url.path": route, "url.scheme": "http" },
          },
          parent,
        );
      const exchange: Exchange = { span };
      response.once("close", () => {
        const status = response.writableFinished ? response.statusCode : undefined;
        const fault = status === undefined ? "aborted" : status >= 500 ? String(status) : undefined;
        const error = exchange.refusal ?? fault;
        const outcome: Attributes = {
          ...(status !== undefined && { "http.response.status_code": status }),
          ...(error !== undefined && { "error.type": error }),
        };
        span.setAttributes(outcome);
        if (fault !== undefined) {
          span.setStatus({ code: SpanStatusCode.ERROR });
        }
        if (exchange.refusal !== undefined) {
          record.refusal({ "http.route": route, "error.type": exchange.refusal });
        }
        if (ambient !== undefined) {
          return;
        }
        record.request(secondsSince(started), { "http.request.method": method, "http.route": route, ...outcome });
        span.end();
      });
      context.with(trace.setSpan(parent, span).setValue(EXCHANGE, exchange), serve);
    },

    async messages(request, response, body, serve) {
      const messages = reader.read(request, body);
      const around = context.active();
      const ambient = trace.getSpan(around);
      const transport = ambient === undefined ? propagation.extract(around, request.headers) : around;
      const started = performance.now();
      const spans = messages.map(({ name, dimensions, details, carrier }) => {
        const parent: Context = carrier === undefined ? transport : propagation.extract(around, carrier);
        const link = carrier === undefined ? undefined : trace.getSpanContext(transport);
        const options = {
          kind: SpanKind.SERVER,
          attributes: { ...dimensions, ...details },
          ...(link !== undefined && { links: [{ context: link }] }),
        };
        return tracer.startSpan(name, options, parent);
      });
      const operation: Operation = { failed: false };
      const outcomes = new Map<number, string>();
      const recordCall: RecordCall = (position, outcome, fields) => {
        outcomes.set(position, outcome);
        const span = spans[messages.findIndex((message) => message.position === position)];
        span?.setAttribute("mcp_env_auth.outcome", outcome);
        for (const [name, value] of Object.entries(fields)) {
          span?.setAttribute(`mcp_env_auth.${name}`, value);
        }
      };
      const end = (thrown: string | undefined) => {
        const error = thrown ?? (response.statusCode >= 400 ? String(response.statusCode) : undefined);
        for (const [index, { dimensions, position }] of messages.entries()) {
          const isTool = dimensions["mcp.method.name"] === "tools/call";
          const failure = outcomes.has(position)
            ? faultOf(outcomes.get(position))
            : operation.failed
              ? FAILED
              : undefined;
          const type = error ?? (failure === FAILED && isTool ? "tool_error" : failure);
          if (type !== undefined) {
            markFailed(spans[index] as Span, type);
          }
          record.operation(secondsSince(started), { ...dimensions, ...(type !== undefined && { "error.type": type }) });
          spans[index]?.end();
        }
      };
      const [span] = spans;
      const within = span === undefined ? transport : trace.setSpan(transport, span);
      try {
        const value = await context.with(within.setValue(OPERATION, operation), () => serve(recordCall));
        end(undefined);
        return value;
      } catch (error) {
        end(errorType(error));
        throw error;
      }
    },

    refused(code) {
      const exchange = currentExchange();
      if (exchange !== undefined) {
        exchange.refusal = code;
      }
    },

    failed() {
      const operation = context.active().getValue(OPERATION) as Operation | undefined;
      if (operation !== undefined) {
        operation.failed = true;
      }
    },

    provider({ method, url }, send) {
      const { hostname, port, origin, pathname, protocol } = new URL(url);
      const target = {
        "http.request.method": method,
        "server.address": hostname,
        "server.port": Number(port || (protocol === "https:" ? 443 : 80)),
      };
      const attributes = { ...target, "url.full": origin + pathname };
      return inSpan(`${method} ${pathname}`, attributes, send, (span, seconds, outcome) => {
        const status = "value" in outcome ? outcome.value.status : undefined;
        const failure =
          "error" in outcome ? outcome.error : status !== undefined && status >= 400 ? String(status) : "";
        if (status !== undefined) {
          span.setAttribute("http.response.status_code", status);
        }
        if (failure !== "") {
          markFailed(span, failure);
        }
        record.providerCall(seconds, {
          ...target,
          ...(status !== undefined && { "http.response.status_code": status }),
          ...(failure !== "" && { "error.type": failure }),
        });
      });
    },

    store({ command, host }, send) {
      const { hostname, port } = new URL(`redis://${host}`);
      const target = {
        "db.system.name": "redis",
        "db.operation.name": command,
        "server.address": hostname,
        "server.port": Number(port || 6379),
      };
      return inSpan(command, target, send, (_span, seconds, outcome) =>
        record.storeCommand(seconds, { ...target, ...("error" in outcome && { "error.type": outcome.error }) }),
      );
    },

    logged(fields) {
      const { event, login, error, kind, outcome: ending } = fields as Readonly<Record<string, unknown>>;
      const span = trace.getActiveSpan();
      if (typeof event === "string") {
        const outcome = {
          ...text("error.type", error),
          ...text("mcp_env_auth.kind", kind),
          ...text("mcp_env_auth.outcome", ending),
        };
        record.event({ "mcp_env_auth.event": event, ...outcome });
        span?.addEvent(event, outcome);
      }
      if (typeof login === "string") {
        span?.setAttribute("mcp_env_auth.login", login);
        currentExchange()?.span.setAttribute("mcp_env_auth.login", login);
      }
      if (span === undefined) {
        return undefined;
      }
      const { traceId, spanId } = span.spanContext();
      return { trace_id: traceId, span_id: spanId };
    },
  };
}

/** An attribute with a code or a kind; none where the value is neither. */
function text(name: string, value: unknown): Attributes {
  const word = shortWord(value);
  return word === undefined ? {} : { [name]: word };
}

function secondsSince(started: number): number {
  return (performance.now() - started) / 1000;
}

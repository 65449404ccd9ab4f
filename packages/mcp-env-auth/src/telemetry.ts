import type { IncomingMessage, ServerResponse } from "node:http";

/** A request that this server sends to the identity provider. */
export interface ProviderCall {
  readonly method: string;
  readonly url: string;
}

/** A command that this server sends to Redis. */
export interface StoreCall {
  /** The command's name, without its arguments. */
  readonly command: string;
  /** Host name and port. */
  readonly host: string;
}

/**
 * Takes note of how a use of a tool, prompt or resource ended: of the message at `position` in a body. `fields` go to
 * its span and to no metric: what was used, and by which client, login, organization and, if that is asked for, user.
 */
export type RecordCall = (position: number, outcome: string, fields: Readonly<Record<string, string>>) => void;

/**
 * Where requests are traced and counted. Nothing that it is given as data may hold a token, code, secret, subject,
 * client id or query: what it records leaves the process.
 */
export interface Telemetry {
  /** Makes the names of the server's tools and prompts known: others, made up by a caller, are not repeated then. */
  declare(names: Iterable<string>): void;
  /** Serves one HTTP request to `route`, a path of this server. */
  request(request: IncomingMessage, response: ServerResponse, route: string, serve: () => void): void;
  /** Serves the JSON-RPC messages of a request to the MCP endpoint. Passes on what `serve` gives. */
  messages<T>(
    request: IncomingMessage,
    response: ServerResponse,
    body: unknown,
    serve: (record: RecordCall) => Promise<T>,
  ): Promise<T>;
  /** The request being served is refused with `code`, of OAuth or our own. */
  refused(code: string): void;
  /** The tool, prompt or resource being used has failed. */
  failed(): void;
  /** Asks the identity provider. Passes on what `send` gives. */
  provider<T extends { readonly status: number }>(call: ProviderCall, send: () => Promise<T>): Promise<T>;
  /** Asks Redis. Passes on what `send` gives. */
  store<T>(call: StoreCall, send: () => Promise<T>): Promise<T>;
  /** Takes note of a line that is logged. Gives what the line needs so that its trace is found. */
  logged(fields: object): object | undefined;
}

/** Who can take notes in this process. */
export type TelemetrySink = "OpenTelemetry" | "Prometheus";

const sinks = new Map<TelemetrySink, Telemetry>();
let current: Telemetry | undefined;

/** The telemetry of this process; `undefined`, as nearly always, when there is none. */
export function activeTelemetry(): Telemetry | undefined {
  return current;
}

/** What takes notes as `sink`. */
export function telemetryOf(sink: TelemetrySink): Telemetry | undefined {
  return sinks.get(sink);
}

/** Makes `telemetry` that of this process, in addition to other sinks'. */
export function activateTelemetry(sink: TelemetrySink, telemetry: Telemetry | undefined): void {
  if (telemetry === undefined) {
    sinks.delete(sink);
  } else {
    sinks.set(sink, telemetry);
  }
  const [first, second] = sinks.values();
  current = first === undefined || second === undefined ? first : both(first, second);
}

function both(one: Telemetry, other: Telemetry): Telemetry {
  return {
    declare(names) {
      const all = [...names];
      one.declare(all);
      other.declare(all);
    },
    request: (request, response, route, serve) =>
      one.request(request, response, route, () => other.request(request, response, route, serve)),
    messages: (request, response, body, serve) =>
      one.messages(request, response, body, (record) =>
        other.messages(request, response, body, (recordOther) =>
          serve((...call) => {
            record(...call);
            recordOther(...call);
          }),
        ),
      ),
    refused(code) {
      one.refused(code);
      other.refused(code);
    },
    failed() {
      one.failed();
      other.failed();
    },
    provider: (call, send) => one.provider(call, () => other.provider(call, send)),
    store: (call, send) => one.store(call, () => other.store(call, send)),
    logged: (fields) => ({ ...one.logged(fields), ...other.logged(fields) }),
  };
}

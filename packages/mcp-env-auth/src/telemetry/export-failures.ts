import type { Logger } from "../logger.ts";
import type { OpenTelemetryApi } from "./open-telemetry.ts";

/** Milliseconds between two warnings. */
const PAUSE = 60_000;
const MAX_TEXT = 300;

/**
 * Says in our log, once a minute at most, what the OpenTelemetry SDK can't do: that a collector can't be reached above
 * all.
 */
export function watchExports({ diag, DiagLogLevel }: OpenTelemetryApi, logger: Logger): void {
  let warnedAt = Number.NEGATIVE_INFINITY;
  const warn = (message: unknown) => {
    const now = performance.now();
    if (now - warnedAt < PAUSE) {
      return;
    }
    warnedAt = now;
    logger.warn(
      {},
      `OpenTelemetry reports a problem; requests are served as ever. Check OTEL_EXPORTER_OTLP_ENDPOINT. ${describe(message)}`,
    );
  };
  const ignore = () => {};
  const sink = { error: warn, warn, info: ignore, debug: ignore, verbose: ignore };
  diag.setLogger(sink, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
}

/** Errors come as JSON with a stack. */
function describe(message: unknown): string {
  const said = String(message);
  try {
    const parsed: unknown = JSON.parse(said);
    if (typeof parsed === "object" && parsed !== null && "message" in parsed) {
      return String(parsed.message || ("code" in parsed ? parsed.code : "")).slice(0, MAX_TEXT);
    }
  } catch {
    // A sentence, then.
  }
  return said.slice(0, MAX_TEXT);
}

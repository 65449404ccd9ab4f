import { connect } from "node:net";
import type { Logger } from "../logger.ts";
import { UpstreamFault } from "./upstream-fault.ts";

/** After so many requests in a row that did not get there, further ones are refused at once. */
const MAX_FAILURES = 5;

/** For so long, seconds: then one request tries again. */
const PAUSE_SECONDS = 2;

/** How often the port of an upstream that can't be reached is tried, and of one that can, milliseconds. */
const PROBE_DOWN_MS = 1000;
const PROBE_UP_MS = 10_000;
const PROBE_PATIENCE_MS = 3000;

/** Whether an upstream can be reached, by what became of requests and by trying its port. */
export interface UpstreamHealth {
  /** Whether the port took a connection when it was last tried, or answered a request since. */
  isUp(): boolean;
  /** @throws UpstreamFault (503) while requests are refused at once. */
  admit(): void;
  answered(): void;
  unreachable(): void;
  close(): void;
}

export function watchUpstream(url: URL, logger: Logger): UpstreamHealth {
  let isUp = false;
  let wasSaid: boolean | undefined;
  let failures = 0;
  let closedUntil = 0;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  const note = (up: boolean) => {
    isUp = up;
    if (wasSaid === up) {
      return;
    }
    if (up) {
      logger.info({ event: "upstream-up", upstream: url.origin }, `The upstream ${url.host} can be reached`);
    } else {
      const text = `The upstream ${url.host} can't be reached. Start it, or correct FASTMCP_UPSTREAM_URL. /readyz answers 503 until then`;
      logger.warn({ event: "upstream-down", upstream: url.origin }, text);
    }
    wasSaid = up;
  };

  const probe = async () => {
    const up = await takesConnection(url);
    if (isClosed) {
      return;
    }
    note(up);
    timer = setTimeout(probe, up ? PROBE_UP_MS : PROBE_DOWN_MS).unref();
  };
  void probe();

  return {
    isUp: () => isUp,
    admit() {
      if (failures < MAX_FAILURES) {
        return;
      }
      const rest = closedUntil - performance.now();
      if (rest > 0) {
        const text = `The upstream ${url.host} could not be reached ${failures} times in a row, so requests are refused for a moment.`;
        throw new UpstreamFault("unreachable", text, { status: 503, retryAfter: Math.ceil(rest / 1000) });
      }
      // This one tries; those that come meanwhile are refused.
      closedUntil = performance.now() + PAUSE_SECONDS * 1000;
    },
    answered() {
      failures = 0;
      note(true);
    },
    unreachable() {
      failures += 1;
      closedUntil = performance.now() + PAUSE_SECONDS * 1000;
      note(false);
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}

function takesConnection({ hostname, port, protocol }: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({
      host: hostname.replace(/^\[|\]$/g, ""),
      port: Number(port || (protocol === "https:" ? 443 : 80)),
      timeout: PROBE_PATIENCE_MS,
    });
    const settle = (up: boolean) => {
      socket.destroy();
      resolve(up);
    };
    socket.unref();
    socket.once("connect", () => settle(true)).once("timeout", () => settle(false));
    socket.on("error", () => settle(false));
  });
}

import type { RequestListener } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { OAuthError } from "../errors.ts";
import { type Listener, listen } from "../http/listener.ts";
import type { McpService } from "../http/mcp-endpoint.ts";
import type { Logger } from "../logger.ts";
import type { Assembly } from "./assembly.ts";
import type { Progress } from "./reception.ts";

/**
 * The stages of a server's life:
 *
 * - `configured`: the configuration is read. Nothing is served.
 * - `listening`: takes requests. Answers what the configuration alone answers; other requests wait.
 * - `assembled`: has loaded what serves calls, and asks the provider. Requests with a token wait for it, 2 s at most.
 * - `connected`: knows its provider.
 * - `retired`: was told to stop. `/readyz` answers 503, streams that would last end, other requests are still served.
 * - `closed`: answers nothing, since it no longer knows what was revoked or used.
 */
export type Stage = "configured" | "listening" | "assembled" | "connected" | "retired" | "closed";

/**
 * Which stages may follow each stage. `listening` is skipped where another listener serves the app (`app()`,
 * `protect()`), and for a provider that can't describe itself: its server opens the port once it is assembled.
 */
const FOLLOWERS: Readonly<Record<Stage, readonly Stage[]>> = {
  configured: ["listening", "assembled", "retired"],
  listening: ["assembled", "retired"],
  assembled: ["connected", "retired"],
  connected: ["retired"],
  retired: ["closed"],
  closed: [],
};

/** Returns `to`. @throws Error when `to` may not follow `from`. */
export function follow(from: Stage, to: Stage): Stage {
  if (!FOLLOWERS[from].includes(to)) {
    throw new Error(`A server that is ${from} can't become ${to}.`);
  }
  return to;
}

/** How long the first requests wait for a provider that does not answer, before they are told to try again. */
const PROVIDER_PATIENCE_MS = 2000;

/** When clients may try a server again that failed to start. */
const RETRY_AFTER_SECONDS = 5;

export interface LifecycleOptions {
  /** Loads what serves calls. Called once, when it is first needed. */
  readonly assemble: () => Promise<Assembly>;
  readonly logger: Logger;
  /** Called when everything else is closed. Never rejects. */
  readonly closeTelemetry: () => Promise<void>;
}

/** Where a server listens. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  /** How many proxies in front write X-Forwarded-For. Default 0. */
  readonly trustProxy?: number;
}

/** A server on its way through the stages. Each step is taken once; further calls share its outcome. */
export interface Lifecycle extends Progress {
  stage(): Stage;
  /**
   * `configured` → `listening`. A server that is assembled already stays so. @throws ConfigError when the port can't be
   * opened.
   */
  listen(handler: RequestListener, address: ServerAddress): Promise<Listener>;
  /** → `assembled`. What arrives after `close()` is retired, or closed, at once. @throws ConfigError */
  assemble(): Promise<Assembly>;
  /** `assembled` → `connected`. Assembles first. @throws ConfigError when the provider will never be usable. */
  connect(): Promise<void>;
  /** The assembly, once its provider is known or has taken longer than a client should wait. */
  serving(): Promise<Assembly>;
  /** What serves calls: a promise until {@link Lifecycle.serving}. @throws OAuthError when the start failed. */
  service(): McpService | Promise<McpService>;
  /** → `retired` → `closed`, from every stage. Settles when requests in flight are finished, or cut. */
  close(): Promise<void>;
}

/** A server that is `configured`. */
export function createLifecycle({ assemble: load, logger, closeTelemetry }: LifecycleOptions): Lifecycle {
  let stage: Stage = "configured";
  let assembly: Assembly | undefined;
  let service: McpService | undefined;
  // The steps that were begun.
  let opening: Promise<Listener> | undefined;
  let assembling: Promise<Assembly> | undefined;
  let connecting: Promise<void> | undefined;
  let waiting: Promise<Assembly> | undefined;
  let closing: Promise<void> | undefined;

  const enter = (next: Stage) => {
    stage = follow(stage, next);
  };
  const isRetired = () => stage === "retired" || stage === "closed";
  const isClosed = () => stage === "closed";
  const assemble = () => {
    if (assembling === undefined && isClosed()) {
      follow(stage, "assembled");
    }
    assembling ??= takeIn();
    return assembling;
  };
  const connect = () => {
    connecting ??= awaitProvider();
    return connecting;
  };
  const serving = () => {
    waiting ??= waitForProvider();
    return waiting;
  };

  return {
    stage: () => stage,
    isRetired,
    isClosed,
    async listen(handler, { trustProxy = 0, ...address }) {
      if (opening !== undefined) {
        throw new Error("A server opens one port.");
      }
      if (stage !== "assembled") {
        follow(stage, "listening");
      }
      opening = listen(handler, address, { places: { isBehindProxies: trustProxy > 0 }, logger });
      const listener = await opening;
      if (stage === "configured") {
        enter("listening");
      }
      return listener;
    },
    assemble,
    connect,
    serving,
    service: () => service ?? serving().then((assembled) => assembled.service, refuse),
    close() {
      closing ??= shutDown();
      return closing;
    },
  };

  async function takeIn(): Promise<Assembly> {
    const arrived = await load();
    if (isClosed()) {
      await arrived.close();
      return arrived;
    }
    assembly = arrived;
    if (isRetired()) {
      arrived.retire();
    } else {
      enter("assembled");
    }
    return arrived;
  }

  async function awaitProvider(): Promise<void> {
    const assembled = await assemble();
    await assembled.start();
    if (!isRetired()) {
      enter("connected");
    }
  }

  async function waitForProvider(): Promise<Assembly> {
    const assembled = await assemble();
    const waited = new AbortController();
    const patience = sleep(PROVIDER_PATIENCE_MS, undefined, { ref: false, signal: waited.signal });
    await Promise.race([connect(), patience]).catch(() => {});
    waited.abort();
    service = assembled.service;
    return assembled;
  }

  async function shutDown(): Promise<void> {
    enter("retired");
    assembly?.retire();
    const listener = await opening?.catch(() => undefined);
    // Requests that wait for the assembly are also in flight.
    const cut = (await listener?.close()) ?? 0;
    if (cut > 0) {
      logger.warn({ cut }, "Requests that did not finish in time were cut");
    }
    enter("closed");
    await assembly?.close();
    await closeTelemetry();
  }
}

function refuse(cause: unknown): never {
  const description = "The server could not start. Its operator finds the reason where it was started.";
  throw new OAuthError("temporarily_unavailable", description, { cause, retryAfter: RETRY_AFTER_SECONDS });
}

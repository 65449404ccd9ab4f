import type { Express, Router } from "express";
import { createHttpApp, type MountedServer, mountOn } from "./http-app.ts";
import type { Startable } from "./plan.ts";
import { beginServer, type RunningServer } from "./run.ts";
import type { RunOptions } from "./server-options.ts";

/** The ways to serve a {@link Startable}, as `createServer()` and `createGateway()` offer them. */
export interface WaysToServe {
  run(options?: RunOptions): Promise<RunningServer>;
  app(): Promise<Express>;
  mount(app: Express | Router): Promise<MountedServer>;
  close(): Promise<void>;
}

export function waysToServe(startable: Startable): WaysToServe {
  const closers: (() => Promise<void>)[] = [];
  /** What is begun may be closed before it is complete. */
  const closeWith = (begun: Promise<{ close(): Promise<void> }>) => {
    closers.push(async () => (await begun.catch(() => undefined))?.close());
  };
  return {
    async run(runOptions = {}) {
      const beginning = beginServer(startable, runOptions);
      closeWith(beginning);
      const { url, close, complete } = await beginning;
      await complete;
      return { url, close };
    },
    async app() {
      const making = createHttpApp(startable);
      closeWith(making);
      return (await making).app;
    },
    async mount(target) {
      const mounting = mountOn(target, startable);
      closeWith(mounting);
      return mounting;
    },
    async close() {
      await Promise.all(closers.splice(0).map((close) => close()));
    },
  };
}

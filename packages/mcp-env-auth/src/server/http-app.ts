import type { Express, Router } from "express";
import { ConfigError } from "../errors.ts";
import { sendErrorBody } from "../http/oauth-error-response.ts";
import { isFromPerson, sendPage } from "../http/peoples-page.ts";
import { refuseSeveralHosts } from "../http/several-hosts.ts";
import type { Logger } from "../logger.ts";
import type { Assembly } from "./assembly.ts";
import { type Configured, configure } from "./configure.ts";
import { createLifecycle, type Lifecycle } from "./lifecycle.ts";
import type { Startable } from "./plan.ts";

/**
 * An Express app that serves one protected MCP server and nothing else, with its provider starting in the background.
 */
export async function createHttpApp(
  plan: Startable,
): Promise<{ readonly app: Express; readonly close: () => Promise<void> }> {
  const configured = await configure(plan);
  const lifecycle: Lifecycle = createLifecycle({
    ...configured,
    assemble: async () => plan.prepare(configured, lifecycle).assemble(),
  });
  const app = await mount(lifecycle, (assembly) => mountAlone(assembly, configured), configured.logger);
  return { app, close: lifecycle.close };
}

/** What `server.mount()` has put on an app. */
export interface MountedServer {
  /** The public URL of the MCP endpoint; `undefined` without BASE_URL. */
  readonly url: string | undefined;
  readonly close: () => Promise<void>;
}

/** Puts one protected MCP server on an app that also has other routes, with its provider starting in the background. */
export async function mountOn(target: Express | Router, plan: Startable): Promise<MountedServer> {
  const configured = await configure(plan);
  const lifecycle: Lifecycle = createLifecycle({
    ...configured,
    assemble: async () => plan.prepare(configured, lifecycle).assemble(),
  });
  const url = await mount(
    lifecycle,
    async (assembly) => {
      put(await assembly.createRouter({ isShared: true }), target, configured.settings);
      return assembly.mcpUrl;
    },
    configured.logger,
  );
  return { url, close: lifecycle.close };
}

/** Without the variable, what the app says of the proxies in front of it stays. A router has no such setting. */
export function put(router: Router, target: Express | Router, { trustProxy }: Configured["settings"]): void {
  if (trustProxy > 0 && "set" in target) {
    target.set("trust proxy", trustProxy);
  }
  target.use(router);
}

/**
 * Assembles a server for a listener that is not ours, has `mount` put it there, and connects it in the background. What
 * fails until it is mounted closes it.
 */
export async function mount<T>(
  { assemble, connect, close }: Lifecycle,
  mount: (assembly: Assembly) => Promise<T>,
  logger: Logger,
): Promise<T> {
  try {
    const mounted = await mount(await assemble());
    connect().catch((error) => logUnusable(error, logger));
    return mounted;
  } catch (error) {
    // What fails in turn must not hide why.
    await close().catch(() => {});
    throw error;
  }
}

/**
 * The assembly as an app of its own: what is none of its paths is a 404.
 *
 * @param hasRoot whether people read at `/` how to connect
 */
export async function mountAlone(
  assembly: Assembly,
  { settings }: Configured,
  { hasRoot }: { readonly hasRoot: boolean } = { hasRoot: false },
): Promise<Express> {
  const { default: express } = await import("express");
  const app = express().disable("x-powered-by").disable("etag").set("trust proxy", settings.trustProxy);
  app.use(await assembly.createRouter());
  const { landing, gate, basePath } = assembly.reception;
  if (hasRoot && landing !== undefined) {
    app.get([...new Set(["/", basePath || "/"])], (request, response, next) => {
      if (isFromPerson(request)) {
        gate(request, response, "/", () => void landing(request).then((page) => sendPage(response, 200, page), next));
      } else {
        next();
      }
    });
  }
  app.use((request, response) => {
    if (refuseSeveralHosts(request, response)) {
      return;
    }
    const where = assembly.mcpUrl ?? settings.mcpPath;
    sendErrorBody(response, 404, "not_found", `Nothing is served here. The MCP endpoint is ${where}.`);
  });
  return app;
}

/** Logs what only its operator can heal, for an app whose process may serve other things as well. */
function logUnusable(error: unknown, logger: Logger): void {
  const problem = error instanceof ConfigError ? error.message : "The identity provider could not be set up";
  logger.error(error instanceof ConfigError ? {} : { err: error }, problem);
}

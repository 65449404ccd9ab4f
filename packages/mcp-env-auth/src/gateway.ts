import type { Express, Router } from "express";
import { ConfigError } from "./errors.ts";
import { parseUrl } from "./lib/url.ts";
import type { Configured } from "./server/configure.ts";
import { prepareGateway, UPSTREAM_COMMAND, UPSTREAM_URL } from "./server/gateway-plan.ts";
import type { MountedServer } from "./server/http-app.ts";
import type { Startable } from "./server/plan.ts";
import type { RunningServer } from "./server/run.ts";
import type { RunOptions, ServerOptions } from "./server/server-options.ts";
import { waysToServe } from "./server/ways-to-serve.ts";

/** What `createGateway()` takes. */
export interface GatewayOptions extends Pick<ServerOptions, "auth" | "env" | "logger" | "clock"> {
  /**
   * The MCP server behind the gateway: the address of its Streamable HTTP endpoint, such as
   * `http://127.0.0.1:9000/mcp`, or a command that speaks stdio, such as `["python", "server.py"]`, of which each user
   * gets a process. Default: FASTMCP_UPSTREAM_URL or FASTMCP_UPSTREAM_COMMAND.
   */
  readonly upstream?: string | URL | readonly string[] | undefined;
  /** What users read on the consent page. Default `MCP server`. */
  readonly name?: string | undefined;
}

/** A protected MCP endpoint that an upstream answers, and ways to serve it. */
export interface Gateway {
  /** As {@link createServer} has it. HTTP only. */
  run(options?: Omit<RunOptions, "transport">): Promise<RunningServer>;
  /** The Express app, to listen with or to mount. @throws ConfigError */
  app(): Promise<Express>;
  /** Puts the endpoint on an app that also has other routes, as `mount()` of a server does. @throws ConfigError */
  mount(app: Express | Router): Promise<MountedServer>;
  /** Stops serving: requests in flight finish first. */
  close(): Promise<void>;
}

/**
 * Puts the provider of the environment in front of an MCP server in any language, over Streamable HTTP or stdio.
 * Nothing is read or served before `run()` or `app()`.
 *
 * @example
 * ```ts
 * import { createGateway } from "mcp-env-auth";
 *
 * await createGateway({ upstream: "http://127.0.0.1:9000/mcp" }).run();
 * ```
 *
 * @throws ConfigError when `upstream` is not an http or https URL.
 */
export function createGateway(options: GatewayOptions = {}): Gateway {
  const { upstream, name = "MCP server", ...rest } = options;
  const env = { ...(options.env ?? process.env), ...namedBy(upstream) };
  const startable: Startable = {
    ...rest,
    name,
    env,
    info: { name, version: "" },
    prepare: (configured, progress) => prepareGateway({ serverName: name, env }, configured, progress),
    serveStdio: refuseStdio,
  };
  return waysToServe(startable);
}

/** The variables that name an upstream, over those of the environment. */
function namedBy(upstream: GatewayOptions["upstream"]): Record<string, string | undefined> {
  if (upstream === undefined) {
    return {};
  }
  return Array.isArray(upstream)
    ? { [UPSTREAM_COMMAND]: JSON.stringify(upstream), [UPSTREAM_URL]: undefined }
    : { [UPSTREAM_URL]: upstreamFrom(upstream as string | URL).href, [UPSTREAM_COMMAND]: undefined };
}

function upstreamFrom(given: string | URL): URL {
  const url = parseUrl(String(given));
  const isUsable = url !== undefined && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
  if (url === undefined || !isUsable) {
    throw new ConfigError(
      "createGateway() needs an http or https URL without a user name as `upstream`, such as http://127.0.0.1:9000/mcp.",
    );
  }
  return url;
}

function refuseStdio(_configured: Configured): never {
  throw new ConfigError([
    {
      variable: "FASTMCP_TRANSPORT",
      message: "is stdio, where there is no token. The gateway serves HTTP: remove the variable, or set it to http.",
    },
  ]);
}

import type { ResourceTemplate, StandardSchemaWithJSON } from "@modelcontextprotocol/server";
import type { Express, Router } from "express";
import type { ScopeHierarchy } from "./authorization/holdings.ts";
import { ConfigError } from "./errors.ts";
import { type ChangeNotifier, createChangeNotifier } from "./server/changes/change-notifier.ts";
import { Changes } from "./server/changes/changes.ts";
import type { MountedServer } from "./server/http-app.ts";
import { type DeclaredScopes, readDeclaredScopes, type ScopeOf } from "./server/offer/declared-scopes.ts";
import { prepareOffer } from "./server/offer/prepare-offer.ts";
import type {
  FitsJson,
  PromptConfig,
  PromptHandler,
  ResourceConfig,
  ResourceHandler,
  ResourceTemplateHandler,
  ToolConfig,
  ToolHandler,
} from "./server/offer/registration-types.ts";
import { Registrations } from "./server/offer/registrations.ts";
import { prepareToServe, type ServerPlan, type Startable } from "./server/plan.ts";
import type { RunningServer } from "./server/run.ts";
import type { RunOptions, ServerOptions } from "./server/server-options.ts";
import { serveStdio } from "./server/stdio-server.ts";
import { waysToServe } from "./server/ways-to-serve.ts";

export type { MountedServer, ServerOptions };

/**
 * An MCP server with its protection: registrations, and ways to serve them.
 *
 * @typeParam Scope the scopes that it was created with, where it was created with any.
 */
export interface ProtectedServer<Scope extends string = string> {
  /** The SDK's `registerTool`, with {@link AccessRequirements} beside the SDK's configuration. */
  registerTool<Output extends StandardSchemaWithJSON, Input extends StandardSchemaWithJSON | undefined = undefined>(
    name: string,
    config: ToolConfig<Input, Output, Scope> & { readonly outputSchema: Output },
    handler: ToolHandler<Input, Output>,
  ): this;
  registerTool<Input extends StandardSchemaWithJSON | undefined = undefined, Value = unknown>(
    name: string,
    config: ToolConfig<Input, undefined, Scope> & FitsJson<Value>,
    handler: ToolHandler<Input, undefined, Value>,
  ): this;
  /** The SDK's `registerResource`, for one URI or a template. */
  registerResource(name: string, uri: string, config: ResourceConfig<Scope>, handler: ResourceHandler): this;
  registerResource(
    name: string,
    template: ResourceTemplate,
    config: ResourceConfig<Scope>,
    handler: ResourceTemplateHandler,
  ): this;
  /** The SDK's `registerPrompt`. */
  registerPrompt<Input extends StandardSchemaWithJSON | undefined = undefined>(
    name: string,
    config: PromptConfig<Input, Scope>,
    handler: PromptHandler<Input>,
  ): this;
  /** Tells subscribed clients of this process what has changed. */
  readonly notify: ChangeNotifier;
  /**
   * Serves until the process is told to stop (SIGINT, SIGTERM). Options win over the environment, which wins over
   * defaults. A configuration that can't work is reported on standard error in full, and ends the process with code 1.
   */
  run(options?: RunOptions): Promise<RunningServer>;
  /** The Express app, to listen with or to mount. @throws ConfigError */
  app(): Promise<Express>;
  /**
   * Puts the MCP endpoint, its metadata documents and the endpoints of the authorization server on an Express app, or
   * on a router of one, that also has other routes. Every request that is not one of theirs goes on to the next
   * handler; `/healthz` and `/readyz` are the app's. Call it before the app gets body parsers, which would read bodies
   * before the token is checked. With FASTMCP_TRUST_PROXY, the app's "trust proxy" is set to it.
   *
   * @throws ConfigError
   *
   * @example
   * ```ts
   * const app = express();
   * await server.mount(app);
   * app.get("/", (_request, response) => response.send("My own page"));
   * app.listen(8000, "127.0.0.1");
   * ```
   */
  mount(app: Express | Router): Promise<MountedServer>;
  /** Stops serving, also what is still starting: requests in flight finish first. */
  close(): Promise<void>;
}

/** Without types, they may be forgotten, and every client refuses a server without them. */
function checkInfo(options: Partial<ServerOptions> | undefined): void {
  const missing = (["name", "version"] as const).filter((field) => {
    const value: unknown = options?.[field];
    return typeof value !== "string" || value.trim() === "";
  });
  if (missing.length > 0) {
    throw new ConfigError(
      `createServer() needs a ${missing.join(" and a ")}, as text. Example: createServer({ name: "Weather", version: "1.0.0" })`,
    );
  }
}

/**
 * An MCP server that is protected by the provider of its environment. Nothing is read or served before `run()`, `app()`
 * or `mount()`.
 */
export function createServer<const Declared extends DeclaredScopes = DeclaredScopes>(
  options: ServerOptions<Declared>,
): ProtectedServer<ScopeOf<Declared>> {
  checkInfo(options);
  const { auth, env, logger, clock, instructions, capabilities, requestState, scopes, scopeHierarchy, ...info } =
    options;
  const declared = readDeclaredScopes(scopes);
  const resources = capabilities?.resources ?? {};
  const changes = new Changes();
  const registrations = new Registrations();
  const sdkOptions = {
    // A request back to a client that can't take one fails at once instead of waiting for an answer.
    enforceStrictCapabilities: true,
    ...(instructions === undefined ? {} : { instructions }),
    ...(requestState === undefined ? {} : { requestState }),
  };
  const offerFor: ServerPlan["offerFor"] = (context) =>
    prepareOffer({ registrations, hierarchy: (scopeHierarchy ?? {}) as ScopeHierarchy, scopes: declared }, context);
  const plan: ServerPlan = {
    name: info.name,
    info,
    sdkOptions,
    resources,
    scopes: declared,
    changes,
    offerFor,
    auth,
    env,
    logger,
    clock,
  };
  const startable: Startable = {
    ...plan,
    prepare: (configured, progress) => prepareToServe(plan, configured, progress),
    serveStdio: (configured) => serveStdio(plan, configured),
  };
  const server: ProtectedServer<ScopeOf<Declared>> = {
    registerTool(name: string, config: ToolConfig<undefined, undefined>, handler: unknown) {
      registrations.addTool(name, config, handler as ToolHandler<undefined, undefined>);
      return server;
    },
    registerResource(
      name: string,
      uriOrTemplate: string | ResourceTemplate,
      config: ResourceConfig,
      handler: ResourceHandler | ResourceTemplateHandler,
    ) {
      registrations.addResource(name, uriOrTemplate, config, handler);
      return server;
    },
    registerPrompt(name, config, handler) {
      registrations.addPrompt(name, config, handler);
      return server;
    },
    notify: createChangeNotifier(changes, resources),
    ...waysToServe(startable),
  };
  return server;
}

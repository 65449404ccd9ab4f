import type { Icon, ResourceTemplate, StandardSchemaWithJSON } from "@modelcontextprotocol/server";
import type { Express } from "express";
import type { ScopeHierarchy } from "./authorization/scope-hierarchy.ts";
import type { Clock } from "./lib/clock.ts";
import type { Logger } from "./logger.ts";
import type { AuthProvider } from "./providers/auth-provider.ts";
import { type ChangeNotifier, createChangeNotifier } from "./server/changes/change-notifier.ts";
import { Changes } from "./server/changes/changes.ts";
import { createHttpApp } from "./server/http-app.ts";
import { prepareOffer } from "./server/offer/prepare-offer.ts";
import type {
  PromptConfig,
  PromptHandler,
  ResourceConfig,
  ResourceHandler,
  ResourceTemplateHandler,
  ToolConfig,
  ToolHandler,
} from "./server/offer/registration-types.ts";
import { Registrations } from "./server/offer/registrations.ts";
import type { ServerPlan } from "./server/plan.ts";
import type { ResourceCapabilities } from "./server/resource-capabilities.ts";
import { beginServer, type RunningServer } from "./server/run.ts";
import type { RunOptions } from "./server/run-options.ts";

export interface ServerOptions {
  /** The server's name, for clients and on the consent page. */
  readonly name: string;
  readonly version: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly websiteUrl?: string | undefined;
  readonly icons?: Icon[] | undefined;
  /** How to use the server, for the model. */
  readonly instructions?: string | undefined;
  /** What clients are told of beyond what is registered: changes of resources, where the code notifies of them. */
  readonly capabilities?: { readonly resources?: ResourceCapabilities | undefined } | undefined;
  /** Which scopes imply others: `{ "weather:admin": ["weather:write"] }`. */
  readonly scopeHierarchy?: ScopeHierarchy | undefined;
  /**
   * The provider, configured in code. Absent: the one that FASTMCP_SERVER_AUTH names, from the environment. `null`:
   * none; the server is open to everyone who can reach it, and says so at every start.
   */
  readonly auth?: AuthProvider | null | undefined;
  /** The environment to read; default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Default: JSON lines on standard error, or lines for people on a terminal. Secrets are removed from both. */
  readonly logger?: Logger | undefined;
  /** Default: the machine's clock. */
  readonly clock?: Clock | undefined;
}

/** An MCP server with its protection: registrations, and ways to serve them. */
export interface ProtectedServer {
  /** The SDK's `registerTool`, with {@link AccessRequirements} beside the SDK's configuration. */
  registerTool<
    Input extends StandardSchemaWithJSON | undefined = undefined,
    Output extends StandardSchemaWithJSON | undefined = undefined,
  >(name: string, config: ToolConfig<Input, Output>, handler: ToolHandler<Input, Output>): this;
  /** The SDK's `registerResource`, for one URI or a template. */
  registerResource(name: string, uri: string, config: ResourceConfig, handler: ResourceHandler): this;
  registerResource(
    name: string,
    template: ResourceTemplate,
    config: ResourceConfig,
    handler: ResourceTemplateHandler,
  ): this;
  /** The SDK's `registerPrompt`. */
  registerPrompt<Input extends StandardSchemaWithJSON | undefined = undefined>(
    name: string,
    config: PromptConfig<Input>,
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
  /** Stops serving, also what is still starting: requests in flight finish first. */
  close(): Promise<void>;
}

/**
 * An MCP server that is protected by the provider of its environment. Nothing is read or served before `run()` or
 * `app()`.
 */
export function createServer(options: ServerOptions): ProtectedServer {
  const closers: (() => Promise<void>)[] = [];
  const { auth, env, logger, clock, instructions, capabilities, scopeHierarchy, ...info } = options;
  const resources = capabilities?.resources ?? {};
  const changes = new Changes();
  const registrations = new Registrations();
  const sdkOptions = {
    // A request back to a client that can't take one fails at once instead of waiting for an answer.
    enforceStrictCapabilities: true,
    ...(instructions === undefined ? {} : { instructions }),
  };
  const offerFor: ServerPlan["offerFor"] = (context) =>
    prepareOffer({ registrations, hierarchy: scopeHierarchy ?? {} }, context);
  const plan: ServerPlan = {
    name: info.name,
    info,
    sdkOptions,
    resources,
    changes,
    offerFor,
    auth,
    env,
    logger,
    clock,
  };
  /** What is begun may be closed before it is complete. */
  const closeWith = (begun: Promise<{ close(): Promise<void> }>) => {
    closers.push(async () => (await begun.catch(() => undefined))?.close());
  };
  const server: ProtectedServer = {
    registerTool(name, config, handler) {
      registrations.addTool(name, config, handler);
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
    async run(runOptions = {}) {
      const beginning = beginServer(plan, runOptions);
      closeWith(beginning);
      const { url, close, complete } = await beginning;
      await complete;
      return { url, close };
    },
    async app() {
      const making = createHttpApp(plan);
      closeWith(making);
      return (await making).app;
    },
    async close() {
      await Promise.all(closers.splice(0).map((close) => close()));
    },
  };
  return server;
}

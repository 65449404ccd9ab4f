import type { Implementation, McpServerOptions } from "@modelcontextprotocol/server";
import type { Express } from "express";
import { ConfigError } from "../errors.ts";
import { sendErrorBody } from "../http/oauth-error-response.ts";
import type { Logger } from "../logger.ts";
import { activeTelemetry } from "../telemetry.ts";
import type { Assembly } from "./assembly.ts";
import { createChangeAudience } from "./change-audience.ts";
import type { ResourceCapabilities } from "./change-notifier.ts";
import type { Changes } from "./changes.ts";
import { type Configured, type ConfigureOptions, configure } from "./configure.ts";
import type { Offer } from "./offer.ts";
import type { OfferContext } from "./prepare-offer.ts";
import { createReception, type Reception } from "./reception.ts";
import { createSubscriptionBus } from "./subscription-bus.ts";

/** All that a server is made of before its configuration is read. */
export interface ServerPlan extends ConfigureOptions {
  readonly info: Implementation;
  readonly sdkOptions: McpServerOptions;
  readonly resources: ResourceCapabilities;
  readonly changes: Changes;
  /** Takes no more registrations. @throws ConfigError */
  readonly offerFor: (configured: OfferContext) => Offer;
}

/** An Express app that serves one protected MCP server and nothing else, with its provider starting in the background. */
export async function createHttpApp(
  plan: ServerPlan,
): Promise<{ readonly app: Express; readonly close: () => Promise<void> }> {
  const configured = await configure(plan);
  let assembly: Assembly | undefined;
  try {
    assembly = await assembleServer(plan, configured, prepareToServe(plan, configured));
    const app = await mountAlone(assembly, configured);
    startInBackground(assembly, configured.logger);
    return { app, close: assembly.close };
  } catch (error) {
    await (assembly ?? { close: configured.closeTelemetry }).close();
    throw error;
  }
}

/** What is known of a server before anything is loaded that serves calls. */
export interface Prepared {
  readonly offer: Offer;
  /** `undefined` for a provider that says nothing of the resource before it is at work. */
  readonly reception: Reception | undefined;
}

/** @throws ConfigError when a registration needs a provider and there is none. */
export function prepareToServe(plan: ServerPlan, { settings, provider, policy, clock, logger }: Configured): Prepared {
  const offer = plan.offerFor({ policy, provider });
  if (provider === undefined)
    refuseProtected(
      offer.protectedNames,
      "a server without a provider (FASTMCP_SERVER_AUTH=none, or auth: null). Set FASTMCP_SERVER_AUTH to a provider, or remove them.",
    );
  activeTelemetry()?.declare(offer.names);
  if (provider !== undefined && provider.describe === undefined) return { offer, reception: undefined };
  const reception = createReception({
    serverName: plan.info.name,
    baseUrl: provider?.baseUrl,
    resource: provider?.describe?.(settings.mcpPath),
    policy: offer.policy,
    maxUriLength: offer.maxUriLength,
    askedScopes: offer.askedScopes,
    settings,
    clock,
    logger,
  });
  return { offer, reception };
}

/** Loads what serves calls, the MCP SDK above all. @throws ConfigError for what shows only then */
export async function assembleServer(
  plan: ServerPlan,
  { settings, provider, clock, logger, closeTelemetry }: Configured,
  { offer, reception }: Prepared,
): Promise<Assembly> {
  const { assemble } = await import("./assembly.ts");
  return assemble({
    serverName: plan.info.name,
    async createFactory() {
      const { createRequestServers } = await import("./mcp-calls.ts");
      return createRequestServers(offer, { ...requestServersPlan(plan), logger });
    },
    challenges: offer.challenges,
    bus: createSubscriptionBus({
      changes: plan.changes,
      mayLearn: createChangeAudience(offer, logger),
      open: provider === undefined,
      logger,
    }),
    policy: offer.policy,
    maxUriLength: offer.maxUriLength,
    registrationScopes: offer.scopes,
    askedScopes: offer.askedScopes,
    provider,
    reception,
    settings,
    clock,
    logger,
    closeTelemetry,
  });
}

/** What the SDK's servers are built with. */
export function requestServersPlan({ info, sdkOptions, resources }: ServerPlan) {
  return { info, options: sdkOptions, resources };
}

/** A registration with authorization fields must never be served where nothing enforces them. */
export function refuseProtected(names: readonly string[], where: string): void {
  if (names.length === 0) return;
  throw new ConfigError(
    `${names.join(", ")}: the authorization fields (requiredScopes and their like) can't be enforced in ${where}`,
  );
}

/** The assembly as an app of its own: what is none of its paths is a 404. */
export async function mountAlone(assembly: Assembly, { settings }: Configured): Promise<Express> {
  const { default: express } = await import("express");
  const app = express().disable("x-powered-by").disable("etag").set("trust proxy", settings.trustProxy);
  app.use(await assembly.createRouter());
  app.use((_request, response) =>
    sendErrorBody(
      response,
      404,
      "not_found",
      `Nothing is served here. The MCP endpoint is ${assembly.mcpUrl ?? settings.mcpPath}.`,
    ),
  );
  return app;
}

/** Starts the provider; what can't be put right is logged, for an app that the process may serve other things beside. */
export function startInBackground(assembly: Assembly, logger: Logger): void {
  assembly.start().catch((error: unknown) => {
    const problem = error instanceof ConfigError ? error.message : "The identity provider could not be set up";
    logger.error(error instanceof ConfigError ? {} : { err: error }, problem);
  });
}

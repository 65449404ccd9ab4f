import type { Express } from "express";
import { ConfigError } from "../errors.ts";
import { sendErrorBody } from "../http/oauth-error-response.ts";
import type { Logger } from "../logger.ts";
import type { Assembly } from "./assembly.ts";
import { createChangeAudience } from "./changes/change-audience.ts";
import { createSubscriptionBus } from "./changes/subscription-bus.ts";
import { type Configured, configure } from "./configure.ts";
import { type Prepared, prepareToServe, requestServersPlan, type ServerPlan } from "./plan.ts";

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

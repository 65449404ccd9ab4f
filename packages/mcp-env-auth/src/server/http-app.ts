import type { Express } from "express";
import { ConfigError } from "../errors.ts";
import { sendErrorBody } from "../http/oauth-error-response.ts";
import type { Logger } from "../logger.ts";
import { activeTelemetry } from "../telemetry.ts";
import { type Assembly, assemble } from "./assembly.ts";
import { type Configured, type ConfigureOptions, configure } from "./configure.ts";
import type { Offer } from "./offer.ts";
import type { OfferContext } from "./prepare-offer.ts";

/** All that a server is made of before its configuration is read. */
export interface ServerPlan extends ConfigureOptions {
  readonly info: { readonly name: string; readonly version: string };
  /** Takes no more registrations. @throws ConfigError */
  readonly offerFor: (configured: OfferContext) => Offer;
}

/** An Express app that serves one protected MCP server and nothing else, with its provider starting in the background. */
export async function createHttpApp(
  plan: ServerPlan,
): Promise<{ readonly app: Express; readonly close: () => Promise<void> }> {
  const configured = await configure(plan);
  const assembly = await assembleServer(plan, configured);
  const app = await mountAlone(assembly, configured);
  startInBackground(assembly, configured.logger);
  return { app, close: assembly.close };
}

/** @throws ConfigError when a registration needs a provider and there is none. */
export async function assembleServer(
  plan: ServerPlan,
  { settings, provider, policy, clock, logger, closeTelemetry }: Configured,
): Promise<Assembly> {
  const offer = plan.offerFor({ policy, provider, logger });
  if (provider === undefined)
    refuseProtected(
      offer.protectedNames,
      "a server without a provider (FASTMCP_SERVER_AUTH=none, or auth: null). Set FASTMCP_SERVER_AUTH to a provider, or remove them.",
    );
  activeTelemetry()?.declare(offer.names);
  return assemble({
    serverName: plan.info.name,
    factory: offer.build,
    challenges: offer.challenges,
    policy: offer.policy,
    maxUriLength: offer.maxUriLength,
    registrationScopes: offer.scopes,
    askedScopes: offer.askedScopes,
    provider,
    settings,
    clock,
    logger,
    closeTelemetry,
  });
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

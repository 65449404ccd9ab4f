import type { Implementation, McpServerOptions } from "@modelcontextprotocol/server";
import { ConfigError } from "../errors.ts";
import { type SiteSettings, siteDetails } from "../pages/site.ts";
import { activeTelemetry } from "../telemetry.ts";
import type { Assembly, AssemblyOptions } from "./assembly.ts";
import { createChangeAudience } from "./changes/change-audience.ts";
import type { Changes } from "./changes/changes.ts";
import { createSubscriptionBus } from "./changes/subscription-bus.ts";
import type { Configured, ConfigureOptions } from "./configure.ts";
import type { ScopeDeclarations } from "./offer/declared-scopes.ts";
import type { Offer } from "./offer/offer.ts";
import type { OfferContext } from "./offer/prepare-offer.ts";
import { createReception, type Progress, type Reception } from "./reception.ts";
import { sdkCalls } from "./sdk-calls.ts";
import type { ResourceCapabilities } from "./server-options.ts";
import { type Settled, settleLoginScopes } from "./settle-login-scopes.ts";

/** All that a server is made of before its configuration is read. */
export interface ServerPlan extends ConfigureOptions {
  readonly info: Implementation;
  readonly sdkOptions: McpServerOptions;
  readonly resources: ResourceCapabilities;
  readonly scopes: ScopeDeclarations;
  readonly changes: Changes;
  /** Takes no more registrations. @throws ConfigError */
  readonly offerFor: (configured: OfferContext) => Offer;
}

/** What a server has when it is `configured`: nothing is loaded yet that serves calls. */
export interface Prepared {
  /** `undefined` for a provider that says nothing of the resource before it is at work. */
  readonly reception: Reception | undefined;
  /** Loads what serves calls, the MCP SDK above all. @throws ConfigError for what shows only then */
  assemble(): Promise<Assembly>;
}

/** What `run()` and `app()` start: a server of registrations, or a gateway. */
export interface Startable extends ConfigureOptions {
  readonly info: { readonly name: string; readonly version: string };
  /** @throws ConfigError for a configuration that it can't be served with. */
  prepare(configured: Configured, progress: Progress): Prepared;
  /** Serves this process's standard input and output. @throws ConfigError where it can't be served there. */
  serveStdio(configured: Configured): Promise<{ close(): Promise<void> }>;
}

/** @throws ConfigError when a registration needs a provider and there is none. */
export function prepareToServe(plan: ServerPlan, configured: Configured, progress: Progress): Prepared {
  const { settings, provider, policy, clock, logger } = configured;
  const offer = plan.offerFor({ policy, provider });
  if (provider === undefined) {
    refuseProtected(
      offer.protectedNames,
      "a server without a provider (FASTMCP_SERVER_AUTH=none, or auth: null). Set FASTMCP_SERVER_AUTH to a provider, or remove them.",
    );
  }
  activeTelemetry()?.declare(offer.names);
  if (offer.publicNames.length > 0) {
    logger.info(
      { event: "public-registrations", names: offer.publicNames },
      `Everybody can use these without signing in: ${offer.publicNames.join(", ")}`,
    );
  }
  const resource = provider?.describe?.(settings.mcpPath);
  const settled = settleLoginScopes(configured, resource, offer.askedScopes);
  const saysNothing = provider !== undefined && provider.describe === undefined;
  const reception = saysNothing
    ? undefined
    : createReception({
        serverName: plan.info.title ?? plan.info.name,
        site: siteOf(plan, settled.settings),
        baseUrl: provider?.baseUrl,
        resource,
        policy: offer.policy,
        publicRules: publicRulesOf(offer),
        maxUriLength: offer.maxUriLength,
        askedScopes: offer.askedScopes,
        settings: settled.settings,
        clock,
        logger,
        progress,
      });
  return { reception, assemble: () => assemblePlan(plan, offer, settled, { reception, progress }) };
}

function siteOf({ info, scopes }: ServerPlan, settings: SiteSettings) {
  return siteDetails(settings, { icons: info.icons, scopes });
}

/** What tells public registrations from others, where there are any. */
function publicRulesOf({ publicNames, rules }: Offer) {
  return publicNames.length === 0 ? undefined : rules;
}

async function assemblePlan(
  plan: ServerPlan,
  offer: Offer,
  { settings, provider, clock, logger }: Settled,
  given: Pick<AssemblyOptions, "reception" | "progress">,
): Promise<Assembly> {
  const { assemble } = await import("./assembly.ts");
  return assemble({
    ...given,
    serverName: plan.info.title ?? plan.info.name,
    site: siteOf(plan, settings),
    calls: sdkCalls({
      async createFactory(given) {
        const { createRequestServers } = await import("./mcp-calls.ts");
        return createRequestServers(offer, { ...requestServersPlan(plan), ...given, logger });
      },
      challenges: offer.challenges,
      bus: createSubscriptionBus({
        changes: plan.changes,
        mayLearn: createChangeAudience(offer, logger),
        open: provider === undefined,
        logger,
      }),
    }),
    policy: offer.policy,
    publicRules: publicRulesOf(offer),
    nameOf: offer.nameOf,
    maxUriLength: offer.maxUriLength,
    registrationScopes: offer.scopes,
    askedScopes: offer.askedScopes,
    provider,
    settings,
    clock,
    logger,
  });
}

/** A registration with authorization fields must never be served where nothing enforces them. */
export function refuseProtected(names: readonly string[], where: string): void {
  if (names.length === 0) {
    return;
  }
  throw new ConfigError(
    `${names.join(", ")}: the authorization fields (requiredScopes and their like) can't be enforced in ${where}`,
  );
}

/** What the SDK's servers are built with. */
export function requestServersPlan({ info, sdkOptions, resources }: ServerPlan) {
  return { info, options: sdkOptions, resources };
}

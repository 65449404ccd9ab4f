import type { Implementation, McpServerOptions } from "@modelcontextprotocol/server";
import { ConfigError } from "../errors.ts";
import { activeTelemetry } from "../telemetry.ts";
import type { Changes } from "./changes/changes.ts";
import type { Configured, ConfigureOptions } from "./configure.ts";
import type { Offer } from "./offer/offer.ts";
import type { OfferContext } from "./offer/prepare-offer.ts";
import { createReception, type Reception } from "./reception.ts";
import type { ResourceCapabilities } from "./resource-capabilities.ts";

/** All that a server is made of before its configuration is read. */
export interface ServerPlan extends ConfigureOptions {
  readonly info: Implementation;
  readonly sdkOptions: McpServerOptions;
  readonly resources: ResourceCapabilities;
  readonly changes: Changes;
  /** Takes no more registrations. @throws ConfigError */
  readonly offerFor: (configured: OfferContext) => Offer;
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

/** A registration with authorization fields must never be served where nothing enforces them. */
export function refuseProtected(names: readonly string[], where: string): void {
  if (names.length === 0) return;
  throw new ConfigError(
    `${names.join(", ")}: the authorization fields (requiredScopes and their like) can't be enforced in ${where}`,
  );
}

/** What the SDK's servers are built with. */
export function requestServersPlan({ info, sdkOptions, resources }: ServerPlan) {
  return { info, options: sdkOptions, resources };
}

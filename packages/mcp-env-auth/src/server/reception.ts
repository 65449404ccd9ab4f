import type { AccessPolicy, AccessRules } from "../authorization/access-policy.ts";
import type { DialectSetting } from "../client-dialects.ts";
import { type BodyRoom, createBodyRoom } from "../http/body-room.ts";
import { createGate, createRequestLines, type Gate } from "../http/gate.ts";
import { createMcpEndpoint, type McpEndpoint, type McpEndpointOptions } from "../http/mcp-endpoint.ts";
import { createOpenBodyRoom, type OpenBodyRoom } from "../http/open-body-room.ts";
import { createOpenStreams, type OpenStreams } from "../http/open-streams.ts";
import { createOriginPolicy } from "../http/origin-policy.ts";
import type { PeoplesPage } from "../http/peoples-page.ts";
import { createRefusedOrigins } from "../http/refused-origins.ts";
import { createStrangers } from "../http/strangers.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../logger.ts";
import type { SiteDetails } from "../pages/site.ts";
import type { ResourceDescription } from "../providers/auth-provider.ts";
import {
  locateProtectedResourceMetadata,
  type MetadataLocation,
} from "../resource-server/protected-resource-metadata.ts";
import { resourceScopes } from "../scope.ts";
import { createLanding } from "./landing.ts";
import { checkLength, type LoginScopes, loginScopesFor } from "./login-scopes.ts";

/** The settings that shape what anybody is answered. */
export interface ReceptionSettings {
  readonly mcpPath: string;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly loginScopes: LoginScopes;
  readonly challengeDialect: DialectSetting;
  readonly maxBodyBytes: number;
  readonly maxBodyValues: number;
  readonly logRequests: boolean;
  readonly maxSubscriptions: number;
  readonly maxCallsPerUser: number;
  readonly rateLimit: number;
  readonly trustProxy: number;
  readonly landingPage: boolean;
}

/** How far a server is towards its end. */
export interface Progress {
  /** Whether it was told to stop: `/readyz` answers 503 then. */
  isRetired(): boolean;
  /** Whether it is closed: it answers nothing then, since it no longer knows what was revoked or used. */
  isClosed(): boolean;
}

export interface ReceptionOptions {
  readonly serverName: string;
  readonly site: SiteDetails;
  /** BASE_URL. */
  readonly baseUrl: URL | undefined;
  /** What the provider says of the MCP endpoint; `undefined` for a server that was asked to be open. */
  readonly resource: ResourceDescription | undefined;
  readonly policy: AccessPolicy;
  /** Absent: all registrations take a token. */
  readonly publicRules?: AccessRules | undefined;
  /** How many characters of a URI can be looked up in moments; default 2048. */
  readonly maxUriLength?: number | undefined;
  /** The scopes that a registration asks for. */
  readonly askedScopes: readonly string[];
  readonly settings: ReceptionSettings;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly progress: Progress;
}

/**
 * What a server answers from its configuration alone: who may not come in at all, and what a client without a token is
 * told. It is there before what verifies tokens and serves calls is loaded.
 */
export interface Reception {
  /** What it was told of the MCP endpoint. */
  readonly resource: ResourceDescription | undefined;
  readonly mcpPath: string;
  /** The path of BASE_URL, `""` for none. */
  readonly basePath: string;
  /** That of RESOURCE_BASE_URL, else of BASE_URL. */
  readonly resourceBasePath: string;
  readonly gate: Gate;
  /** The URLs of the MCP endpoint that BASE_URL gives, the public one first. Empty without it. */
  readonly mcpUrls: readonly string[];
  readonly metadata: MetadataLocation | undefined;
  /** What a person reads who opens the MCP endpoint in a browser. */
  readonly landing: PeoplesPage | undefined;
  /** For the bodies of all that is open to everybody. */
  readonly openBodyRoom: OpenBodyRoom;
  readonly streams: OpenStreams;
  /** What large bodies share, however their requests came to the MCP endpoint. */
  readonly bodyRoom: BodyRoom;
  /** The MCP endpoint, with `service` for what is more than that. */
  createEndpoint(service: McpEndpointOptions["service"]): McpEndpoint;
}

/** @throws ConfigError when a login would have to ask for more scopes than one can. */
export function createReception(options: ReceptionOptions): Reception {
  const { serverName, site, baseUrl, resource, policy, maxUriLength, settings, clock, logger, progress } = options;
  const { mcpPath } = settings;
  const requiredScopes = resourceScopes(resource?.requiredScopes ?? []);
  const loginScopes =
    (resource?.scopesSupported && resourceScopes(resource.scopesSupported)) ??
    loginScopesFor(settings.loginScopes, requiredScopes, options.askedScopes);
  checkLength(settings.loginScopes, loginScopes);
  const metadata = resource && locateProtectedResourceMetadata({ ...resource, loginScopes }, { mcpPath, serverName });
  const mcpUrl = resource?.resource;
  const originPolicy = createOriginPolicy({
    ...settings,
    baseUrl,
    resource: mcpUrl === undefined ? undefined : new URL(mcpUrl),
  });
  const basePath = baseUrl?.pathname.replace(/\/$/, "") ?? "";
  const noteRefusedOrigin = createRefusedOrigins(logger);
  const openBodyRoom = createOpenBodyRoom();
  const strangers =
    options.publicRules &&
    createStrangers({
      rules: options.publicRules,
      perMinute: settings.rateLimit,
      trustedProxies: settings.trustProxy,
      room: openBodyRoom,
      clock,
    });
  const landing = mcpUrl === undefined || !settings.landingPage ? undefined : createLanding(serverName, site, mcpUrl);
  const bodyRoom = createBodyRoom();
  const streams = createOpenStreams({ limit: settings.maxSubscriptions, clock, logger });
  return {
    resource,
    mcpPath,
    basePath,
    resourceBasePath: mcpUrl?.endsWith(mcpPath) ? new URL(mcpUrl).pathname.slice(0, -mcpPath.length) : basePath,
    gate: createGate(originPolicy, progress.isClosed, settings.logRequests ? createRequestLines(logger) : undefined),
    mcpUrls: mcpUrl === undefined ? [] : [mcpUrl, new URL(mcpUrl).origin + mcpPath],
    metadata,
    landing,
    openBodyRoom,
    streams,
    bodyRoom,
    createEndpoint: (service) =>
      createMcpEndpoint({
        service,
        protection: resource && {
          requiredScopes,
          loginScopes,
          resourceMetadata: metadata?.url,
          slashedResourceMetadata: metadata?.slashed?.url,
        },
        policy,
        strangers,
        challengeDialect: settings.challengeDialect,
        ...(maxUriLength !== undefined && { maxUriLength }),
        bodyLimit: settings.maxBodyBytes,
        bodyRoom,
        maxBodyValues: settings.maxBodyValues,
        maxCallsPerUser: settings.maxCallsPerUser,
        trustedProxies: settings.trustProxy,
        isClosed: progress.isClosed,
        originPolicy,
        noteRefusedOrigin,
        landing,
        logger,
      }),
  };
}

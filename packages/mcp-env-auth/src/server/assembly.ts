import type { RequestListener } from "node:http";
import { createMcpHandler, type McpServerFactory } from "@modelcontextprotocol/server";
import type { Router } from "express";
import type { AccessPolicy } from "../authorization/access-policy.ts";
import type { Clock } from "../clock.ts";
import { createProofVerifier } from "../dpop/proof.ts";
import { createProofReplays } from "../dpop/replays.ts";
import { SERVER_PREFIX } from "../env/server-settings.ts";
import { ConfigError } from "../errors.ts";
import { createFront } from "../http/front.ts";
import { createGate } from "../http/gate.ts";
import { createMcpEndpoint } from "../http/mcp-endpoint.ts";
import { createOpenStreams } from "../http/open-streams.ts";
import { createOriginPolicy } from "../http/origin-policy.ts";
import type { Logger } from "../logger.ts";
import type { AuthProvider } from "../providers/auth-provider.ts";
import { locateProtectedResourceMetadata } from "../resource-server/protected-resource-metadata.ts";
import { resourceScopes } from "../resource-server/resource-scopes.ts";
import { withRoles } from "../resource-server/roles.ts";
import { openGuardStore } from "../store/open-guard-store.ts";

/** As long as the `scope` of an authorization request may be. */
const MAX_SCOPE_LENGTH = 1000;

/** The settings of a server that its protection is put together from. */
export interface AssemblySettings {
  readonly mcpPath: string;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly storageUrl: string;
  readonly rateLimit: number;
  readonly accessTokenTtl: number;
  readonly sessionTtl: number;
  readonly tokenEpoch: string;
  readonly tokenFormat: "sealed" | "reference";
  readonly loginScopes: "required" | "all";
}

export interface AssemblyOptions {
  readonly serverName: string;
  /** Builds the SDK's server for one request. */
  readonly factory: McpServerFactory;
  /** Whether one of those may have scope challenges of the SDK's, which only its handler knows how to answer. */
  readonly challenges: boolean;
  readonly policy: AccessPolicy;
  /** How many characters of a URI can be looked up in moments; default 2048. */
  readonly maxUriLength?: number;
  readonly registrationScopes: readonly string[];
  /** Of these, the ones that a registration asks for. */
  readonly askedScopes: readonly string[];
  /** `undefined` for a server that was asked to be open. */
  readonly provider: AuthProvider | undefined;
  readonly settings: AssemblySettings;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called when everything else is closed. Never rejects. */
  readonly closeTelemetry: () => Promise<void>;
}

/** One protected MCP endpoint with all that belongs to it, ready to be mounted. */
export interface Assembly {
  /** All that it answers to, for an Express app. Express is loaded for it. */
  createRouter(): Promise<Router>;
  /** The quickest way to serve all of it: `app` is one that has the router. */
  listenerFor(app: RequestListener): RequestListener;
  /** The public URL of the MCP endpoint, where BASE_URL gives it. */
  readonly mcpUrl: string | undefined;
  /** Settles when calls with a token can be served. @throws ConfigError when they never will be. */
  start(): Promise<void>;
  /** Prepares for {@link Assembly.close}: `/readyz` answers 503, and streams that would last end. Calls are still served. */
  retire(): void;
  close(): Promise<void>;
}

/** Puts the provider, the MCP endpoint and everything around it together. Nothing is listened on and nothing is fetched yet. */
export async function assemble(options: AssemblyOptions): Promise<Assembly> {
  const { serverName, provider, settings, clock, logger } = options;
  const { mcpPath } = settings;
  const store = await openGuardStore(settings.storageUrl, {
    ...(provider?.baseUrl === undefined ? {} : { namespace: provider.baseUrl.href }),
    clock,
    logger,
  });
  const scopesAtLogin = settings.loginScopes === "all" ? options.askedScopes : [];
  const authentication = provider?.authenticate({
    ...settings,
    serverName,
    registrationScopes: options.registrationScopes,
    scopesAtLogin,
    withImpliedScopes: options.policy.withImplied,
    store,
    clock,
    logger,
  });
  const requiredScopes = resourceScopes(authentication?.requiredScopes ?? []);
  const loginScopes = [...new Set([...requiredScopes, ...resourceScopes(scopesAtLogin)])];
  checkLength(loginScopes, settings);
  const metadata =
    authentication && locateProtectedResourceMetadata({ ...authentication, loginScopes }, { mcpPath, serverName });
  const handler = createMcpHandler(options.factory, {
    onerror: (error) => logger.debug({ err: error }, "The MCP handler reports an error"),
  });
  const originPolicy = createOriginPolicy({ ...settings, baseUrl: provider?.baseUrl });
  const streams = createOpenStreams(clock);
  let retired = false;
  const retire = () => {
    retired = true;
    streams.endAll();
  };
  const mcpUrl = authentication?.resource;
  const mcp = {
    mcpPath,
    basePath: provider?.baseUrl?.pathname.replace(/\/$/, "") ?? "",
    gate: createGate(originPolicy),
    mcpEndpoint: createMcpEndpoint({
      handler,
      direct: options.challenges ? undefined : options.factory,
      protection: authentication && {
        verifier: provider?.roles?.claim
          ? withRoles(authentication.verifier, provider.roles.claim)
          : authentication.verifier,
        requiredScopes,
        loginScopes,
        exchange: authentication.exchange,
        resourceMetadata: metadata?.url,
        proofs: {
          verify: createProofVerifier(createProofReplays(store, clock), clock),
          urls: mcpUrl === undefined ? [] : [mcpUrl, new URL(mcpUrl).origin + mcpPath],
        },
      },
      policy: options.policy,
      ...(options.maxUriLength !== undefined && { maxUriLength: options.maxUriLength }),
      originPolicy,
      streams,
      url: mcpUrl ?? `http://localhost${mcpPath}`,
      logger,
    }),
  };
  return {
    async createRouter() {
      const { createServerRouter } = await import("../http/router.ts");
      return createServerRouter({
        ...mcp,
        metadata,
        endpoints: authentication?.endpoints ?? [],
        rateLimit: settings.rateLimit,
        ready: () => !retired && (authentication?.ready() ?? true),
        clock,
        logger,
      });
    },
    listenerFor: (app) => createFront(mcp, app),
    mcpUrl,
    start: async () => authentication?.start(),
    retire,
    close: async () => {
      retire();
      await handler.close();
      await authentication?.close();
      await store.close();
      await options.closeTelemetry();
    },
  };
}

/** What clients may ask for in one login is limited; to be told of more would end every login. */
function checkLength(loginScopes: readonly string[], { loginScopes: chosen }: AssemblySettings): void {
  const { length } = loginScopes.join(" ");
  if (chosen !== "all" || length <= MAX_SCOPE_LENGTH) return;
  const message = `can't be all: together the scopes are ${length} characters long, and one login takes ${MAX_SCOPE_LENGTH}. Leave it at required, and have the provider's REQUIRED_SCOPES name what most callers need.`;
  throw new ConfigError([{ variable: `${SERVER_PREFIX}LOGIN_SCOPES`, message }]);
}

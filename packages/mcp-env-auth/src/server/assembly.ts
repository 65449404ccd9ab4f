import type { Router } from "express";
import type { AccessPolicy, AccessRules } from "../authorization/access-policy.ts";
import { createProofVerifier } from "../dpop/proof.ts";
import { proofReplaysOf } from "../dpop/replays.ts";
import { ConfigError } from "../errors.ts";
import { type CallLog, type CallLogOptions, createCallLog } from "../http/call-log.ts";
import type { McpService } from "../http/mcp-endpoint.ts";
import { spellingsOf } from "../http/paths.ts";
import { createQuotas, type Quotas } from "../http/quotas.ts";
import type { ServerRouterOptions } from "../http/router.ts";
import type { SessionService } from "../http/session-requests.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../logger.ts";
import type { SiteDetails, SiteSettings } from "../pages/site.ts";
import type { Authentication, AuthProvider, ResourceDescription } from "../providers/auth-provider.ts";
import { type GuardStore, STORAGE_VARIABLE } from "../store/guard-store.ts";
import { openGuardStore } from "../store/open-guard-store.ts";
import { withRoles } from "../upstream/roles.ts";
import type { CallsSource, McpCalls } from "./calls-source.ts";
import { scopesAtLogin } from "./login-scopes.ts";
import { createReception, type Progress, type Reception, type ReceptionSettings } from "./reception.ts";
import { createSessionService } from "./session-service.ts";

/** Without what the router would take for a pattern: it is made last, and fails on one that it can't read. */
const EXACT_PATH = /^\/[\w.~%!$&'@,;=/-]*$/;

/** The settings of a server that its protection is put together from. */
export interface AssemblySettings extends ReceptionSettings, SiteSettings {
  readonly storageUrl: string;
  readonly accessTokenTtl: number;
  readonly sessionTtl: number;
  readonly tokenEpoch: string;
  readonly tokenFormat: "sealed" | "reference";
  /** Absent: as long as fits whether somebody watches. */
  readonly startPatience?: number;
  readonly sdkFastPath: boolean;
  readonly logSubjects: boolean;
  readonly quotaPerUser: number;
  readonly quotaPerClient: number;
  readonly logArguments: "none" | "digest";
}

export interface AssemblyOptions {
  readonly serverName: string;
  /** What else the pages that people see say of the server. */
  readonly site: SiteDetails;
  readonly calls: CallsSource;
  readonly policy: AccessPolicy;
  readonly publicRules?: AccessRules | undefined;
  /** As {@link CallLogOptions} has it. */
  readonly nameOf?: CallLogOptions["nameOf"];
  /** How many characters of a URI can be looked up in moments; default 2048. */
  readonly maxUriLength?: number | undefined;
  readonly registrationScopes: readonly string[];
  /** Of these, the ones that a registration asks for. */
  readonly askedScopes: readonly string[];
  /** `undefined` for a server that was asked to be open. */
  readonly provider: AuthProvider | undefined;
  /** The one that receives requests already, where there is one. */
  readonly reception?: Reception | undefined;
  readonly settings: AssemblySettings;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly progress: Progress;
}

/** One protected MCP endpoint with all that belongs to it, ready to be mounted. */
export interface Assembly {
  readonly reception: Reception;
  /** What serves the requests that the reception lets in. */
  readonly service: McpService;
  /**
   * All that it answers to, for an Express app. Express is loaded for it.
   *
   * @param shares whether the app has routes of its own, which are left to it.
   */
  createRouter(shares?: Pick<ServerRouterOptions, "isShared">): Promise<Router>;
  /** The public URL of the MCP endpoint, where BASE_URL gives it. */
  readonly mcpUrl: string | undefined;
  /** Settles when calls with a token can be served. @throws ConfigError when they never will be. */
  start(): Promise<void>;
  /** Ends streams that would last. Calls are still served. */
  retire(): void;
  close(): Promise<void>;
}

/**
 * Puts the provider, the MCP endpoint and everything around it together, and begins to ask the provider for what it has
 * to say. Nothing is listened on.
 *
 * @throws ConfigError
 */
export async function assemble(options: AssemblyOptions): Promise<Assembly> {
  const { provider, settings, clock, logger } = options;
  const store = await openGuardStore(settings.storageUrl, {
    ...(provider?.baseUrl === undefined ? {} : { namespace: provider.baseUrl.href }),
    clock,
    logger,
  });
  // Beside the provider's own modules, and the keys that it makes.
  const loading = options.calls.load();
  loading.catch(() => {});
  let authentication: Authentication | undefined;
  try {
    const found = await provider?.authenticate({
      ...settings,
      serverName: options.serverName,
      site: options.site,
      registrationScopes: options.registrationScopes,
      scopesAtLogin: scopesAtLogin(settings.loginScopes, options.askedScopes),
      withImpliedScopes: options.policy.withImplied,
      providerPatience: startPatience(settings.startPatience, process.stderr),
      store,
      clock,
      logger,
    });
    if (provider !== undefined) {
      checkAuthentication(found);
    }
    authentication = found;
    const callLog = createCallLog({
      nameOf: options.nameOf,
      subjects: settings.logSubjects,
      digest: settings.logArguments === "digest" ? digestBy(found) : undefined,
      logger,
    });
    const reception =
      options.reception ?? createReception({ ...options, baseUrl: provider?.baseUrl, resource: authentication });
    checkDescription(reception.resource, authentication);
    const createCalls = await loading;
    // Not earlier: an answer that comes while modules are being loaded costs more time than waiting for it.
    const started = authentication?.start();
    // How it went is for who asks start().
    started?.catch(() => {});
    const sessions =
      authentication && options.calls.ownSessions
        ? await createSessionService({ ...settings, authentication, store, clock })
        : undefined;
    const calls = await createCalls({ settings, reception, authentication, sessions, clock, logger });
    return complete(options, { reception, authentication, started, store, calls, callLog, sessions });
  } catch (error) {
    // What fails in turn must not hide why.
    await Promise.allSettled([authentication, store].map(async (part) => part?.close()));
    throw error;
  }
}

/** @throws ConfigError for a provider that has no key. */
function digestBy(found: Authentication | undefined): (text: string) => string {
  const mac = found?.mac;
  if (mac === undefined) {
    const message =
      "is digest, which takes a signing key, and this provider has none: only those that issue tokens of this server do. Leave it out.";
    throw new ConfigError([{ variable: "FASTMCP_LOG_ARGUMENTS", message }]);
  }
  // 128 bits: enough to find the same arguments again.
  return (text) => Buffer.from(mac("call arguments", text)).toString("base64url").slice(0, 22);
}

/** Without types, a provider may give anything; of nothing at all, an open server would be made. */
function checkAuthentication(found: Partial<Authentication> | null | undefined): void {
  const { verifier, requiredScopes, authorizationServers, endpoints = [] } = found ?? {};
  const isWhole = [requiredScopes, authorizationServers].every(Array.isArray) && typeof verifier?.verify === "function";
  if (!isWhole) {
    throw new ConfigError(
      "The provider's authenticate() gives nothing that could protect the server. Have it give a verifier with verify(), requiredScopes and authorizationServers, beside the rest of an Authentication.",
    );
  }
  const misspelt = endpoints.find(({ path }) => !EXACT_PATH.test(path));
  if (misspelt !== undefined) {
    throw new ConfigError(
      `The provider has an endpoint at ${JSON.stringify(misspelt.path)}, which is no exact path. Example: /auth/callback`,
    );
  }
}

/** What was said beforehand decides what tokens are held to, so it must be what holds. */
function checkDescription(said: ResourceDescription | undefined, found: Authentication | undefined): void {
  const [described, actual] = [said, found].map(
    (one) => one && JSON.stringify([one.resource, one.requiredScopes, one.authorizationServers, one.scopesSupported]),
  );
  if (described === actual) {
    return;
  }
  throw new ConfigError(
    `The provider's describe() says ${described} of the MCP endpoint, and its authenticate() ${actual}. Have both say the same resource, requiredScopes and authorizationServers.`,
  );
}

interface Parts {
  readonly reception: Reception;
  readonly authentication: Authentication | undefined;
  readonly started: Promise<void> | undefined;
  readonly store: GuardStore;
  readonly calls: McpCalls;
  readonly callLog: CallLog;
  readonly sessions: SessionService | undefined;
}

function complete(
  { provider, settings, clock, logger, progress }: AssemblyOptions,
  { reception, authentication, started, store, calls, callLog, sessions }: Parts,
): Assembly {
  const service: McpService = {
    exchange: calls.exchange,
    calls: callLog,
    sessions,
    quotas: authentication && quotasFor(settings, authentication, store, logger),
    checks: authentication && {
      verifier: provider?.roles?.claim
        ? withRoles(authentication.verifier, provider.roles.claim)
        : authentication.verifier,
      trustedProxies: settings.trustProxy,
      proofs: {
        verify: createProofVerifier(proofReplaysOf(store, clock), clock),
        urls: reception.mcpUrls.flatMap((url) => [...spellingsOf(url)]),
      },
    },
  };
  return {
    reception,
    service,
    async createRouter(shares) {
      const { createServerRouter } = await import("../http/router.ts");
      return createServerRouter({
        ...reception,
        ...shares,
        mcpEndpoint: reception.createEndpoint(() => service),
        endpoints: [...(authentication?.endpoints ?? []), ...(calls.endpoints ?? [])],
        rateLimit: settings.rateLimit,
        ready: () => !progress.isRetired() && (authentication?.ready() ?? true) && (calls.ready?.() ?? true),
        clock,
        logger,
      });
    },
    mcpUrl: reception.mcpUrls[0],
    start: async () => started,
    retire() {
      reception.streams.endAll();
      sessions?.questions.closeAll();
      reception.bodyRoom.close();
    },
    close: async () => {
      reception.streams.endAll();
      sessions?.questions.closeAll();
      await calls.close();
      await authentication?.close();
      await store.close();
    },
  };
}

/** On an open server there is nobody to count: its start says so (`configurationWarnings`). */
function quotasFor(
  { quotaPerUser, quotaPerClient }: AssemblySettings,
  { mac }: Authentication,
  store: GuardStore,
  logger: Logger,
): Quotas | undefined {
  const quotas = createQuotas({
    perUser: quotaPerUser,
    perClient: quotaPerClient,
    digest: mac && ((text) => Buffer.from(mac("quota", text)).toString("base64url")),
    take: (counted, cost, window) => store.take(counted, cost, window),
  });
  if (quotas !== undefined && !store.isShared) {
    const message = `Quotas are counted in this process alone. If several replicas run, set ${STORAGE_VARIABLE} to a Redis that they share.`;
    logger.info({ event: "quotas-in-memory" }, message);
  }
  return quotas;
}

/** Seconds, where nobody watches the start: a cluster's gateways answer in a provider's place until it is up. */
const UNWATCHED = 120;

/**
 * Seconds for which something else may answer in the provider's place before the start fails. Somebody who started the
 * server on a terminal waits for the reason.
 *
 * @param setting FASTMCP_START_PATIENCE, where it is set
 */
export function startPatience(setting: number | undefined, { isTTY = false }: { readonly isTTY?: boolean }): number {
  return setting ?? (isTTY ? 0 : UNWATCHED);
}

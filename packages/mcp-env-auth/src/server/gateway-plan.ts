import { createAccessPolicy } from "../authorization/access-policy.ts";
import { OPEN_RULE } from "../authorization/access-rule.ts";
import { POLICY_SECTIONS, rulesOf } from "../authorization/policy-file.ts";
import { SERVER_PREFIX } from "../env/server-settings.ts";
import { ConfigError } from "../errors.ts";
import { createForeignPolicy, type ForeignPolicy } from "../gateway/foreign-policy.ts";
import { siteDetails } from "../pages/site.ts";
import { resourceScopes } from "../scope.ts";
import type { CallsSource } from "./calls-source.ts";
import type { Configured } from "./configure.ts";
import { checkSources } from "./offer/check-sources.ts";
import { readDeclaredScopes } from "./offer/declared-scopes.ts";
import { schemeOf } from "./offer/security-schemes.ts";
import type { Prepared } from "./plan.ts";
import { createReception, type Progress } from "./reception.ts";
import { settleLoginScopes } from "./settle-login-scopes.ts";

/** Names the upstream. */
export const UPSTREAM_URL = `${SERVER_PREFIX}UPSTREAM_URL`;

/**
 * @param serverName what users read on the consent page.
 * @throws ConfigError when there is no upstream, or a policy that can't be enforced.
 */
export function prepareGateway(serverName: string, configured: Configured, progress: Progress): Prepared {
  const { provider, clock, logger } = configured;
  const url = configured.settings.upstreamUrl;
  if (url === undefined) {
    throw missingUpstream();
  }
  const policy = foreignPolicy(configured);
  const askedScopes = policy?.askedScopes ?? [];
  const resource = provider?.describe?.(configured.settings.mcpPath);
  const { settings } = settleLoginScopes(configured, resource, askedScopes);
  const access = policy?.access ?? createAccessPolicy(() => undefined);
  const site = siteDetails(settings, { scopes: readDeclaredScopes(undefined) });
  const shared = { serverName, site, policy: access, askedScopes };
  const served = { ...shared, settings, clock, logger, progress };
  const saysNothing = provider !== undefined && provider.describe === undefined;
  const reception = saysNothing ? undefined : createReception({ ...served, baseUrl: provider?.baseUrl, resource });
  logger.info({ event: "gateway", upstream: url.origin }, describePolicy(policy, url));
  return {
    reception,
    async assemble() {
      const { assemble } = await import("./assembly.ts");
      return assemble({
        ...served,
        reception,
        calls: upstreamCalls(url, settings, provider?.baseUrl, policy),
        registrationScopes: askedScopes,
        provider,
      });
    },
  };
}

function upstreamCalls(
  url: URL,
  { upstreamTimeout, upstreamIdentity, mcpPath }: Configured["settings"],
  baseUrl: URL | undefined,
  policy: ForeignPolicy | undefined,
): CallsSource {
  return {
    ownSessions: false,
    async load() {
      const { createGatewayCalls } = await import("../gateway/gateway-calls.ts");
      return ({ reception, authentication, clock, logger }) => {
        const required = resourceScopes(authentication?.requiredScopes ?? []);
        return createGatewayCalls({
          url,
          timeout: upstreamTimeout,
          policy,
          identity: {
            kind: upstreamIdentity,
            audience: url.href,
            issuer: baseUrl === undefined ? `http://localhost${mcpPath}` : baseUrl.href.replace(/\/$/, ""),
            secrets: authentication?.secrets?.("upstream identity") ?? [],
            clock,
          },
          schemesOf: (name) => [schemeOf(policy?.rules({ kind: "tool", name }) ?? OPEN_RULE, required)],
          sealer: authentication?.sealer,
          streams: reception.streams,
          logger,
        });
      };
    },
  };
}

/**
 * `undefined`: the file, where there is one, has nothing but quotas.
 *
 * @throws ConfigError for what the provider can't tell of its users.
 */
function foreignPolicy({ policy, provider }: Configured): ForeignPolicy | undefined {
  if (policy === undefined || (policy.default === undefined && rulesOf(policy).length === 0)) {
    return undefined;
  }
  const ruled = POLICY_SECTIONS.flatMap((section) =>
    Object.entries(policy[section] ?? {}).map(([name, { permissions = [], roles = [], organizations = [] }]) => ({
      name,
      rule: {
        ...OPEN_RULE,
        requiredPermissions: permissions,
        requiredRoles: roles,
        requiredOrganizations: organizations,
      },
    })),
  );
  const problems = provider === undefined ? [] : checkSources(ruled, provider);
  if (problems.length > 0) {
    throw new ConfigError(problems);
  }
  return createForeignPolicy(policy);
}

function describePolicy(policy: ForeignPolicy | undefined, { href }: URL): string {
  if (policy === undefined) {
    return `Everyone with a valid token may use everything that the upstream ${href} offers`;
  }
  const rest = policy.deniesByDefault ? "nobody may use the rest" : "everyone with a valid token may use the rest";
  return `The policy file says who may use what of the upstream ${href}; ${rest}`;
}

function missingUpstream(): ConfigError {
  const message =
    "is required: the address of the MCP server behind the gateway, such as http://127.0.0.1:9000/mcp. The option --upstream also sets it.";
  return new ConfigError([{ variable: UPSTREAM_URL, message }]);
}

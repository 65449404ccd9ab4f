import { createAccessPolicy } from "../authorization/access-policy.ts";
import { policyProblem, rulesOf } from "../authorization/policy-file.ts";
import { SERVER_PREFIX } from "../env/server-settings.ts";
import { ConfigError } from "../errors.ts";
import { siteDetails } from "../pages/site.ts";
import type { CallsSource } from "./calls-source.ts";
import type { Configured } from "./configure.ts";
import { readDeclaredScopes } from "./offer/declared-scopes.ts";
import type { Prepared } from "./plan.ts";
import { createReception, type Progress } from "./reception.ts";
import { settleLoginScopes } from "./settle-login-scopes.ts";

export interface GatewayPlan {
  /** What users read on the consent page. */
  readonly name: string;
  /** Over FASTMCP_UPSTREAM_URL. */
  readonly upstream: URL | undefined;
}

const NOT_YET =
  "can't be enforced by the gateway yet, except for its quotas. Remove the other sections, or have the upstream check what its users may do.";

/** @throws ConfigError when there is no upstream, or a policy that the gateway can't enforce. */
export function prepareGateway(plan: GatewayPlan, configured: Configured, progress: Progress): Prepared {
  const { provider, clock, logger } = configured;
  const url = plan.upstream ?? configured.settings.upstreamUrl;
  if (url === undefined) {
    throw missingUpstream();
  }
  if (rulesOf(configured.policy).length > 0) {
    throw new ConfigError([policyProblem(NOT_YET)]);
  }
  const resource = provider?.describe?.(configured.settings.mcpPath);
  const { settings } = settleLoginScopes(configured, resource, []);
  const shared = { serverName: plan.name, policy: createAccessPolicy(() => undefined), askedScopes: [] };
  const served = { ...shared, settings, clock, logger, progress };
  const saysNothing = provider !== undefined && provider.describe === undefined;
  const reception = saysNothing ? undefined : createReception({ ...served, baseUrl: provider?.baseUrl, resource });
  logger.info(
    { event: "gateway", upstream: url.origin },
    `Everyone with a valid token may use everything that the upstream ${url.href} offers`,
  );
  return {
    reception,
    async assemble() {
      const { assemble } = await import("./assembly.ts");
      return assemble({
        ...served,
        reception,
        site: siteDetails(settings, { scopes: readDeclaredScopes(undefined) }),
        calls: upstreamCalls(url, settings.upstreamTimeout),
        registrationScopes: [],
        provider,
      });
    },
  };
}

function upstreamCalls(url: URL, timeout: number): CallsSource {
  return {
    ownSessions: false,
    async load() {
      const { createGatewayCalls } = await import("../gateway/gateway-calls.ts");
      return ({ reception, authentication, logger }) =>
        createGatewayCalls({ url, timeout, sealer: authentication?.sealer, streams: reception.streams, logger });
    },
  };
}

function missingUpstream(): ConfigError {
  const message =
    "is required: the address of the MCP server behind the gateway, such as http://127.0.0.1:9000/mcp. The option --upstream also sets it.";
  return new ConfigError([{ variable: `${SERVER_PREFIX}UPSTREAM_URL`, message }]);
}

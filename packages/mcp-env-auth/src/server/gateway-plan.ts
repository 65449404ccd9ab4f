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

/** The same for one that speaks stdio. */
export const UPSTREAM_COMMAND = `${SERVER_PREFIX}UPSTREAM_COMMAND`;

export interface GatewayPlan {
  /** What users read on the consent page. */
  readonly serverName: string;
  /** What the command of an upstream inherits. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

type Command = readonly [string, ...string[]];

/** @throws ConfigError when there is no upstream, or a policy that can't be enforced. */
export function prepareGateway({ serverName, env }: GatewayPlan, configured: Configured, progress: Progress): Prepared {
  const { provider, clock, logger } = configured;
  const upstream = upstreamOf(configured.settings);
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
  const where = upstream instanceof URL ? upstream.href : upstream[0];
  logger.info({ event: "gateway", upstream: where }, describePolicy(policy, where));
  return {
    reception,
    async assemble() {
      const { assemble } = await import("./assembly.ts");
      return assemble({
        ...served,
        reception,
        calls:
          upstream instanceof URL
            ? upstreamCalls(upstream, settings, provider?.baseUrl, policy)
            : commandCalls(upstream, env, settings, policy),
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
          schemesOf: schemesUnder(policy, authentication?.requiredScopes),
          sealer: authentication?.sealer,
          streams: reception.streams,
          logger,
        });
      };
    },
  };
}

function commandCalls(
  command: Command,
  env: GatewayPlan["env"],
  { upstreamTimeout, upstreamMaxProcesses }: Configured["settings"],
  policy: ForeignPolicy | undefined,
): CallsSource {
  return {
    ownSessions: false,
    async load() {
      const { createStdioCalls } = await import("../gateway/stdio-calls.ts");
      return ({ authentication, clock, logger }) =>
        createStdioCalls({
          command,
          env,
          maxProcesses: upstreamMaxProcesses,
          timeout: upstreamTimeout,
          policy,
          schemesOf: schemesUnder(policy, authentication?.requiredScopes),
          sealer: authentication?.sealer,
          clock,
          logger,
        });
    },
  };
}

function schemesUnder(policy: ForeignPolicy | undefined, requiredScopes: readonly string[] = []) {
  const required = resourceScopes(requiredScopes);
  return (name: string) => [schemeOf(policy?.rules({ kind: "tool", name }) ?? OPEN_RULE, required)];
}

/** @throws ConfigError */
function upstreamOf({ upstreamUrl, upstreamCommand }: Configured["settings"]): URL | Command {
  if (upstreamCommand === undefined) {
    if (upstreamUrl === undefined) {
      throw missingUpstream();
    }
    return upstreamUrl;
  }
  if (upstreamUrl !== undefined) {
    const message = `is set, and so is ${UPSTREAM_URL}. Remove one of them: the gateway has one upstream.`;
    throw new ConfigError([{ variable: UPSTREAM_COMMAND, message }]);
  }
  const command = wordsOf(upstreamCommand);
  if (command === undefined) {
    const message = 'must be words with spaces between them, or a JSON list of words, such as ["python", "server.py"].';
    throw new ConfigError([{ variable: UPSTREAM_COMMAND, message }]);
  }
  return command;
}

function wordsOf(text: string): Command | undefined {
  const isList = text.trimStart().startsWith("[");
  const [first, ...rest] = isList ? listedWords(text) : text.trim().split(/\s+/);
  return first === undefined || first === "" ? undefined : [first, ...rest];
}

function listedWords(text: string): readonly string[] {
  try {
    const words: unknown = JSON.parse(text);
    const isGood = Array.isArray(words) && words.every((word) => typeof word === "string" && !word.includes("\0"));
    return isGood ? words : [];
  } catch {
    return [];
  }
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

function describePolicy(policy: ForeignPolicy | undefined, upstream: string): string {
  if (policy === undefined) {
    return `Everyone with a valid token may use everything that the upstream ${upstream} offers`;
  }
  const rest = policy.deniesByDefault ? "nobody may use the rest" : "everyone with a valid token may use the rest";
  return `The policy file says who may use what of the upstream ${upstream}; ${rest}`;
}

function missingUpstream(): ConfigError {
  const message = `is required: the address of the MCP server behind the gateway, such as http://127.0.0.1:9000/mcp. Or set ${UPSTREAM_COMMAND} to its command, such as python server.py.`;
  return new ConfigError([{ variable: UPSTREAM_URL, message }]);
}

import { rulesOf } from "../../authorization/policy-file.ts";
import { readPolicyFile } from "../../authorization/read-policy-file.ts";
import type { Environment } from "../../env/environment.ts";
import { readFields } from "../../env/read-fields.ts";
import { SERVER_PREFIX, serverFields } from "../../env/server-settings.ts";
import { ConfigError, type ConfigProblem } from "../../errors.ts";
import { Auth0Provider } from "../../providers/auth0.ts";
import { OFFLINE_ACCESS } from "../../scope.ts";

/** What has to be in an Auth0 tenant for a server. */
export interface TenantPlan {
  /** What the API and the application are called. */
  readonly name: string;
  /** The tenant's discovery document, where the `.env` names it. */
  readonly configUrl: URL | undefined;
  /** The public address of the server. */
  readonly baseUrl: URL;
  /** The identifier of the API. */
  readonly audience: string;
  /** Whether the `.env` has it, or it is proposed here. */
  readonly audienceIsSet: boolean;
  /** The scopes of the API. */
  readonly permissions: readonly string[];
  /** What the `.env` requires of every token, where it says so. */
  readonly requiredScopes: readonly string[] | undefined;
  /** What the role is called that has all permissions. */
  readonly roleName: string;
  /** The claim that an Action puts roles into, where the `.env` names one. */
  readonly rolesClaim: string | undefined;
  readonly callbackUrl: string;
  /**
   * Whether users log in through an organization: through any or none, through the one that the server names, or
   * through one that Auth0 asks for.
   */
  readonly organizations: "any" | "one" | "asked";
  /** Machines that use the server without a user, by client id; `*`: any. */
  readonly machines: readonly string[];
  /** What the `.env` says of organizations and machines: names without their prefix, and values. */
  readonly kept: readonly { readonly name: string; readonly value: string }[];
  /** Seconds that an access token lives. */
  readonly accessTokenLifetime: number;
  /** Seconds that a login lasts. */
  readonly sessionLifetime: number;
  /** Seconds that a rotated refresh token still works, so that a client may refresh twice at once. */
  readonly rotationLeeway: number;
}

/** Scopes of OpenID Connect itself (Core 1.0 sections 5.4 and 11): no permissions of an API. */
const OPENID_SCOPES: ReadonlySet<string> = new Set(["openid", "profile", "email", "address", "phone", OFFLINE_ACCESS]);

const ROTATION_LEEWAY = 60;

const { declaration } = Auth0Provider;

/**
 * Plans the tenant for what `environment` says. Client id and secret are not needed: they come from what is planned.
 *
 * @throws ConfigError when BASE_URL is missing, or a value that is needed can't be used.
 */
export function planTenant(
  environment: Environment,
  { name, scopes }: { readonly name: string; readonly scopes: readonly string[] },
): TenantPlan {
  const { values, problems, given } = readFields(declaration.fields, declaration.prefix, environment);
  const server = readFields(serverFields, SERVER_PREFIX, environment);
  const policy = readPolicyFile(server.values.authorizationFile, environment.cwd);
  const relevant = [
    ...problems.filter((problem) => isNeeded(problem, values.configUrl === undefined)),
    ...server.problems,
    ...policy.problems,
  ];
  if (relevant.length > 0 || values.baseUrl === undefined) {
    throw new ConfigError(relevant);
  }
  const base = values.baseUrl.href.replace(/\/+$/, "");
  const { accessTokenTtl = 3600, sessionTtl = 2_592_000, streamableHttpPath = "/mcp" } = server.values;
  const wanted = [
    ...(values.requiredScopes ?? []),
    ...(values.validScopes ?? []),
    ...scopes,
    ...rulesOf(policy.policy).flatMap((rule) => [...(rule.scopes ?? []), ...(rule.permissions ?? [])]),
  ];
  return {
    name,
    configUrl: values.configUrl,
    baseUrl: values.baseUrl,
    audience: values.audience ?? `${base}${streamableHttpPath}`,
    audienceIsSet: values.audience !== undefined,
    permissions: [...new Set(wanted)].filter((scope) => !OPENID_SCOPES.has(scope)),
    requiredScopes: given.has("requiredScopes") ? values.requiredScopes : undefined,
    roleName: `${name} user`,
    rolesClaim: values.rolesClaim,
    callbackUrl: `${base}${values.redirectPath ?? "/auth/callback"}`,
    organizations: organizationsOf(values),
    machines: values.machineClients ?? [],
    kept: keptOf(values),
    accessTokenLifetime: accessTokenTtl,
    sessionLifetime: sessionTtl,
    rotationLeeway: ROTATION_LEEWAY,
  };
}

function keptOf(values: {
  readonly organization?: string;
  readonly allowedOrganizations?: readonly string[];
  readonly machineClients?: readonly string[];
}): TenantPlan["kept"] {
  const all = {
    ORGANIZATION: values.organization,
    ALLOWED_ORGANIZATIONS: values.allowedOrganizations?.join(","),
    MACHINE_CLIENTS: values.machineClients?.join(","),
  };
  return Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
}

function organizationsOf(values: {
  readonly organization?: string;
  readonly allowedOrganizations?: readonly string[];
}): TenantPlan["organizations"] {
  if (values.organization !== undefined) {
    return "one";
  }
  return values.allowedOrganizations === undefined ? "any" : "asked";
}

/** What is missing may be what is being set up; what is there must be right. */
function isNeeded({ variable = "", message }: ConfigProblem, withoutTenant: boolean): boolean {
  if (variable === `${declaration.prefix}BASE_URL`) {
    return true;
  }
  if (/_(?:CLIENT_ID|CLIENT_SECRET)(?:_FILE)?$/.test(variable)) {
    return false;
  }
  if (variable === `${declaration.prefix}CONFIG_URL` && withoutTenant) {
    return false;
  }
  return !message.startsWith("is required.");
}

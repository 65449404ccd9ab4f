import { createAccessToken } from "./access-token.ts";
import { type Api, apiPermissions, DEFAULT_API } from "./apis.ts";
import { machineSubject } from "./grants/client-credentials.ts";
import type { JwtOptions } from "./jwt.ts";
import type { Tenant } from "./tenant.ts";

/** What a minted token says, and how it differs from a good one. */
export interface IssueTokenOptions extends JwtOptions {
  /**
   * Space-separated or a list, put in as it is. Default: `openid` and all that the user has; for a machine all that the
   * API has.
   */
  readonly scope?: string | readonly string[];
  /** Default: the first API's. An unknown one is put in as it is. */
  readonly audience?: string;
  /** The id of an organization, put in as it is. */
  readonly organization?: string;
  /** Seconds from now; may be negative. Default: the tenant's lifetime. */
  readonly expiresIn?: number;
}

export interface IssueAccessTokenOptions extends IssueTokenOptions {
  /** A username. Default: the first user. */
  readonly user?: string;
  /** Default: the first application. */
  readonly clientId?: string;
  /** Put in as they are. Default: the user's. */
  readonly permissions?: readonly string[];
}

export interface IssueMachineTokenOptions extends IssueTokenOptions {
  /** Default: the first application of type `machine`. */
  readonly clientId?: string;
}

/**
 * The access token that a login of that user would give, whatever misbehaviour is on. @throws Error for an unknown
 * user.
 */
export async function issueAccessToken(tenant: Tenant, options: IssueAccessTokenOptions): Promise<string> {
  const [firstUser] = tenant.users.keys();
  const username = options.user ?? firstUser ?? "";
  const user = tenant.users.get(username);
  if (user === undefined) {
    throw new Error(`There is no user ${username}.`);
  }
  const [firstApplication] = tenant.applications.keys();
  const api = findApi(tenant, options.audience);
  const permissions = options.permissions ?? apiPermissions(api, user.permissions);
  return createAccessToken(
    tenant,
    {
      subject: user.id,
      clientId: options.clientId ?? firstApplication ?? "",
      api,
      scopes: scopes(options.scope) ?? ["openid", ...permissions],
      permissions,
      organization: options.organization,
      customClaims: user.customClaims,
    },
    variation(tenant, options),
  );
}

/** The access token that the machine's client credentials would give, whatever misbehaviour is on. */
export async function issueMachineToken(tenant: Tenant, options: IssueMachineTokenOptions): Promise<string> {
  const machine = [...tenant.applications.values()].find(({ type }) => type === "machine");
  const clientId = options.clientId ?? machine?.clientId ?? "";
  const api = findApi(tenant, options.audience);
  const granted = scopes(options.scope) ?? api.scopes;
  return createAccessToken(
    tenant,
    {
      subject: machineSubject(clientId),
      clientId,
      api,
      scopes: granted,
      permissions: granted,
      organization: options.organization,
      machine: true,
    },
    variation(tenant, options),
  );
}

function variation(tenant: Tenant, { expiresIn, claims, header, algorithm, key }: IssueTokenOptions): JwtOptions {
  const expiry = expiresIn === undefined ? {} : { exp: Math.floor(tenant.clock()) + expiresIn };
  return {
    claims: { ...expiry, ...claims },
    ...(header !== undefined && { header }),
    ...(algorithm !== undefined && { algorithm }),
    ...(key !== undefined && { key }),
  };
}

function findApi(tenant: Tenant, audience: string | undefined): Api {
  const [first = DEFAULT_API] = tenant.apis.values();
  const identifier = audience ?? first.identifier;
  return tenant.apis.get(identifier) ?? { ...first, identifier };
}

function scopes(scope: string | readonly string[] | undefined): readonly string[] | undefined {
  return typeof scope === "string" ? scope.split(" ").filter((entry) => entry !== "") : scope;
}

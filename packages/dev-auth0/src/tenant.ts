import { randomBytes } from "node:crypto";
import { type Api, DEFAULT_API } from "./apis.ts";
import { type Application, checkApplication, DEFAULT_APPLICATIONS } from "./applications.ts";
import { type Clock, systemClock } from "./clock.ts";
import { ExpiringMap } from "./expiring-map.ts";
import type { SigningKeys } from "./keys.ts";
import type { LoginTransaction } from "./login-transaction.ts";
import type { Misbehaviour } from "./misbehaviour.ts";
import { type Organization, resolveOrganizations } from "./organization.ts";
import { type LoginGrant, type RefreshSettings, RefreshTokens } from "./refresh-tokens.ts";
import { defaultUsers, type ResolvedUser, resolveUser, type User } from "./users.ts";

/** What a tenant is made of. Everything has a default. */
export interface TenantOptions {
  readonly clock?: Clock;
  /**
   * Default: alice with every permission of the first API, bob with its first, carol with none, dave like bob and in
   * `org_acme`.
   */
  readonly users?: readonly User[];
  /** Default: a regular web application, a single page application and a machine. */
  readonly applications?: readonly Application[];
  /** Default: one API with `weather:read` and `weather:write`. */
  readonly apis?: readonly Api[];
  /** Default: one for each that a user is a member of, named by its id without `org_`. */
  readonly organizations?: readonly Organization[];
  /**
   * "Allow Organization Names in Authentication API": names are taken for ids, and tokens carry `org_name`. Default
   * false.
   */
  readonly organizationNames?: boolean;
  /** Seconds. Default 24 hours, as at Auth0. */
  readonly accessTokenLifetime?: number;
  /** Seconds. Default 10 hours, as at Auth0. */
  readonly idTokenLifetime?: number;
  readonly refresh?: RefreshSettings;
  /** "Include Issuer in Authorization Responses": whether they carry `iss` (RFC 9207). Default false. */
  readonly sendIssuer?: boolean;
  /**
   * "Resource Parameter Compatibility Profile": whether `resource` (RFC 8707) names an API, as `audience` does. Default
   * false.
   */
  readonly resourceParameter?: boolean;
  /** "Dynamic Client Registration": whether anybody may register a strict third-party application. Default false. */
  readonly dynamicRegistration?: boolean;
  /**
   * "Client ID Metadata Document Registration": whether the metadata announces them. It imports none: that is for
   * `importClientDocument`. Default false.
   */
  readonly clientIdMetadataDocuments?: boolean;
  /**
   * Whether each login to a callback on this machine, or of a scheme of an app, asks for confirmation. Auth0's default
   * is true; here false.
   */
  readonly confirmCallbacks?: boolean;
  /** Members put over those of the discovery document; `undefined` takes one away. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** A code on its way from the callback to the token endpoint. */
export interface AuthorizationCode {
  readonly grant: LoginGrant;
  readonly redirectUri: string;
  readonly codeChallenge: string | undefined;
  readonly nonce: string | undefined;
  /** Set by the exchange: a code is good once, and a second use ends what the first one gave. */
  exchange: { readonly refreshToken: string | undefined } | undefined;
}

/** A browser's login session: who, and since when. */
export interface Session {
  readonly id: string;
  readonly username: string;
  /** Seconds since the Unix epoch. */
  readonly authenticatedAt: number;
}

/** The state of one tenant. Endpoints are functions over it. */
export interface Tenant {
  /** With a trailing slash, as Auth0's. */
  readonly issuer: string;
  readonly clock: Clock;
  /** The client ids of the options' applications. */
  readonly configured: ReadonlySet<string>;
  /** Those that registered come after those of the options. */
  readonly applications: Map<string, Application>;
  /** With the scopes that were learned. */
  readonly apis: Map<string, Api>;
  /** Whether what users may do follows from the scopes of the API. */
  readonly hasDefaultUsers: boolean;
  readonly users: Map<string, ResolvedUser>;
  readonly organizations: ReadonlyMap<string, Organization>;
  readonly organizationNames: boolean;
  readonly accessTokenLifetime: number;
  readonly idTokenLifetime: number;
  readonly sendIssuer: boolean;
  readonly resourceParameter: boolean;
  readonly dynamicRegistration: boolean;
  readonly clientIdMetadataDocuments: boolean;
  readonly confirmCallbacks: boolean;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly keys: SigningKeys;
  readonly opaqueTokenKey: Uint8Array;
  readonly transactions: ExpiringMap<LoginTransaction>;
  readonly codes: ExpiringMap<AuthorizationCode>;
  readonly sessions: ExpiringMap<Session>;
  readonly consents: ExpiringMap<readonly string[]>;
  /** Ids of client assertions that were used. */
  readonly assertions: ExpiringMap<true>;
  readonly refreshTokens: RefreshTokens;
  /** What is wrong at the moment. */
  faults: Misbehaviour;
}

/** @throws Error with a sentence when an option can't be right. */
export function createTenant(issuer: string, keys: SigningKeys, options: TenantOptions): Tenant {
  const { clock = systemClock, applications = DEFAULT_APPLICATIONS, apis = [DEFAULT_API] } = options;
  const users = (options.users ?? defaultUsers(apis[0] ?? DEFAULT_API)).map(resolveUser);
  for (const application of applications) {
    checkApplication(application);
  }
  return {
    issuer,
    clock,
    configured: new Set(applications.map(({ clientId }) => clientId)),
    applications: new Map(applications.map((application) => [application.clientId, application])),
    apis: new Map(apis.map((api) => [api.identifier, api])),
    hasDefaultUsers: options.users === undefined,
    users: new Map(users.map((user) => [user.username, user])),
    organizations: resolveOrganizations(options.organizations ?? [], users),
    organizationNames: options.organizationNames ?? false,
    accessTokenLifetime: options.accessTokenLifetime ?? 24 * 3600,
    idTokenLifetime: options.idTokenLifetime ?? 10 * 3600,
    sendIssuer: options.sendIssuer ?? false,
    resourceParameter: options.resourceParameter ?? false,
    dynamicRegistration: options.dynamicRegistration ?? false,
    clientIdMetadataDocuments: options.clientIdMetadataDocuments ?? false,
    confirmCallbacks: options.confirmCallbacks ?? false,
    metadata: options.metadata ?? {},
    keys,
    opaqueTokenKey: randomBytes(32),
    transactions: new ExpiringMap(clock),
    codes: new ExpiringMap(clock),
    sessions: new ExpiringMap(clock),
    consents: new ExpiringMap(clock),
    assertions: new ExpiringMap(clock),
    refreshTokens: new RefreshTokens(clock, options.refresh ?? {}),
    faults: {},
  };
}

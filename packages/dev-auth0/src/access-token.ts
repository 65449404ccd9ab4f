import { randomUUID } from "node:crypto";
import { EncryptJWT, jwtDecrypt } from "jose";
import type { Api } from "./apis.ts";
import { type JwtOptions, signJwt } from "./jwt.ts";
import type { AccessTokenFault } from "./misbehaviour.ts";
import { organizationClaims } from "./organizations.ts";
import type { Tenant } from "./tenant.ts";

/** What an access token says. */
export interface AccessTokenGrant {
  readonly subject: string;
  readonly clientId: string;
  /** Absent: an opaque token, good for /userinfo only. */
  readonly api: Api | undefined;
  readonly scopes: readonly string[];
  /** All that the user has at the API, whatever was asked. */
  readonly permissions: readonly string[];
  readonly organization?: string | undefined;
  /** What Actions add. */
  readonly customClaims?: Readonly<Record<string, unknown>>;
  readonly machine?: boolean;
  /** Who acts for the subject (RFC 8693 section 4.1), innermost the application that the user logged in to. */
  readonly actor?: Readonly<Record<string, unknown>>;
}

/** Seconds. */
export function accessTokenLifetime(tenant: Tenant, api: Api | undefined): number {
  return api?.tokenLifetime ?? tenant.accessTokenLifetime;
}

/**
 * Auth0's JWT for a known API, its opaque token without one; as misbehaving as the tenant is told to be, unless
 * `variation` says how.
 */
export async function createAccessToken(
  tenant: Tenant,
  grant: AccessTokenGrant,
  variation?: JwtOptions,
): Promise<string> {
  const fault = variation ?? tenant.faults.accessToken;
  if (grant.api === undefined || fault === "opaque") {
    return createOpaqueToken(tenant, grant);
  }
  const typ = grant.api.tokenDialect?.startsWith("rfc9068") ? "at+jwt" : "JWT";
  const { claims, header, ...options } = spoil(tenant, fault);
  const allClaims = { ...accessTokenClaims(tenant, grant, grant.api), ...claims };
  return signJwt(tenant.keys, allClaims, { ...options, header: { typ, ...header } });
}

function accessTokenClaims(tenant: Tenant, grant: AccessTokenGrant, api: Api): Record<string, unknown> {
  const now = Math.floor(tenant.clock());
  const dialect = api.tokenDialect ?? "access_token_authz";
  const isRfc9068 = dialect.startsWith("rfc9068");
  const audience = grant.scopes.includes("openid") ? [api.identifier, `${tenant.issuer}userinfo`] : api.identifier;
  return {
    ...grant.customClaims,
    iss: tenant.issuer,
    sub: grant.subject,
    aud: audience,
    iat: now,
    exp: now + accessTokenLifetime(tenant, api),
    ...(grant.scopes.length > 0 && { scope: grant.scopes.join(" ") }),
    ...(grant.machine && !isRfc9068 && { gty: "client-credentials" }),
    ...organizationClaims(tenant, grant.organization),
    ...(isRfc9068 ? { client_id: grant.clientId } : { azp: grant.clientId }),
    ...(grant.actor !== undefined && { act: grant.actor }),
    // Auth0's own dialect has none, and two tokens of one second are the same there: here tests tell them apart.
    jti: randomUUID(),
    ...(dialect.endsWith("_authz") && { permissions: grant.permissions }),
  };
}

function spoil(tenant: Tenant, fault: AccessTokenFault | undefined): JwtOptions {
  const now = Math.floor(tenant.clock());
  switch (fault) {
    case undefined:
    case "opaque":
      return {};
    case "wrong-issuer":
      return { claims: { iss: "https://another-tenant.auth0.example/" } };
    case "wrong-audience":
      return { claims: { aud: "https://another-api.example.com" } };
    case "expired":
      return { claims: { iat: now - 7200, exp: now - 3600 } };
    case "not-yet-valid":
      return { claims: { nbf: now + 3600 } };
    case "without-expiry":
      return { claims: { exp: undefined } };
    case "alg-none":
      return { algorithm: "none" };
    case "hs256":
      return { algorithm: "HS256" };
    case "unpublished-key":
      return { key: "unpublished" };
    case "without-permissions":
      return { claims: { scope: "openid", permissions: [] } };
    default:
      return fault;
  }
}

/** Looks like Auth0's: a JWE that only the tenant can read. */
async function createOpaqueToken(tenant: Tenant, grant: AccessTokenGrant): Promise<string> {
  const now = Math.floor(tenant.clock());
  return new EncryptJWT({
    scope: grant.scopes.join(" "),
    azp: grant.clientId,
    ...organizationClaims(tenant, grant.organization),
  })
    .setProtectedHeader({ alg: "dir", enc: "A256GCM", iss: tenant.issuer })
    .setIssuer(tenant.issuer)
    .setSubject(grant.subject)
    .setIssuedAt(now)
    .setExpirationTime(now + accessTokenLifetime(tenant, grant.api))
    .encrypt(tenant.opaqueTokenKey);
}

/** The claims of an opaque token of this tenant. Rejects when it is none, or has ended. */
export async function openOpaqueToken(tenant: Tenant, token: string): Promise<Record<string, unknown>> {
  const { payload } = await jwtDecrypt(token, tenant.opaqueTokenKey, {
    currentDate: new Date(tenant.clock() * 1000),
    keyManagementAlgorithms: ["dir"],
    contentEncryptionAlgorithms: ["A256GCM"],
  });
  return payload;
}

import { randomUUID } from "node:crypto";
import { signJwt } from "./jwt.ts";
import { organizationClaims } from "./organizations.ts";
import type { Tenant } from "./tenant.ts";
import { profileClaims, type ResolvedUser } from "./users.ts";

export interface IdTokenGrant {
  readonly user: ResolvedUser;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly nonce?: string | undefined;
  readonly organization?: string | undefined;
  /** Seconds since the Unix epoch. */
  readonly authenticatedAt: number;
  /** The login session's id. */
  readonly sessionId: string;
}

/** An id token (OpenID Connect Core 1.0 section 2); as misbehaving as the tenant is told to be. */
export async function createIdToken(tenant: Tenant, grant: IdTokenGrant): Promise<string> {
  const now = Math.floor(tenant.clock());
  const fault = tenant.faults.idToken;
  const nonce = fault === "wrong-nonce" ? randomUUID() : grant.nonce;
  const claims = {
    ...profileClaims(grant.user, grant.scopes),
    iss: fault === "wrong-issuer" ? "https://another-tenant.auth0.example/" : tenant.issuer,
    aud: fault === "wrong-audience" ? "another-client" : grant.clientId,
    sub: grant.user.id,
    iat: fault === "expired" ? now - 7200 : now,
    exp: fault === "expired" ? now - 3600 : now + tenant.idTokenLifetime,
    auth_time: Math.floor(grant.authenticatedAt),
    sid: grant.sessionId,
    ...(nonce !== undefined && { nonce }),
    ...organizationClaims(tenant, grant.organization),
    ...(typeof fault === "object" && fault.claims),
  };
  return signJwt(tenant.keys, claims, fault === "unpublished-key" ? { key: "unpublished" } : {});
}

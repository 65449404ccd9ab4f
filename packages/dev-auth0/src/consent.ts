import { grantScopes } from "./apis.ts";
import type { AuthorizationRequest } from "./login-transaction.ts";
import { isLoopbackUrl } from "./loopback.ts";
import type { Tenant } from "./tenant.ts";
import type { ResolvedUser } from "./users.ts";

const LIFETIME = 30 * 24 * 3600;

/** What the application would get: of the scopes asked for, those this user has. */
export function grantedScopes(request: AuthorizationRequest, user: ResolvedUser): string[] {
  return grantScopes(request.scopes, request.api, user.permissions);
}

/**
 * Whether the user must be asked: always for `prompt=consent` and, where the tenant says so, for a callback URL that
 * anybody on the machine may answer at, else for third-party applications that got less before.
 */
export function needsConsent(tenant: Tenant, request: AuthorizationRequest, user: ResolvedUser): boolean {
  if (request.prompt.includes("consent") || (tenant.confirmCallbacks && !isVerifiable(request.redirectUri))) {
    return true;
  }
  if (request.application.firstParty ?? true) {
    return false;
  }
  const given = tenant.consents.get(consentKey(request, user)) ?? [];
  return grantedScopes(request, user).some((scope) => !given.includes(scope));
}

export function rememberConsent(tenant: Tenant, request: AuthorizationRequest, user: ResolvedUser): void {
  const key = consentKey(request, user);
  const before = tenant.consents.get(key) ?? [];
  tenant.consents.set(key, [...new Set([...before, ...grantedScopes(request, user)])], LIFETIME);
}

/** Forgets what the user agreed to, at one application or at all of them. */
export function forgetConsents(tenant: Tenant, user: ResolvedUser, clientId: string | undefined): void {
  tenant.consents.deleteAll((key) => {
    const [userId, application] = JSON.parse(key) as string[];
    return userId === user.id && (clientId === undefined || application === clientId);
  });
}

/** Whether only the owner of a domain can receive what is sent there. */
function isVerifiable(callback: string): boolean {
  return callback.startsWith("https://") && !isLoopbackUrl(callback);
}

function consentKey({ application, api }: AuthorizationRequest, user: ResolvedUser): string {
  return JSON.stringify([user.id, application.clientId, api?.identifier]);
}

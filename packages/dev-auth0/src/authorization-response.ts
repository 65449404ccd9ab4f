import type { Response } from "express";
import { grantedScopes } from "./consent.ts";
import type { AuthorizationRequest, AuthorizationTarget } from "./login-transaction.ts";
import { OAuthError } from "./oauth-error.ts";
import { randomToken } from "./random.ts";
import type { Session, Tenant } from "./tenant.ts";
import type { ResolvedUser } from "./users.ts";

/** Seconds from the callback to the exchange. */
const CODE_LIFETIME = 600;

/** Sends the browser back with a code (RFC 6749 section 4.1.2). */
export function redirectWithCode(
  tenant: Tenant,
  response: Response,
  request: AuthorizationRequest,
  session: Session,
  user: ResolvedUser,
): void {
  const code = randomToken();
  const grant = {
    clientId: request.application.clientId,
    username: user.username,
    audience: request.api?.identifier,
    scopes: grantedScopes(request, user),
    organization: request.organization,
    sessionId: session.id,
    authenticatedAt: session.authenticatedAt,
  };
  const { redirectUri, codeChallenge, nonce } = request;
  tenant.codes.set(code, { grant, redirectUri, codeChallenge, nonce, exchange: undefined }, CODE_LIFETIME);
  redirectBack(tenant, response, request, { code });
}

/** Sends the browser back with an error (RFC 6749 section 4.1.2.1). Anything but an {@link OAuthError} is thrown on. */
export function redirectWithError(
  tenant: Tenant,
  response: Response,
  target: AuthorizationTarget,
  error: unknown,
): void {
  if (!(error instanceof OAuthError)) {
    throw error;
  }
  redirectBack(tenant, response, target, { ...error.toJSON() });
}

function redirectBack(
  tenant: Tenant,
  response: Response,
  { redirectUri, state }: AuthorizationTarget,
  parameters: Record<string, string>,
): void {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries(parameters)) {
    url.searchParams.append(name, value);
  }
  if (state !== undefined) {
    url.searchParams.append("state", state);
  }
  if (tenant.sendIssuer) {
    url.searchParams.append("iss", tenant.issuer);
  }
  response.set("Cache-Control", "no-store").redirect(302, url.href);
}

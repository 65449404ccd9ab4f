import type { Request, RequestHandler, Response } from "express";
import { isStrict } from "./applications.ts";
import { authorizationRequest, authorizationTarget } from "./authorization-request.ts";
import { redirectWithCode, redirectWithError } from "./authorization-response.ts";
import { needsConsent } from "./consent.ts";
import { errorFault } from "./faults.ts";
import type { AuthorizationRequest } from "./login-transaction.ts";
import { OAuthError } from "./oauth-error.ts";
import { organizationsOf, requireMember } from "./organizations.ts";
import { bodyParameters, queryParameters } from "./parameters.ts";
import { randomToken } from "./random.ts";
import { currentSession } from "./sessions.ts";
import type { Session, Tenant } from "./tenant.ts";
import type { ResolvedUser } from "./users.ts";

/** Seconds that a person has for the login and consent pages. */
const TRANSACTION_LIFETIME = 3600;

/** GET or POST /authorize: to the login page, to the consent page, or straight back with a code. */
export function authorizeEndpoint(tenant: Tenant): RequestHandler {
  return (request, response) => {
    const parameters = request.method === "POST" ? bodyParameters(request) : queryParameters(request);
    const target = authorizationTarget(tenant, parameters);
    try {
      authorize(tenant, request, response, authorizationRequest(tenant, target, parameters));
    } catch (error) {
      // Auth0's "open redirect protection": nobody is sent to an address that somebody registered.
      if (isStrict(target.application)) {
        throw error;
      }
      redirectWithError(tenant, response, target, error);
    }
  };
}

function authorize(tenant: Tenant, request: Request, response: Response, asked: AuthorizationRequest): void {
  const fault = errorFault(tenant.faults.authorize);
  if (fault !== undefined) {
    throw fault;
  }

  const session = currentSession(tenant, request);
  if (session !== undefined && !needsLogin(tenant, asked, session)) {
    continueAfterLogin(tenant, response, asked, session);
  } else if (asked.prompt.includes("none")) {
    throw new OAuthError(403, "login_required", "Login required");
  } else if (asked.organizationPrompt === "pre_login_prompt" && asked.organization === undefined) {
    openPage(tenant, response, "/u/organization", asked, undefined);
  } else {
    openPage(tenant, response, "/u/login", asked, undefined);
  }
}

/**
 * With a login: to the consent page where it is due, else back with a code. @throws OAuthError for the callback URL.
 */
export function continueAfterLogin(
  tenant: Tenant,
  response: Response,
  asked: AuthorizationRequest,
  session: Session,
): void {
  const user = tenant.users.get(session.username);
  if (user === undefined || user.blocked) {
    throw new OAuthError(403, "unauthorized", "user is blocked");
  }
  if (asked.organizationPrompt !== undefined && asked.organization === undefined) {
    chooseOrganization(tenant, response, asked, session, user);
    return;
  }
  requireMember(user, asked.organization);
  if (!needsConsent(tenant, asked, user)) {
    redirectWithCode(tenant, response, asked, session, user);
  } else if (asked.prompt.includes("none")) {
    throw new OAuthError(403, "consent_required", "Consent required");
  } else {
    openPage(tenant, response, "/u/consent", asked, session.id);
  }
}

function chooseOrganization(
  tenant: Tenant,
  response: Response,
  asked: AuthorizationRequest,
  session: Session,
  user: ResolvedUser,
): void {
  if (organizationsOf(tenant, user).length === 0) {
    throw new OAuthError(403, "access_denied", `user ${user.id} is not part of any organization`);
  }
  if (asked.prompt.includes("none")) {
    throw new OAuthError(403, "interaction_required", "Organization required");
  }
  openPage(tenant, response, "/u/organization", asked, session.id);
}

function needsLogin(tenant: Tenant, { prompt, maxAge }: AuthorizationRequest, session: Session): boolean {
  if (prompt.includes("login") || prompt.includes("select_account")) {
    return true;
  }
  return maxAge !== undefined && tenant.clock() - session.authenticatedAt > maxAge;
}

/** Sends the browser to a page of the login, which goes on with `request`. */
export function openPage(
  tenant: Tenant,
  response: Response,
  path: string,
  request: AuthorizationRequest,
  sessionId: string | undefined,
): void {
  const transaction = randomToken();
  tenant.transactions.set(transaction, { request, sessionId }, TRANSACTION_LIFETIME);
  response.set("Cache-Control", "no-store").redirect(302, `${path}?state=${transaction}`);
}

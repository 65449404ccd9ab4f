import type { RequestHandler } from "express";
import { redirectWithError } from "./authorization-response.ts";
import { continueAfterLogin, openPage } from "./authorize.ts";
import { expired, findTransaction } from "./login.ts";
import type { AuthorizationRequest } from "./login-transaction.ts";
import { OAuthError } from "./oauth-error.ts";
import { organizationNamed, organizationsOf } from "./organizations.ts";
import { organizationPage, sendPage } from "./pages.ts";
import { bodyParameters, queryParameters, required } from "./parameters.ts";
import { currentSession } from "./sessions.ts";
import type { Tenant } from "./tenant.ts";

/** GET /u/organization: before the login, which organization is yours? After it, which of yours? */
export function organizationForm(tenant: Tenant): RequestHandler {
  return (request, response) => {
    const { id, transaction } = findTransaction(tenant, queryParameters(request));
    const session = transaction.sessionId === undefined ? undefined : currentSession(tenant, request);
    const user = session && tenant.users.get(session.username);
    sendPage(response, 200, organizationPage(id, transaction.request, user && organizationsOf(tenant, user)));
  };
}

/** POST /u/organization with `state` and `organization`, an organization's name. */
export function organizationAnswer(tenant: Tenant): RequestHandler {
  return (request, response) => {
    const body = bodyParameters(request);
    const { id, transaction } = findTransaction(tenant, body);
    const organization = organizationNamed(tenant, required(body, "organization"));
    if (organization === undefined) {
      throw new OAuthError(400, "invalid_request", "There is no organization of that name.");
    }
    const asked: AuthorizationRequest = { ...transaction.request, organization: organization.id };
    const session = currentSession(tenant, request);
    if (transaction.sessionId !== undefined && session?.id !== transaction.sessionId) {
      throw expired();
    }
    tenant.transactions.delete(id);
    if (transaction.sessionId === undefined || session === undefined) {
      openPage(tenant, response, "/u/login", asked, undefined);
      return;
    }
    try {
      continueAfterLogin(tenant, response, asked, session);
    } catch (error) {
      redirectWithError(tenant, response, asked, error);
    }
  };
}

import type { RequestHandler } from "express";
import { redirectWithCode, redirectWithError } from "./authorization-response.ts";
import { continueAfterLogin } from "./authorize.ts";
import { grantedScopes, rememberConsent } from "./consent.ts";
import type { LoginTransaction } from "./login-transaction.ts";
import { OAuthError } from "./oauth-error.ts";
import { consentPage, loginPage, sendPage } from "./pages.ts";
import { bodyParameters, type Parameters, queryParameters, required } from "./parameters.ts";
import { currentSession, startSession } from "./sessions.ts";
import type { Session, Tenant } from "./tenant.ts";
import type { ResolvedUser } from "./users.ts";

/** GET /u/login: who do you want to be? */
export function loginForm(tenant: Tenant): RequestHandler {
  return (request, response) => {
    const { id, transaction } = findTransaction(tenant, queryParameters(request));
    sendPage(response, 200, loginPage(id, transaction.request, tenant.users.values()));
  };
}

/** POST /u/login with `state` and `username`, or with `state` and `action=deny`. */
export function loginAnswer(tenant: Tenant): RequestHandler {
  return (request, response) => {
    const body = bodyParameters(request);
    const { id, transaction } = findTransaction(tenant, body);
    if (transaction.sessionId !== undefined) {
      throw expired();
    }
    if (body.action === "deny") {
      tenant.transactions.delete(id);
      redirectWithError(tenant, response, transaction.request, denied());
      return;
    }
    const user = tenant.users.get(required(body, "username"));
    if (user === undefined) {
      throw new OAuthError(400, "invalid_user_password", "Wrong username: there is no such user.");
    }
    tenant.transactions.delete(id);
    try {
      continueAfterLogin(tenant, response, transaction.request, startSession(tenant, response, user.username));
    } catch (error) {
      redirectWithError(tenant, response, transaction.request, error);
    }
  };
}

/** GET /u/consent: may the application have this? */
export function consentForm(tenant: Tenant): RequestHandler {
  return (request, response) => {
    const { id, transaction } = findTransaction(tenant, queryParameters(request));
    const { user } = findLogin(tenant, transaction, currentSession(tenant, request));
    sendPage(response, 200, consentPage(id, transaction.request, user, grantedScopes(transaction.request, user)));
  };
}

/** POST /u/consent with `state` and `action=accept` or `deny`, by the browser that logged in. */
export function consentAnswer(tenant: Tenant): RequestHandler {
  return (request, response) => {
    const body = bodyParameters(request);
    const { id, transaction } = findTransaction(tenant, body);
    const { session, user } = findLogin(tenant, transaction, currentSession(tenant, request));
    const action = required(body, "action");
    tenant.transactions.delete(id);
    if (action === "accept") {
      rememberConsent(tenant, transaction.request, user);
      redirectWithCode(tenant, response, transaction.request, session, user);
    } else {
      redirectWithError(tenant, response, transaction.request, denied());
    }
  };
}

/** The transaction that `state` names. @throws OAuthError */
export function findTransaction(tenant: Tenant, parameters: Parameters): { id: string; transaction: LoginTransaction } {
  const id = required(parameters, "state");
  const transaction = tenant.transactions.get(id);
  if (transaction === undefined) {
    throw expired();
  }
  return { id, transaction };
}

function findLogin(
  tenant: Tenant,
  transaction: LoginTransaction,
  session: Session | undefined,
): { session: Session; user: ResolvedUser } {
  const user = session === undefined ? undefined : tenant.users.get(session.username);
  if (session === undefined || user === undefined || session.id !== transaction.sessionId) {
    throw expired();
  }
  return { session, user };
}

/** What is said of a transaction that has ended, or belongs to another browser. */
export function expired(): OAuthError {
  return new OAuthError(400, "invalid_request", "This login has ended or was never begun here. Start again.");
}

function denied(): OAuthError {
  return new OAuthError(403, "access_denied", "User did not authorize the request");
}

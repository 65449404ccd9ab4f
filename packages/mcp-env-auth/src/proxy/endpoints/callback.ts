import type { Request, Response } from "express";
import type { Endpoint } from "../../endpoint.ts";
import { sha256Base64url } from "../../lib/digest.ts";
import { isStillAllowed } from "../clients/redirect-policy.ts";
import type { ProviderSession, ProxyContext } from "../context.ts";
import { requireProvider } from "../context.ts";
import { redirectWithCode, redirectWithError } from "../login/client-redirect.ts";
import { findLogin, forgetLogin, LOGIN_TTL, type OpenedLogin } from "../login/login-cookies.ts";
import { readProviderResponse } from "../login/provider-response.ts";
import { answeringBrowserErrors, BrowserError } from "../pages/error-page.ts";
import { type Parameters, readParameters } from "../protocol/parameters.ts";
import { sealToken } from "../tokens/sealed-tokens.ts";
import { familyOf } from "../tokens/token-keys.ts";

/**
 * Where the provider sends the browser after the login. Only the browser in
 * which the user approved the client has the cookie of that login; any other
 * gets nothing. The provider's code is passed on, sealed, and redeemed at
 * `/token`, so that the provider enforces its single use.
 */
export function createCallbackEndpoint(context: ProxyContext): Endpoint {
  return answeringBrowserErrors({
    path: context.options.redirectPath,
    methods: ["GET"],
    body: "none",
    crossOrigin: false,
    limit: "requests",
    handle: (request, response) => finishLogin(context, request, response),
  });
}

async function finishLogin(context: ProxyContext, request: Request, response: Response): Promise<void> {
  const session = requireProvider(context);
  const parameters = readParameters(request);
  const login = await takeLogin(context, session, parameters, request, response);
  const { options } = context;
  const { redirectUri, clientHash } = login.request;
  const blocked = (await options.store.denied([["deny-client", clientHash]])) !== undefined;
  if (blocked || !isStillAllowed(context.redirectPolicy, redirectUri)) {
    throw new BrowserError("This application or its address is no longer allowed here.", {
      code: "unauthorized_client",
      title: "Application not allowed",
    });
  }
  const line = { login: familyOf(login.loginId), client: clientHash };
  const answer = readProviderResponse(parameters, session.upstream.client.metadata, options.variables);
  if ("code" in answer) {
    options.logger.info({ event: "login-returned", ...line }, "The user came back from the identity provider");
    redirectWithCode(context, request, response, login.request, await sealCode(context, session, login, answer.code));
    return;
  }
  options.logger.warn({ event: "login-failed", ...line, error: answer.error.code }, answer.logMessage);
  redirectWithError(context, request, response, login.request, answer.error);
}

async function takeLogin(
  context: ProxyContext,
  { keyring }: ProviderSession,
  parameters: Parameters,
  request: Request,
  response: Response,
): Promise<OpenedLogin> {
  const { store, clock } = context.options;
  const state = parameters.get("state");
  if (state === undefined) {
    throw new BrowserError("The identity provider's answer has no state. Start again in the application.", {
      title: "This login can't be finished",
    });
  }
  const login = await findLogin(context, keyring, state, request);
  if (login === undefined) {
    throw new BrowserError(
      "This login was not started in this browser, or it is already finished. Nothing was given away. If somebody sent you this link, close this page. Otherwise start again in the application, and log in in the browser that it opens, with cookies allowed.",
      { code: "access_denied", title: "Not the browser that this login began in", status: 403 },
    );
  }
  const unused = login.expiresAt > clock() && (await store.claim("login", login.loginId, LOGIN_TTL));
  forgetLogin(context, login.loginId, response);
  if (!unused) {
    throw new BrowserError("This login has expired, or it was used before. Start again in the application.", {
      title: "Login expired",
    });
  }
  return login;
}

function sealCode(
  { options }: ProxyContext,
  { keyring }: ProviderSession,
  { loginId, keyId, request }: OpenedLogin,
  providerCode: string,
): Promise<string> {
  return sealToken(keyring, "code", {
    loginId,
    loginKeyId: keyId,
    clientHash: request.clientHash,
    redirectHash: sha256Base64url(request.redirectUri),
    redirectUriSent: request.redirectUriSent,
    codeChallenge: request.codeChallenge,
    scopes: request.scopes,
    resource: options.resource,
    issuedAt: options.clock(),
    ...(request.jkt !== undefined && { jkt: request.jkt }),
    providerCode,
  });
}

import type { Endpoint, EndpointRequest, EndpointResponse } from "../../endpoint.ts";
import { OAuthError } from "../../errors.ts";
import { networkOf } from "../../lib/client-network.ts";
import { sha256Base64url } from "../../lib/secrets.ts";
import { isStillAllowed } from "../clients/redirect-policy.ts";
import { type ProviderSession, type ProxyContext, requireProvider } from "../context.ts";
import { redirectWithCode, redirectWithError } from "../login/client-redirect.ts";
import { findLogin, forgottenLogin, LOGIN_TTL, loginStart, type OpenedLogin } from "../login/login-cookies.ts";
import {
  describeProviderError,
  readProviderResponse,
  withoutAddresses,
  withoutHint,
} from "../login/provider-response.ts";
import { repeatLogin, withRequiredScopesOnly } from "../login/repeated-login.ts";
import { answerBrowserErrors, answeringBrowserErrors, BrowserError } from "../pages/browser-error.ts";
import { earliestLogin } from "../protocol/login-age.ts";
import { type Parameters, readParameters } from "../protocol/parameters.ts";
import { sealToken } from "../tokens/sealed-tokens.ts";
import { familyOf } from "../tokens/token-keys.ts";

/**
 * Where the provider sends the browser after the login. Only the browser in which the user approved the client has the
 * cookie of that login; any other gets nothing. The provider's code is passed on, sealed, and redeemed at `/token`, so
 * that the provider enforces its single use.
 */
export function createCallbackEndpoint(context: ProxyContext): Endpoint {
  return answeringBrowserErrors(context, {
    path: context.options.redirectPath,
    methods: ["GET"],
    body: "none",
    crossOrigin: false,
    limit: "requests",
    handle: (request) => finishLogin(context, request),
  });
}

async function finishLogin(context: ProxyContext, request: EndpointRequest): Promise<EndpointResponse> {
  const session = requireProvider(context);
  const sent = readParameters(request);
  const login = await requireLogin(context, session, sent, request).catch((error: unknown) => {
    reportUnread(
      context,
      withoutAddresses(sent),
      "It belongs to no login of this browser, and anybody can send such an answer.",
    );
    throw error;
  });
  const parameters = withoutHint(sent, login.request.loginParameters?.login_hint);
  const { clock, store } = context.options;
  const unused =
    login.expiresAt > clock() &&
    (await store.claim("login", login.loginId, LOGIN_TTL, undefined, networkOf(request.clientAddress)));
  const response = await answerBrowserErrors(
    context,
    request,
    async () => {
      if (login.expiresAt <= clock()) {
        return answerExpiredLogin(context, login, parameters, request);
      }
      if (!unused) {
        reportUnread(context, parameters, "Its login was used before.");
        throw new BrowserError("This login was used before. Start again in the application.", { kind: "loginUsed" });
      }
      return returnToClient(context, session, login, parameters, request);
    },
    login.request.loginParameters?.ui_locales,
  );
  return { ...response, cookies: [...forgottenLogin(context, login.loginId, request), ...(response.cookies ?? [])] };
}

/** Tells the client, which is waiting, and the person who took too long. */
async function answerExpiredLogin(
  context: ProxyContext,
  login: OpenedLogin,
  parameters: Parameters,
  request: EndpointRequest,
): Promise<EndpointResponse> {
  reportUnread(context, parameters, "Its login has expired.");
  await requireAllowedClient(context, login, parameters);
  const error = new OAuthError("access_denied", "The login took too long and has expired. Start again.");
  const line = { login: familyOf(login.loginId), client: login.request.clientHash };
  context.options.logger.info({ event: "login-expired", ...line }, "The user came back after the login had expired");
  return redirectWithError(context, request, login.request, error, "expired");
}

/** @throws BrowserError for a client that may be sent nothing any more. */
async function requireAllowedClient(
  context: ProxyContext,
  { request: { redirectUri, clientHash } }: OpenedLogin,
  parameters: Parameters,
): Promise<void> {
  const blocked = (await context.options.store.denied([["deny-client", clientHash]])) !== undefined;
  if (blocked || !isStillAllowed(context.redirectPolicy, redirectUri)) {
    reportUnread(context, parameters, "Its client is no longer allowed here.");
    throw new BrowserError("This application or its address is no longer allowed here.", {
      code: "unauthorized_client",
      kind: "notAllowed",
    });
  }
}

async function returnToClient(
  context: ProxyContext,
  session: ProviderSession,
  login: OpenedLogin,
  parameters: Parameters,
  request: EndpointRequest,
): Promise<EndpointResponse> {
  const { options } = context;
  const { clientHash } = login.request;
  await requireAllowedClient(context, login, parameters);
  const line = { login: familyOf(login.loginId), client: clientHash };
  const answer = readProviderResponse(parameters, session.upstream.client.metadata, options);
  if ("code" in answer) {
    options.logger.info({ event: "login-returned", ...line }, "The user came back from the identity provider");
    return redirectWithCode(context, request, login.request, await sealCode(context, session, login, answer.code));
  }
  const fewer =
    answer.error.code === "invalid_scope" ? withRequiredScopesOnly(login.request, options.requiredScopes) : undefined;
  if (fewer !== undefined) {
    return repeatLogin(context, session, login, fewer, answer.error.message, request);
  }
  options.logger.warn({ event: "login-failed", ...line, error: answer.error.code }, answer.logMessage);
  return redirectWithError(context, request, login.request, answer.error);
}

/** What the provider says in an answer that reaches no client would otherwise be lost. */
function reportUnread({ options }: ProxyContext, parameters: Parameters, why: string): void {
  const said = describeProviderError(parameters);
  if (said !== "") {
    options.logger.warn({ event: "login-failed" }, `An answer at the callback could not be passed on. ${why}${said}`);
  }
}

async function requireLogin(
  context: ProxyContext,
  { keyring }: ProviderSession,
  parameters: Parameters,
  request: EndpointRequest,
): Promise<OpenedLogin> {
  const state = parameters.get("state");
  if (state === undefined) {
    const description =
      describeProviderError(parameters) === ""
        ? "The identity provider's answer has no state. Start again in the application."
        : "The identity provider reports an error, and not of which login. Start again in the application. If this lasts, tell the operator of this server: its log has the reason.";
    throw new BrowserError(description, { kind: "providerFailed" });
  }
  const login = await findLogin(context, keyring, state, request);
  if (login === undefined) {
    throw new BrowserError(
      "This login was not started in this browser, or it is already finished. No data was shared. If somebody sent you this link, close this page. Otherwise start again in the application, and log in in the browser that it opens, with cookies allowed.",
      { code: "access_denied", kind: "otherBrowser", status: 403 },
    );
  }
  return login;
}

function sealCode(
  { options }: ProxyContext,
  { keyring }: ProviderSession,
  login: OpenedLogin,
  providerCode: string,
): Promise<string> {
  const { loginId, keyId, request } = login;
  const earliest = earliestLogin(request.loginParameters, loginStart(login));
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
    ...(request.withheld !== undefined && { withheld: request.withheld }),
    ...(earliest !== undefined && { earliestLogin: earliest }),
    providerCode,
  });
}

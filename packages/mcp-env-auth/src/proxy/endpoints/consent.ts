import type { Endpoint, EndpointRequest, EndpointResponse } from "../../endpoint.ts";
import { OAuthError } from "../../errors.ts";
import { randomId, sha256Base64url, timingSafeEqualStrings } from "../../lib/secrets.ts";
import { pageResponse } from "../../pages/page.ts";
import { frameFor } from "../../pages/page-frame.ts";
import { OFFLINE_ACCESS } from "../../scope.ts";
import type { Client } from "../clients/client.ts";
import { isRegistered, parseRedirectUri } from "../clients/redirect-uris.ts";
import { type ProviderSession, type ProxyContext, requireProvider } from "../context.ts";
import { authorizationLocation } from "../login/authorization-location.ts";
import { beginLogin, newLoginId } from "../login/begin-login.ts";
import { redirectWithError } from "../login/client-redirect.ts";
import { cookieFor, readCookies } from "../login/cookies.ts";
import { LOGIN_TTL, loginFits } from "../login/login-cookies.ts";
import type { OAuthProxyOptions } from "../options.ts";
import { answeringBrowserErrors, BrowserError } from "../pages/browser-error.ts";
import { consentPage } from "../pages/consent-page.ts";
import type { Requester } from "../pages/consent-requester.ts";
import { displayName } from "../pages/display-name.ts";
import type { PageAction } from "../pages/error-page.ts";
import { splitHost } from "../pages/registrable-domain.ts";
import { chosenScopes } from "../protocol/chosen-scopes.ts";
import { type Parameters, readUniqueParameters, requireParameter } from "../protocol/parameters.ts";
import { type AuthorizationRequest, type ConsentForm, openToken, sealToken } from "../tokens/sealed-tokens.ts";
import { familyOf } from "../tokens/token-keys.ts";

const BROWSER_COOKIE = "browser";
const FORM_TTL = 3600;

/** Longer than any form that is bound to it. */
const BROWSER_COOKIE_TTL = 2 * FORM_TTL;

/**
 * Asks the user. The page carries the whole request, sealed, and the hash of a cookie, so that only the browser it was
 * shown to can answer it.
 *
 * @throws OAuthError `invalid_request` when the request is too long to be kept in a cookie later.
 */
export async function showConsent(
  context: ProxyContext,
  { upstream, keyring }: ProviderSession,
  client: Client,
  authorizationRequest: AuthorizationRequest,
  request: EndpointRequest,
  { freshBrowser }: { readonly freshBrowser: boolean },
): Promise<EndpointResponse> {
  const { options, urls, cookieNames } = context;
  if (!(await loginFits(keyring, authorizationRequest))) {
    throw new OAuthError(
      "invalid_request",
      "The authorization request is too long: shorten state, scope or redirect_uri.",
    );
  }
  const known = readCookies(request, cookieNames).get(BROWSER_COOKIE);
  // Tabs share the cookie, so that all of their pages stay valid.
  const browser = !freshBrowser && known !== undefined && /^[\w-]{22,64}$/.test(known) ? known : randomId();
  const form = await sealToken(keyring, "consent", {
    clientId: client.id,
    browserHash: sha256Base64url(browser),
    expiresAt: options.clock() + FORM_TTL,
    request: authorizationRequest,
  });
  options.logger.info({ event: "consent-shown", client: client.hash }, "A client asks for a login");
  const frame = frameFor(context.site, request, authorizationRequest.loginParameters?.ui_locales ?? "");
  const page = consentPage(
    {
      requester: await requesterOf(client, authorizationRequest.redirectUri),
      asked: {
        scopes: authorizationRequest.scopes,
        requiredScopes: options.requiredScopes,
        fixedScopes: fixedScopes(options),
        descriptions: context.site.scopeDescriptions ?? {},
      },
      providerHost: new URL(upstream.client.metadata.authorizationEndpoint).host,
      offersAnotherAccount: upstream.client.accountPrompt !== undefined,
      sessionTtl: options.sessionTtl,
      resource: options.resource,
      action: urls.consent,
      form,
      repeatedAt: freshBrowser ? authorizationLocation(context, client.id, authorizationRequest) : undefined,
    },
    frame,
  );
  return {
    ...pageResponse(freshBrowser ? 403 : 200, page, frame),
    cookies: [cookieFor(cookieNames, BROWSER_COOKIE, browser, BROWSER_COOKIE_TTL)],
  };
}

async function requesterOf(client: Client, redirectUri: string): Promise<Requester> {
  const parsed = parseRedirectUri(redirectUri);
  const isWeb = "uri" in parsed && parsed.kind === "web";
  return {
    name: client.name && displayName(client.name),
    redirectUri,
    metadataHost: client.metadataHost === undefined ? undefined : await splitHost(client.metadataHost),
    redirectHost: isWeb ? await splitHost(parsed.host) : undefined,
  };
}

/** What the user can't leave out: without the required scopes no token is accepted, and refresh tokens come anyway. */
function fixedScopes({ requiredScopes }: OAuthProxyOptions): readonly string[] {
  return [...requiredScopes, OFFLINE_ACCESS];
}

/**
 * Takes the answer to the consent page: on Allow, and only then, the login at the provider begins. Whoever opens the
 * address that the answer went to learns what to do.
 */
export function createConsentEndpoint(context: ProxyContext): Endpoint {
  return answeringBrowserErrors(context, {
    path: "/consent",
    methods: ["GET", "POST"],
    body: "form",
    crossOrigin: false,
    limit: "requests",
    handle: (request) => (request.method === "GET" ? answerWithoutForm() : takeAnswer(context, request)),
  });
}

async function answerWithoutForm(): Promise<EndpointResponse> {
  throw new BrowserError("Nothing is to be answered here. Start again in the application.", {
    kind: "answerExpired",
    status: 405,
    headers: { Allow: "POST" },
  });
}

async function takeAnswer(context: ProxyContext, request: EndpointRequest): Promise<EndpointResponse> {
  const session = requireProvider(context);
  const parameters = readUniqueParameters(request);
  const form = await openForm(context, session, requireParameter(parameters, "request"));
  const client = await findClient(context, form.clientId, request.clientAddress);
  const blocked = client && (await context.options.store.denied([["deny-client", client.hash]])) !== undefined;
  if (client === undefined || blocked || !mayBeRedirectedTo(context, client, form.request.redirectUri)) {
    throw new BrowserError("This application or its address is no longer allowed here.", {
      code: "unauthorized_client",
      kind: "notAllowed",
    });
  }
  const browser = readCookies(request, context.cookieNames).get(BROWSER_COOKIE);
  if (browser === undefined || !timingSafeEqualStrings(sha256Base64url(browser), form.browserHash)) {
    return showConsent(context, session, client, form.request, request, { freshBrowser: true });
  }
  const decision = parameters.get("decision");
  if (decision === "allow" && allowsNothing(context, form.request, parameters)) {
    context.options.logger.info(
      { event: "consent-denied", client: client.hash },
      "The user allowed none of the scopes",
    );
    const error = new OAuthError("access_denied", "The user allowed none of the scopes that were asked for.");
    return redirectWithError(context, request, form.request, error, "denied");
  }
  if (decision === "allow") {
    const loginId = newLoginId();
    context.options.logger.info(
      { event: "consent-approved", login: familyOf(loginId), client: client.hash },
      "The user approved a client and goes to the identity provider",
    );
    const authorizationRequest = approvedRequest(context, session, form.request, parameters);
    const startedAt = context.options.clock();
    const expiresAt = startedAt + LOGIN_TTL;
    return beginLogin(context, session, { loginId, authorizationRequest, startedAt, expiresAt }, request);
  }
  if (decision === "deny") {
    context.options.logger.info({ event: "consent-denied", client: client.hash }, "The user refused a client");
    const error = new OAuthError("access_denied", "The user refused access.");
    return redirectWithError(context, request, form.request, error, "denied");
  }
  throw new BrowserError("The answer is neither Allow nor Deny. Start again in the application.", {
    kind: "badRequest",
    action: askAgain(context, form),
  });
}

/**
 * Whether no scope is left: a token response can't say so (RFC 6749 sections 3.3 and 5.1), and would seem to grant all.
 */
function allowsNothing({ options }: ProxyContext, asked: AuthorizationRequest, answer: Parameters): boolean {
  return asked.scopes.length > 0 && chosenScopes(asked.scopes, fixedScopes(options), answer).length === 0;
}

/** What the user approved: never more than the form holds. */
function approvedRequest(
  { options }: ProxyContext,
  { upstream }: ProviderSession,
  asked: AuthorizationRequest,
  answer: Parameters,
): AuthorizationRequest {
  const scopes = chosenScopes(asked.scopes, fixedScopes(options), answer);
  const { accountPrompt } = upstream.client;
  if (answer.get("account") === undefined || accountPrompt === undefined) {
    return { ...asked, scopes };
  }
  const prompts = new Set([...(asked.loginParameters?.prompt?.split(" ") ?? []), accountPrompt]);
  // The hint names the account that the user wants to leave.
  const { login_hint: _left, ...loginParameters } = asked.loginParameters ?? {};
  return { ...asked, scopes, loginParameters: { ...loginParameters, prompt: [...prompts].join(" ") } };
}

/** The client of a form, unless its document has become one that can't be used. */
async function findClient(context: ProxyContext, clientId: string, from: string): Promise<Client | undefined> {
  try {
    return await context.resolveClient(clientId, from);
  } catch (error) {
    if (error instanceof OAuthError && error.code === "invalid_client") {
      return undefined;
    }
    throw error;
  }
}

/** Not even a client whose document has changed since is sent where it no longer says. */
function mayBeRedirectedTo({ redirectPolicy }: ProxyContext, client: Client, uri: string): boolean {
  const redirectUri = parseRedirectUri(uri);
  return "uri" in redirectUri && isRegistered(redirectUri, client.redirectUris) && redirectPolicy(redirectUri);
}

async function openForm(context: ProxyContext, { keyring }: ProviderSession, sealed: string): Promise<ConsentForm> {
  const form = (await openToken(keyring, "consent", sealed))?.contents;
  if (form === undefined || form.expiresAt <= context.options.clock()) {
    const action = form && askAgain(context, form);
    const message = "This page has expired. Start again in the application.";
    throw new BrowserError(message, { kind: "pageExpired", ...(action !== undefined && { action }) });
  }
  return form;
}

/** Leads to the same question. The request was good, and is checked again. */
function askAgain(context: ProxyContext, { clientId, request }: ConsentForm): PageAction {
  return { href: authorizationLocation(context, clientId, request), text: "openAgain" };
}

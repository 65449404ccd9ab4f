import type { Endpoint, EndpointRequest, EndpointResponse } from "../../endpoint.ts";
import { OAuthError } from "../../errors.ts";
import type { Client } from "../clients/client.ts";
import { isRegistered, parseRedirectUri, type RedirectUri } from "../clients/redirect-uris.ts";
import { type ProxyContext, requireProvider } from "../context.ts";
import { readAuthorizationRequest } from "../login/authorization-request.ts";
import { answerUnapprovedError } from "../login/unapproved-error.ts";
import { answeringBrowserErrors, BrowserError } from "../pages/browser-error.ts";
import { type Parameters, readParameters } from "../protocol/parameters.ts";
import { showConsent } from "./consent.ts";

/**
 * The authorization endpoint (RFC 6749 section 3.1). A good request is answered with the consent page itself, whoever
 * asks and however often. A bad client or redirect URI gets an error page or JSON, never a redirect; everything else
 * that is wrong goes to the client's redirect URI, though not by itself to addresses on the internet.
 */
export function createAuthorizationEndpoint(context: ProxyContext): Endpoint {
  return answeringBrowserErrors(context, {
    path: "/authorize",
    methods: ["GET", "POST"],
    body: "form",
    crossOrigin: false,
    limit: "requests",
    handle: (request) => authorize(context, request),
  });
}

async function authorize(context: ProxyContext, request: EndpointRequest): Promise<EndpointResponse> {
  const parameters = readParameters(request);
  const client = await requireClient(context, parameters, request.clientAddress);
  const redirectUri = requireRedirectUri(context, client, parameters);
  const session = requireProvider(context);
  try {
    const asked = readAuthorizationRequest(parameters, client, redirectUri.uri, context.options, session);
    return await showConsent(context, session, client, asked, request, { freshBrowser: false });
  } catch (error) {
    if (!(error instanceof OAuthError)) {
      throw error;
    }
    const { logger } = context.options;
    logger.info({ event: "authorization-refused", client: client.hash, error: error.code }, error.message);
    return answerUnapprovedError(context, request, redirectUri, parameters.get("state"), error);
  }
}

async function requireClient(context: ProxyContext, parameters: Parameters, from: string): Promise<Client> {
  const { store } = context.options;
  const clientId = parameters.get("client_id");
  if (clientId === undefined) {
    throw new BrowserError(`The parameter client_id is ${absence(parameters, "client_id")}.`, badClient());
  }
  const client = await resolveClient(context, clientId, parameters, from);
  if (client === undefined) {
    throw new BrowserError(
      "This server does not know the client_id. An MCP client registers again by a POST to the registration_endpoint and repeats the login. If this persists, clear the application's stored credentials for this server and connect again.",
      badClient(context, parameters),
    );
  }
  if ((await store.denied([["deny-client", client.hash]])) !== undefined) {
    throw new BrowserError("The operator of this server has blocked this application.", {
      code: "unauthorized_client",
      kind: "blocked",
    });
  }
  return client;
}

async function resolveClient(
  context: ProxyContext,
  clientId: string,
  parameters: Parameters,
  from: string,
): Promise<Client | undefined> {
  try {
    return await context.resolveClient(clientId, from);
  } catch (error) {
    // 401 is for requests that authenticate a client.
    throw error instanceof OAuthError && error.code === "invalid_client"
      ? new BrowserError(error.message, badClient(context, parameters))
      : error;
  }
}

function badClient(context?: ProxyContext, parameters?: Parameters) {
  const state = parameters?.get("state");
  return {
    kind: "unregistered" as const,
    ...(context !== undefined && {
      members: {
        registration_endpoint: context.urls.registration,
        authorization_server_metadata: context.urls.metadata,
        ...(state !== undefined && { state }),
      },
      headers: { Link: `<${context.urls.registration}>; rel="http://oauth.net/core/2.1/#registration"` },
    }),
  };
}

function requireRedirectUri(context: ProxyContext, client: Client, parameters: Parameters): RedirectUri {
  const refuse = (message: string) => new BrowserError(message, { kind: "badAddress" });
  const [only, ...others] = client.redirectUris;
  const sent = parameters.get("redirect_uri");
  const uri = sent ?? (others.length === 0 && !parameters.repeated.has("redirect_uri") ? only : undefined);
  if (uri === undefined) {
    throw refuse(`The parameter redirect_uri is ${absence(parameters, "redirect_uri")}.`);
  }
  const parsed = parseRedirectUri(uri);
  if ("problem" in parsed) {
    throw refuse(`The redirect_uri ${parsed.problem}.`);
  }
  if (!isRegistered(parsed, client.redirectUris)) {
    throw refuse(
      "The redirect_uri is not one that the application registered. An MCP client registers again with the redirect URI that it uses.",
    );
  }
  if (!context.redirectPolicy(parsed)) {
    throw refuse(
      "This server does not allow the redirect_uri. Its operator can allow it with ALLOWED_CLIENT_REDIRECT_URIS.",
    );
  }
  return parsed;
}

function absence({ repeated }: Parameters, name: string): string {
  return repeated.has(name) ? "there more than once" : "missing";
}

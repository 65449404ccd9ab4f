import type { Logger } from "../../logger.ts";
import { noAdvice } from "../../provider-advice.ts";
import { createOAuthProxy } from "../../proxy/oauth-proxy.ts";
import { createRootKeys } from "../../sealing/root-keys.ts";
import type { AuthorizationCodeClientOptions } from "../../upstream/authorization-code-client.ts";
import { createUpstreamConnection } from "../../upstream/connection.ts";
import { withOrganizations } from "../../upstream/organization-policy.ts";
import type { Upstream } from "../../upstream/upstream.ts";
import type { AuthProvider, AuthProviderContext } from "../auth-provider.ts";
import { endpointBase, issuerIdentifier, resourceIdentifier } from "./base-url.ts";
import { checkCredentialsBeside } from "./credentials-check.ts";
import { enterpriseOf } from "./enterprise.ts";
import { organizationPolicy } from "./organizations.ts";
import type { ProxyDeclaration, ProxySettings } from "./proxy-settings.ts";
import { exchangeAt } from "./token-exchange.ts";

const SHORT_KEY = 16;

/** What differs between the kinds of proxy: how the identity provider becomes known. */
export interface UpstreamSource {
  /** Asks for the provider. A rejection with `UpstreamError` of kind `unavailable` is tried again; any other is final. */
  discover(context: AuthProviderContext): Promise<Upstream>;
  /** The metadata document, where there is one. */
  readonly configUrl?: URL;
  /** What to check while the provider can't be reached: a sentence. */
  readonly hint?: string;
}

/** What the OIDC and the OAuth proxy have in common: an authorization server of our own in front of `source`'s provider. */
export function proxyProvider(settings: ProxySettings & ProxyDeclaration, source: UpstreamSource): AuthProvider {
  const { baseUrl, requiredScopes } = settings;
  const base = endpointBase(baseUrl);
  const issuer = issuerIdentifier(settings.issuerUrl ?? baseUrl);
  const callback = `${base}${settings.redirectPath}`;
  const organizations = organizationPolicy(settings);
  const discover = async (context: AuthProviderContext) => {
    const upstream = await source.discover(context);
    return organizations === undefined ? upstream : withOrganizations(upstream, organizations);
  };
  return {
    baseUrl,
    upstream: {
      kind: "application",
      callbackUrl: callback,
      requiredScopes,
      ...(source.configUrl && { configUrl: source.configUrl }),
      discover,
    },
    authenticate(context) {
      const resource = resourceIdentifier(baseUrl, context.mcpPath);
      const connection = createUpstreamConnection({
        discover: async () => {
          const upstream = await discover(context);
          checkCredentialsBeside(upstream.client, callback, context.logger);
          return upstream;
        },
        logger: context.logger,
        ...(source.hint === undefined ? {} : { hint: source.hint }),
      });
      adviseOperator(settings, callback, context.logger);
      const proxy = createOAuthProxy({
        ...context,
        baseUrl: base,
        issuer,
        resource,
        redirectPath: settings.redirectPath,
        requiredScopes,
        scopesSupported: [
          ...new Set([...requiredScopes, ...(settings.validScopes ?? []), ...context.registrationScopes]),
        ],
        allowedClientRedirectUris: settings.allowedClientRedirectUris,
        clientIdMetadataHosts: settings.clientIdMetadataHosts,
        rootKeys: createRootKeys({
          secret: settings.jwtSigningKey ?? settings.clientSecret ?? "",
          previousSecrets: settings.jwtSigningKeyPrevious ?? [],
        }),
        enterprise: enterpriseOf(settings, context),
        ...(settings.machineClients !== undefined && {
          machines: {
            clients: settings.machineClients,
            acceptUpstreamTokens: settings.acceptUpstreamTokens ?? false,
          },
        }),
        providerClassPath: settings.classPath,
        upstreamClientId: settings.clientId,
        advice: settings.advice ?? noAdvice,
        upstream: () => connection.current(),
        variables: {
          clientId: settings.nameOf("clientId"),
          clientSecret: settings.nameOf("clientSecret"),
          audience: settings.audienceSetting && settings.nameOf(settings.audienceSetting),
          requiredScopes: settings.nameOf("requiredScopes"),
          baseUrl: settings.nameOf("baseUrl"),
          organization: {
            allowed: settings.nameOf(settings.organization === undefined ? "allowedOrganizations" : "organization"),
            claim: settings.nameOf("organizationClaim"),
          },
        },
      });
      return {
        resource,
        verifier: proxy.verifier,
        requiredScopes,
        ...(settings.exchangesTokens && { exchange: exchangeAt(() => connection.current(), settings) }),
        authorizationServers: [issuer],
        endpoints: proxy.endpoints,
        start: () => connection.start(),
        ready: () => connection.current() !== undefined,
        close: async () => connection.close(),
      };
    },
  };
}

function adviseOperator(settings: ProxySettings & ProxyDeclaration, callback: string, logger: Logger): void {
  logger.info({ callback }, `The identity provider must allow this callback URL: ${callback}`);
  if ((settings.jwtSigningKey?.length ?? Number.POSITIVE_INFINITY) < SHORT_KEY) {
    const key = settings.nameOf("jwtSigningKey");
    logger.warn(
      {},
      `${key} is so short that it can be guessed from any client id. Set it to a random text of 32 characters or more.`,
    );
  }
  if (settings.jwtSigningKey === undefined) {
    const key = settings.nameOf("jwtSigningKey");
    const secret = settings.nameOf("clientSecret");
    logger.info(
      {},
      `Tokens are sealed under ${secret}. Set ${key} to a random text of 32 characters or more, and changing ${secret} ends no session.`,
    );
  }
}

/** The settings of our client at the provider, which both kinds of proxy make in the same way. */
export function clientSettings(
  settings: ProxySettings & ProxyDeclaration,
  { clock, logger }: AuthProviderContext,
): Omit<AuthorizationCodeClientOptions, "metadata"> {
  const { clientId, clientSecret, tokenEndpointAuthMethod, extraAuthorizeParams, extraTokenParams } = settings;
  return {
    clientId,
    clientSecret,
    tokenEndpointAuthMethod,
    extraAuthorizeParams,
    extraTokenParams,
    timeout: settings.timeoutSeconds,
    advice: settings.advice,
    variables: { clientId: settings.nameOf("clientId"), clientSecret: settings.nameOf("clientSecret") },
    clock,
    logger,
  };
}

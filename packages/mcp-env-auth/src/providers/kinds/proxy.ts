import { withOrganizations } from "../../upstream/organization-policy.ts";
import type { Upstream } from "../../upstream/upstream.ts";
import type { AuthProvider, AuthProviderContext } from "../auth-provider.ts";
import { endpointBase, issuerIdentifier, resourceIdentifier } from "../fields/base-url.ts";
import { organizationPolicy } from "./organizations.ts";
import type { OAuthProxySettings, OidcProxySettings, ProxyDeclaration, ProxySettings } from "./proxy-settings.ts";

/** What differs between the kinds of proxy: how the identity provider becomes known. */
interface UpstreamSource {
  /**
   * Asks for the provider. A rejection with `UpstreamError` of kind `unavailable` is tried again; any other is final.
   */
  discover(context: AuthProviderContext): Promise<Upstream>;
  /** The metadata document, where there is one. */
  readonly configUrl?: URL;
  /** What to check while the provider can't be reached: a sentence. */
  readonly hint?: string;
}

/**
 * What the OIDC and the OAuth proxy have in common: an authorization server of our own in front of `source`'s provider.
 */
function proxyProvider(settings: ProxySettings & ProxyDeclaration, source: UpstreamSource): AuthProvider {
  const { baseUrl, resourceBaseUrl = baseUrl, requiredScopes } = settings;
  const callbackUrl = `${endpointBase(baseUrl)}${settings.redirectPath}`;
  const organizations = organizationPolicy(settings);
  const discover = async (context: AuthProviderContext) => {
    const upstream = await source.discover(context);
    return organizations === undefined ? upstream : withOrganizations(upstream, organizations);
  };
  return {
    baseUrl,
    upstream: {
      kind: "application",
      callbackUrl,
      requiredScopes,
      offeredScopes: settings.validScopes ?? [],
      ...(source.configUrl && { configUrl: source.configUrl }),
      discover,
    },
    describe: (mcpPath) => ({
      resource: resourceIdentifier(resourceBaseUrl, mcpPath),
      requiredScopes,
      authorizationServers: [issuerIdentifier(settings.issuerUrl ?? baseUrl)],
    }),
    async authenticate(context) {
      const { authenticateByProxy } = await import("./proxy-authentication.ts");
      const resource = resourceIdentifier(resourceBaseUrl, context.mcpPath);
      return authenticateByProxy(settings, { resource, callbackUrl, discover, hint: source.hint }, context);
    },
  };
}

/** Kind: an OAuth proxy in front of an OpenID Connect provider without usable dynamic client registration. */
export function oidcProxy(settings: OidcProxySettings): AuthProvider {
  return proxyProvider(
    { addressSetting: "configUrl", ...settings },
    {
      async discover(context) {
        const { discoverOidcUpstream } = await import("./oidc-upstream.ts");
        return discoverOidcUpstream(settings, context);
      },
      configUrl: settings.configUrl,
      hint: `Check ${settings.nameOf("configUrl")} and this machine's connection.`,
    },
  );
}

/** Kind: an OAuth proxy in front of a provider whose endpoints are known without discovery. */
export function oauthProxy(settings: OAuthProxySettings): AuthProvider {
  return proxyProvider(settings, {
    async discover(context) {
      const { createOAuthUpstream } = await import("./oauth-upstream.ts");
      return createOAuthUpstream(settings, context);
    },
  });
}

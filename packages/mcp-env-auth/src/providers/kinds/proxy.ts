import { createOAuthProxy } from "../../proxy/oauth-proxy.ts";
import { createRootKeys } from "../../sealing/root-keys.ts";
import type { UpstreamConnection } from "../../upstream/upstream.ts";
import type { AuthProvider, AuthProviderContext } from "../auth-provider.ts";
import { endpointBase, issuerIdentifier, resourceIdentifier } from "./base-url.ts";
import type { ProxyDeclaration, ProxySettings } from "./proxy-settings.ts";

/** What differs between the kinds of proxy: how the identity provider becomes known. */
export type Connect = (context: AuthProviderContext, redirectUri: string) => UpstreamConnection;

/** What the OIDC and the OAuth proxy have in common: an authorization server of our own in front of `connect`'s provider. */
export function proxyProvider(settings: ProxySettings, declaration: ProxyDeclaration, connect: Connect): AuthProvider {
  const { baseUrl, requiredScopes } = settings;
  const base = endpointBase(baseUrl);
  const issuer = issuerIdentifier(settings.issuerUrl ?? baseUrl);
  return {
    baseUrl,
    authenticate(context) {
      const resource = resourceIdentifier(baseUrl, context.mcpPath);
      const connection = connect(context, `${base}${settings.redirectPath}`);
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
        rootKeys: createRootKeys({
          secret: settings.jwtSigningKey ?? settings.clientSecret ?? "",
          previousSecrets: settings.jwtSigningKeyPrevious ?? [],
        }),
        providerClassPath: declaration.classPath,
        upstreamClientId: settings.clientId,
        upstream: () => connection.current(),
        variables: {
          clientId: `${declaration.prefix}CLIENT_ID`,
          clientSecret: `${declaration.prefix}CLIENT_SECRET`,
          audience: `${declaration.prefix}AUDIENCE`,
          requiredScopes: `${declaration.prefix}REQUIRED_SCOPES`,
          baseUrl: `${declaration.prefix}BASE_URL`,
        },
      });
      return {
        resource,
        verifier: proxy.verifier,
        requiredScopes,
        authorizationServers: [issuer],
        endpoints: proxy.endpoints,
        start: () => connection.start(),
        ready: () => connection.current() !== undefined,
        close: async () => connection.close(),
      };
    },
  };
}

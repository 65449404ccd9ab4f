import type { ProviderScopes } from "../../upstream/authorization-code-client.ts";
import type { UpstreamClient } from "../../upstream/upstream-client.ts";
import type { UpstreamTokenVerifier } from "../../upstream/upstream-token.ts";
import type { AuthProvider, AuthProviderContext } from "../auth-provider.ts";
import { proxyProvider } from "./proxy.ts";
import type { ProxyDeclaration, ProxySettings } from "./proxy-settings.ts";

export interface OAuthProxySettings extends ProxySettings, ProxyDeclaration {
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly revocationEndpoint?: string;
  /** Ends a token at the provider, where that is not done by RFC 7009. */
  readonly revoke?: UpstreamClient["revoke"];
  /** Whether `offline_access` is how a refresh token is asked for. */
  readonly offlineAccess?: boolean;
  readonly providerScopes?: ProviderScopes;
  /** Scopes of which each login asks for one at least (else for the first), so that the provider tells whose its token is. */
  readonly identityScopes?: readonly string[];
  /** Makes the verifier of the provider's access tokens. */
  readonly createVerifier: (context: AuthProviderContext) => UpstreamTokenVerifier | Promise<UpstreamTokenVerifier>;
  /** Whether they are verified by signature, or looked up once per exchange and refresh. */
  readonly tokenKind: "jwt" | "opaque";
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

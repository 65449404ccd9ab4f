import type { AuthProvider } from "../auth-provider.ts";
import { proxyProvider } from "./proxy.ts";
import type { OAuthProxySettings } from "./proxy-settings.ts";

/** Kind: an OAuth proxy in front of a provider whose endpoints are known without discovery. */
export function oauthProxy(settings: OAuthProxySettings): AuthProvider {
  return proxyProvider(settings, {
    async discover(context) {
      const { createOAuthUpstream } = await import("./oauth-upstream.ts");
      return createOAuthUpstream(settings, context);
    },
  });
}

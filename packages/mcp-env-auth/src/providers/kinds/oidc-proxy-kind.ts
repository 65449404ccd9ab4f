import type { AuthProvider } from "../auth-provider.ts";
import { proxyProvider } from "./proxy.ts";
import type { OidcProxySettings } from "./proxy-settings.ts";

/** Kind: an OAuth proxy in front of an OpenID Connect provider without usable dynamic client registration. */
export function oidcProxy(settings: OidcProxySettings): AuthProvider {
  return proxyProvider(settings, {
    async discover(context) {
      const { discoverOidcUpstream } = await import("./oidc-upstream.ts");
      return discoverOidcUpstream(settings, context);
    },
    configUrl: settings.configUrl,
    hint: `Check ${settings.nameOf("configUrl")} and this machine's connection.`,
  });
}

import type { AuthProvider } from "../auth-provider.ts";
import { proxyProvider } from "./proxy.ts";
import type { ProxyDeclaration, ProxySettings } from "./proxy-settings.ts";

export interface OidcProxySettings extends ProxySettings, ProxyDeclaration {
  /** The provider's discovery document (OpenID Connect Discovery 1.0 section 4). */
  readonly configUrl: URL;
  /** What a discovery URL of this provider looks like, for error messages. */
  readonly configUrlExample?: string;
  /** Sent at authorize, token and refresh, and required in `aud`. Absent: tokens of every audience are taken. */
  readonly audience?: string;
  /** Issuers to accept although they do not fit `configUrl`: for a provider known to break that rule. */
  readonly otherIssuers?: readonly string[];
  /** The claims that list scopes. Default `scope`, `scp` and `permissions`. */
  readonly scopeClaims?: readonly string[];
  /** Scopes that count as carried by every token: those that the provider grants and never writes down. */
  readonly impliedScopes?: readonly string[];
  /** What this provider's tokens are held to beyond signature, issuer, audience and times. @throws UpstreamTokenError */
  readonly checkClaims?: (claims: Readonly<Record<string, unknown>>) => void;
}

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

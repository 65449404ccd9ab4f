import type { AuthProvider } from "../auth-provider.ts";
import type { ProxyDeclaration, ProxySettings } from "./proxy-settings.ts";

export type { ProxySettings } from "./proxy-settings.ts";

export interface OidcProxySettings extends ProxySettings, ProxyDeclaration {
  /** The variable that names the discovery document, for error messages. */
  readonly configUrlVariable: string;
  readonly configUrl: URL;
  /** Sent at authorize, token and refresh, and required in `aud`. */
  readonly audience?: string;
}

/** Kind: an OAuth proxy in front of an OpenID Connect provider without usable dynamic client registration. */
export function oidcProxy(_settings: OidcProxySettings): AuthProvider {
  throw new Error("not written yet");
}

import type { AuthProvider } from "../auth-provider.ts";

/** Settings that every OAuth and OIDC proxy shares, under the names of FastMCP's constructor in camel case. */
export interface ProxySettings {
  readonly clientId: string;
  readonly clientSecret?: string;
  readonly baseUrl: URL;
  readonly issuerUrl?: URL;
  /** Default `/auth/callback`. */
  readonly redirectPath: string;
  readonly requiredScopes: readonly string[];
  /** Scopes that a client may ask for beyond the required ones and those of registrations. */
  readonly validScopes?: readonly string[];
  /** Patterns; absent: any redirect URI that the client registered; empty: none. */
  readonly allowedClientRedirectUris?: readonly string[];
  readonly jwtSigningKey?: string;
  readonly jwtSigningKeyPrevious?: readonly string[];
  readonly extraAuthorizeParams?: Readonly<Record<string, string>>;
  readonly extraTokenParams?: Readonly<Record<string, string>>;
  readonly tokenEndpointAuthMethod?: "client_secret_basic" | "client_secret_post" | "none";
}

export interface OidcProxySettings extends ProxySettings {
  /** The declaration's class path: part of what keys are derived from. */
  readonly classPath: string;
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

import type { ProviderAdvice } from "../../provider-advice.ts";
import type { ProviderScopes } from "../../upstream/authorization-code-client.ts";
import type { OfflineAccess } from "../../upstream/offline-access.ts";
import type { UpstreamClient } from "../../upstream/upstream-client.ts";
import type { UpstreamTokenVerifier } from "../../upstream/upstream-token.ts";
import type { AuthProviderContext } from "../auth-provider.ts";
import type { OrganizationSettings } from "./organizations.ts";

/** Settings that every OAuth and OIDC proxy shares, under the names of FastMCP's constructor in camel case. */
export interface ProxySettings extends OrganizationSettings {
  readonly clientId: string;
  readonly clientSecret?: string;
  readonly baseUrl: URL;
  readonly issuerUrl?: URL;
  /** Default `/auth/callback`. */
  readonly redirectPath: string;
  readonly requiredScopes: readonly string[];
  /** The claim that identifies a user. Default `sub`. */
  readonly subjectClaim?: string;
  /** Scopes that a client may ask for beyond the required ones and those of registrations. */
  readonly validScopes?: readonly string[];
  /** Patterns; absent: any redirect URI that the client registered; empty: none. */
  readonly allowedClientRedirectUris?: readonly string[];
  /** Hosts that documents of clients are fetched from; absent: any public one; empty: none. */
  readonly clientIdMetadataHosts?: readonly string[];
  /** Client ids of applications at the provider that may use the server without a user; `*` among them: any. */
  readonly machineClients?: readonly string[];
  /** Whether their access tokens of the provider's are accepted at the MCP endpoint. Default false. */
  readonly acceptUpstreamTokens?: boolean;
  /** Issuers of enterprises whose assertions open sessions, and the organizations that their users belong to. */
  readonly trustedAssertionIssuers?: readonly string[];
  readonly assertionIssuerOrganizations?: Readonly<Record<string, string>>;
  /** The client that may exchange the provider's tokens for those of other APIs. */
  readonly tokenExchangeClientId?: string;
  readonly tokenExchangeClientSecret?: string;
  readonly jwtSigningKey?: string;
  readonly jwtSigningKeyPrevious?: readonly string[];
  readonly extraAuthorizeParams?: Readonly<Record<string, string>>;
  readonly extraTokenParams?: Readonly<Record<string, string>>;
  readonly tokenEndpointAuthMethod?: "client_secret_basic" | "client_secret_post" | "none";
  /** How the provider is asked for a refresh token. Default: by scope, where its metadata lists that. */
  readonly offlineAccess?: OfflineAccess;
  /** Whether the end of a session also ends its token at the provider. Default true. */
  readonly revokeUpstream?: boolean;
  /** How long the provider has for one answer. Default 10. */
  readonly timeoutSeconds?: number;
}

/** What a declaration says of itself to the proxy that it composes. */
export interface ProxyDeclaration {
  /** Whether it has the settings for the exchange of tokens. */
  readonly exchangesTokens?: boolean;
  /** Part of what keys are derived from, so that a change of provider takes no old session along. */
  readonly classPath: string;
  /** Whether its access tokens and id tokens name a user by the same `sub`. Default false. */
  readonly sameSubject?: boolean;
  /** The setting to check when a token is for something else. Absent: the provider knows no audience. */
  readonly audienceSetting?: string;
  /** What a setting is called where it came from (a variable, or an option in code), for messages that name one. */
  nameOf(setting: string): string;
  /** For messages about what goes wrong at this provider. */
  readonly advice?: ProviderAdvice | undefined;
}

export interface OAuthProxySettings extends ProxySettings, ProxyDeclaration {
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly revocationEndpoint?: string;
  /** Ends a token at the provider, where that is not done by RFC 7009. */
  readonly revoke?: UpstreamClient["revoke"];
  readonly providerScopes?: ProviderScopes;
  /**
   * Scopes of which each login asks for one at least (else for the first), so that the provider tells whose its token
   * is.
   */
  readonly identityScopes?: readonly string[];
  /** Makes the verifier of the provider's access tokens. */
  readonly createVerifier: (context: AuthProviderContext) => UpstreamTokenVerifier | Promise<UpstreamTokenVerifier>;
  /** Whether they are verified by signature, or looked up once per exchange and refresh. */
  readonly tokenKind: "jwt" | "opaque";
}

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
  /**
   * What this provider's tokens are held to beyond signature, issuer, audience and times. @throws UpstreamTokenError
   */
  readonly checkClaims?: (claims: Readonly<Record<string, unknown>>) => void;
}

import type { ProviderAdvice } from "../../provider-advice.ts";
import type { ProviderScopes } from "../../upstream/authorization-code-client.ts";
import type { PromptSupport } from "../../upstream/merge-login-parameters.ts";
import type { OfflineAccess } from "../../upstream/offline-access.ts";
import type { UpstreamTokenExchange } from "../../upstream/token-exchange.ts";
import type { UpstreamClient } from "../../upstream/upstream-client.ts";
import type { UpstreamTokenVerifier } from "../../upstream/upstream-token.ts";
import type { AuthProviderContext } from "../auth-provider.ts";
import { resourceIdentifier } from "../fields/base-url.ts";
import type { OrganizationSettings } from "./organizations.ts";

/** Settings that every OAuth and OIDC proxy shares, under the names of FastMCP's constructor in camel case. */
export interface ProxySettings extends OrganizationSettings {
  readonly clientId: string;
  readonly clientSecret?: string;
  readonly baseUrl: URL;
  /** Where the MCP endpoint is. Default `baseUrl`. */
  readonly resourceBaseUrl?: URL;
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
  /** Hosts of metadata documents whose public clients may bring such assertions. Default none. */
  readonly assertionPublicClients?: readonly string[];
  /** The client that may exchange the provider's tokens for those of other APIs. */
  readonly tokenExchangeClientId?: string;
  readonly tokenExchangeClientSecret?: string;
  readonly jwtSigningKey?: string;
  readonly jwtSigningKeyPrevious?: readonly string[];
  /** Retired keys, which open client ids of public clients and nothing else. */
  readonly jwtSigningKeyRegistrations?: readonly string[];
  readonly extraAuthorizeParams?: Readonly<Record<string, string>>;
  readonly extraTokenParams?: Readonly<Record<string, string>>;
  readonly tokenEndpointAuthMethod?: "client_secret_basic" | "client_secret_post" | "none";
  /** How the provider is asked for a refresh token. Default: by scope, where its metadata lists that. */
  readonly offlineAccess?: OfflineAccess;
  /** Whether the end of a session also ends its token at the provider. Default true. */
  readonly revokeUpstream?: boolean;
  /** Seconds that the provider's tokens are valid, if it does not say. Default: until the limits of the server. */
  readonly fallbackAccessTokenExpirySeconds?: number;
  readonly fallbackRefreshTokenExpirySeconds?: number;
  /** Seconds by which access tokens end before the provider's. Default 0. */
  readonly tokenExpiryThresholdSeconds?: number;
  /** Sent as `resource` (RFC 8707). Default: the MCP URL if `forwardResource`, else nothing. */
  readonly resource?: string;
  readonly forwardResource?: boolean;
  /** Whether logins at the provider use PKCE. Default true. */
  readonly forwardPkce?: boolean;
  /** Hosts of the provider, with their port, that may be reached by http. */
  readonly plainHttpHosts?: readonly string[];
  /** How long the provider has for one answer. Default 10. */
  readonly timeoutSeconds?: number;
}

/** What a declaration says of itself to the proxy that it composes. */
export interface ProxyDeclaration {
  /** Whether it has the settings for the exchange of tokens. */
  readonly exchangesTokens?: boolean;
  /** Part of what keys are derived from, so that a change of provider takes no old session along. */
  readonly classPath: string;
  /** Whether a revocation ends all sessions of the user at the application. Default false: that one only. */
  readonly revokesAllSessions?: boolean;
  /** Whether its access tokens and id tokens name a user by the same `sub`. Default false. */
  readonly sameSubject?: boolean;
  /** The setting that says where the provider is. Absent: that is known. */
  readonly addressSetting?: string;
  /** The setting to check when a token is for something else. Absent: the provider knows no audience. */
  readonly audienceSetting?: string;
  /** What a setting is called where it came from (a variable, or an option in code), for messages that name one. */
  nameOf(setting: string): string;
  /**
   * Which values of `prompt` its authorization endpoint takes from clients. Default: what its metadata lists, else all.
   */
  readonly prompts?: PromptSupport;
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
  /** Makes the exchange of access tokens for those of other APIs. Absent: the provider has none. */
  readonly createExchange?: ((context: AuthProviderContext) => UpstreamTokenExchange | undefined) | undefined;
  /** Whether they are verified by signature, or looked up once per exchange and refresh. */
  readonly tokenKind: "jwt" | "opaque";
}

export interface OidcProxySettings extends ProxySettings, ProxyDeclaration {
  /** The provider's discovery document (OpenID Connect Discovery 1.0 section 4). */
  readonly configUrl: URL;
  /** What a discovery URL of this provider looks like, for error messages. */
  readonly configUrlExample?: string;
  /**
   * Sent at authorize, token and refresh, and required in `aud`. Absent: the resource is; without one, tokens of every
   * audience are taken.
   */
  readonly audience?: string;
  /** `false` where the provider has no parameter `audience`. Default true. */
  readonly sendsAudience?: boolean;
  /** Whether the id token of a login says whose its access token is, which is not read. Default false. */
  readonly verifyIdToken?: boolean;
  /** Algorithms of access tokens. Default: those that the metadata lists for id tokens. */
  readonly algorithm?: readonly string[];
  /** The issuer that the document must name, exactly. Default: the one that `configUrl` is made from. */
  readonly issuer?: string;
  /** The `iss` of access tokens, exactly. Default: what the document says. */
  readonly tokenIssuer?: string;
  /** The setting of `issuer`, and that of `plainHttpHosts`, where there is one, for messages. */
  readonly issuerSetting?: string;
  readonly plainHttpSetting?: string;
  /** Issuers to accept although they do not fit `configUrl`: for a provider known to break that rule. */
  readonly otherIssuers?: readonly string[];
  /** The claims that list scopes. Default `scope`, `scp` and `permissions`. */
  readonly scopeClaims?: readonly string[];
  /**
   * The provider's tokens have the claim that identifies a user, although its metadata does not list it. Default false.
   */
  readonly unlistedSubject?: boolean;
  /** Scopes that count as carried by every token: those that the provider grants and never writes down. */
  readonly impliedScopes?: readonly string[];
  /**
   * What this provider's tokens are held to beyond signature, issuer, audience and times. @throws UpstreamTokenError
   */
  readonly checkClaims?: (claims: Readonly<Record<string, unknown>>) => void;
}

/** The resource (RFC 8707) that the provider is asked for. */
export function requestedResource(
  { resource, forwardResource, baseUrl, resourceBaseUrl = baseUrl }: ProxySettings,
  mcpPath: string,
): string | undefined {
  return resource ?? (forwardResource ? resourceIdentifier(resourceBaseUrl, mcpPath) : undefined);
}

/** The setting to check when a token is for something else, where the provider knows audiences or resources. */
export function audienceVariable({
  audienceSetting,
  audience,
  resource,
  forwardResource,
  nameOf,
}: ProxySettings & ProxyDeclaration & { readonly audience?: unknown }): string | undefined {
  const asksForResource = audience === undefined && (resource !== undefined || forwardResource === true);
  const setting = asksForResource ? (resource === undefined ? "forwardResource" : "resource") : audienceSetting;
  return setting && nameOf(setting);
}

/**
 * What the provider is told a token is to be for, as phrases that name the settings; empty where it is told nothing.
 */
export function targetSettings(settings: ProxySettings & ProxyDeclaration & { readonly audience?: unknown }): string[] {
  const { audience, audienceSetting, resource, forwardResource, nameOf } = settings;
  const namesTarget = (params: Readonly<Record<string, string>> = {}) => "audience" in params || "resource" in params;
  return [
    ...(audience !== undefined && audienceSetting !== undefined ? [nameOf(audienceSetting)] : []),
    ...(resource !== undefined && resource !== audience ? [nameOf("resource")] : []),
    ...(resource === undefined && forwardResource ? [`the MCP URL (${nameOf("forwardResource")})`] : []),
    ...(namesTarget(settings.extraAuthorizeParams) ? [nameOf("extraAuthorizeParams")] : []),
    ...(namesTarget(settings.extraTokenParams) ? [nameOf("extraTokenParams")] : []),
  ];
}

/** The setting of a resource, where there is one and nothing of it is sent. */
export function unusedResource({ resource, forwardResource, nameOf }: ProxySettings & ProxyDeclaration) {
  return resource === undefined && forwardResource === false ? nameOf("resource") : undefined;
}

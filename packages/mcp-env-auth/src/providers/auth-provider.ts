import type { TokenExchange, TokenVerifier, UserClaims } from "../access-token.ts";
import type { Endpoint } from "../endpoint.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../logger.ts";
import type { SiteDetails } from "../pages/site.ts";
import type { LoginRecords } from "../proxy/tokens/login-records.ts";
import type { RecognizedValue } from "../proxy/tokens/recognize-value.ts";
import type { Keyring } from "../sealing/keyring.ts";
import type { GuardStore } from "../store/guard-store.ts";
import type { Upstream } from "../upstream/upstream.ts";
import type { UpstreamTokenVerifier } from "../upstream/upstream-token.ts";

/** What a server gives the provider that protects it. */
export interface AuthProviderContext {
  /** The path of the MCP endpoint, such as `/mcp`, without the path of BASE_URL. */
  readonly mcpPath: string;
  /** The name of the MCP server, for people. */
  readonly serverName: string;
  /** What else the pages that people see say of the server. */
  readonly site?: SiteDetails | undefined;
  /** Every scope that a registration names. */
  readonly registrationScopes: readonly string[];
  /** What a client that names no scope at a login is taken to ask for, beside the required ones. */
  readonly scopesAtLogin: readonly string[];
  /** Adds to scopes those that they imply by the server's `scopeHierarchy`. Absent: none imply others. */
  readonly withImpliedScopes?: ((scopes: readonly string[]) => readonly string[]) | undefined;
  readonly store: GuardStore;
  /** FASTMCP_RATE_LIMIT: how often one address may fail in a minute. 0, or absent: no limit. */
  readonly rateLimit?: number | undefined;
  /** FASTMCP_ACCESS_TOKEN_TTL, seconds. */
  readonly accessTokenTtl: number;
  /** FASTMCP_SESSION_TTL, seconds. */
  readonly sessionTtl: number;
  /** FASTMCP_TOKEN_EPOCH. */
  readonly tokenEpoch: string;
  /** Seconds for which something else may answer in the provider's place before the start fails. Default 0. */
  readonly providerPatience?: number | undefined;
  /** FASTMCP_TOKEN_FORMAT. */
  readonly tokenFormat: "sealed" | "reference";
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What a client without a token is told of the MCP endpoint. */
export interface ResourceDescription {
  /**
   * The canonical URI of the MCP endpoint (RFC 8707 section 2), such as `https://mcp.example.com/mcp`. `undefined` for
   * a token verifier without BASE_URL.
   */
  readonly resource: string | undefined;
  /** What every token must carry. */
  readonly requiredScopes: readonly string[];
  /**
   * What clients are told to ask for, where the authorization server spells scopes otherwise than its tokens. Default:
   * the required scopes, and those of logins.
   */
  readonly scopesSupported?: readonly string[] | undefined;
  /** Issuers for the protected resource metadata (RFC 9728 section 2). Empty: no such document is served. */
  readonly authorizationServers: readonly string[];
}

/** A provider at work: what protects one MCP endpoint. */
export interface Authentication extends ResourceDescription {
  readonly verifier: TokenVerifier;
  /** Exchanges a request's token for one for another API. Absent: the provider can't. */
  readonly exchange?: TokenExchange | undefined;
  /** Tells of the user of a request's token. Absent: only what the token itself says is known. */
  readonly userClaims?: UserClaims | undefined;
  /**
   * HMAC-SHA256 of `data` under a key derived from the signing key for `label`. Absent: the provider has no signing
   * key.
   */
  readonly mac?: ((label: string, data: string) => Uint8Array) | undefined;
  /**
   * Secrets of 64 bytes that are derived for `label` from the signing key, and from each previous one: the current one
   * first. Absent: the provider has no signing key.
   */
  readonly secrets?: ((label: string) => readonly Uint8Array[]) | undefined;
  /**
   * Seals what clients keep for the server, under keys that all replicas have. Absent: the provider has no signing key.
   */
  readonly sealer?: Pick<Keyring, "seal" | "open"> | undefined;
  /** Says what a value is that this server sealed. Absent: it seals nothing. For `doctor --token`. */
  readonly recognize?: ((value: string) => Promise<RecognizedValue | undefined>) | undefined;
  /** The logins that the store knows. Absent: it knows none, or keeps them where nobody can list them. */
  readonly loginRecords?: Pick<LoginRecords, "list"> | undefined;
  /** The authorization server's endpoints, where the server itself is one, and forwarded metadata. */
  readonly endpoints: readonly Endpoint[];
  /**
   * Settles when calls with a token can be served; the server listens before that.
   *
   * @throws ConfigError when that will never be without a change to the configuration.
   */
  start(): Promise<void>;
  ready(): boolean;
  close(): Promise<void>;
}

/** What a provider relies on outside this process, so that it can be checked part by part. */
export type ProviderUpstream =
  | {
      /** Our application at the identity provider logs users in. */
      readonly kind: "application";
      /** What must be allowed as a callback URL there. */
      readonly callbackUrl: string;
      /** What every login asks for, beside `offline_access`. */
      readonly requiredScopes: readonly string[];
      /** What clients may register with beyond those, before any tool is known. */
      readonly offeredScopes?: readonly string[];
      /** The metadata document; absent where the endpoints are known without one. */
      readonly configUrl?: URL;
      /** Asks for the provider once. @throws UpstreamError, ConfigError */
      discover(context: AuthProviderContext): Promise<Upstream>;
    }
  | {
      /** Tokens of the identity provider are accepted as they are. */
      readonly kind: "tokens";
      createVerifier(context: AuthProviderContext): UpstreamTokenVerifier | Promise<UpstreamTokenVerifier>;
    };

/** What FASTMCP_LOGIN_SCOPES is at a provider, where it is not set. */
export interface LoginScopesDefault {
  readonly scopes: "required" | "all";
  /** What the provider does with a scope that it does not grant: a sentence. */
  readonly reason: string;
}

/** Where a provider's tokens name the user's roles. */
export interface RolesSource {
  /** The claim's exact name, or the path to it through objects (`realm_access.roles`). `undefined`: not configured. */
  readonly claim: string | undefined;
  /** What sets it: the variable, or the option's name when configured in code. */
  readonly setting: string;
}

/** A configured provider, from the environment or from code. */
export interface AuthProvider {
  /** BASE_URL: the public address of the server, without the MCP path. */
  readonly baseUrl: URL | undefined;
  /** Its name for people. Absent: it has none. */
  readonly title?: string | undefined;
  /** The organizations whose members alone may use the server. Absent: it is not limited to any. */
  readonly organizations?: readonly string[] | undefined;
  /** Absent: unknown. */
  readonly upstream?: ProviderUpstream | undefined;
  /** Absent: its tokens name no roles. */
  readonly roles?: RolesSource | undefined;
  /** Whether its tokens can name an organization. Absent: unknown. */
  readonly namesOrganizations?: boolean | undefined;
  /** Whether its tokens can have a `permissions` claim. Absent: unknown. */
  readonly namesPermissions?: boolean | undefined;
  /**
   * Absent: nobody has tested what the provider does with a scope that it does not grant, so logins ask for the
   * required ones.
   */
  readonly loginScopes?: LoginScopesDefault | undefined;
  /**
   * What {@link AuthProvider.authenticate} will say of the resource at `mcpPath`, from the configuration alone. With it
   * the server challenges clients while what verifies their tokens is loaded; absent: it listens only then.
   */
  readonly describe?: ((mcpPath: string) => ResourceDescription) | undefined;
  /** Puts to work what protects the MCP endpoint. Reaches for nothing on the network. @throws ConfigError */
  authenticate(context: AuthProviderContext): Authentication | Promise<Authentication>;
}

import type { VerifiedIdToken } from "./id-token-signature.ts";
import type { MachineTokens } from "./machine-tokens.ts";
import type { SubjectRules } from "./subject-rules.ts";
import type { UpstreamTokenExchange } from "./token-exchange.ts";
import type { UpstreamClient } from "./upstream-client.ts";
import type { UpstreamTokenVerifier } from "./upstream-token.ts";

type Claims = Readonly<Record<string, unknown>>;

/** An identity provider that is known and ready to be used. */
export interface Upstream {
  readonly client: UpstreamClient;
  readonly tokens: UpstreamTokenVerifier;
  /**
   * Verifies the signature of an id token; absent where none is read.
   *
   * @throws UpstreamTokenError, UpstreamError `unavailable`
   */
  readonly verifyIdToken?: (idToken: string) => Promise<VerifiedIdToken>;
  /** How claims name users. Default: by `sub`. */
  readonly subject?: SubjectRules;
  /** Whether users are known by id tokens alone: access tokens say nothing. Default false. */
  readonly identifiesByIdToken?: boolean;
  /** Whether access tokens and id tokens name a user by the same `sub`. Default false: they may differ. */
  readonly sameSubject?: boolean;
  /**
   * `jwt`: the access token is verified by its signature, once per process. `opaque`: it is looked up at the provider
   * once per exchange and refresh, and its claims are sealed in.
   */
  readonly tokenKind: "jwt" | "opaque";
  /** Exchanges tokens for those of other APIs, where the configuration says as whom. */
  readonly exchangeToken?: UpstreamTokenExchange;
  /** Gets machines their tokens, where the configuration names machines. */
  readonly machineTokens?: MachineTokens;
  /** Which organizations may use the server; `tokens` holds every token to it already. */
  readonly organizations?: OrganizationPolicy;
}

/** An identity provider that becomes known in the background. */
export interface UpstreamConnection {
  /** The provider, or `undefined` until it is known. */
  current(): Upstream | undefined;
  /** What answered in its place, such as `answered 404`, while it is not known for that reason. */
  trouble(): string | undefined;
  /**
   * Settles when the provider is known. Retries while it can't be reached.
   *
   * @throws ConfigError when its answer can't become right without a change to the configuration.
   */
  start(): Promise<void>;
  close(): void;
}

/** Which organizations may use the server, judged by what verified claims say. */
export interface OrganizationPolicy {
  /**
   * The id of the organization that `claims` name, where they name one.
   *
   * @throws UpstreamTokenError `organization` when it may not use the server, or when there is none and one is needed.
   */
  organizationOf(claims: Claims): string | undefined;
  /** Checks the claims of a login's id token. @throws UpstreamTokenError */
  checkIdToken(claims: Claims | undefined): void;
}

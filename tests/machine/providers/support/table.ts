/** The ways to put a server behind a provider that are tested with each of them. */
export const VERIFIERS = [
  "OIDCProxy",
  "OAuthProxy (introspection)",
  "OAuthProxy (userinfo)",
  "JWTVerifier",
  "IntrospectionTokenVerifier",
  "RemoteAuthProvider",
  "KeycloakAuthProvider",
] as const;

/**
 * Ways that are tested with some providers: declarations for one provider, with that one or the library that it is
 * built on, and OAuthProxy with JWTs, which differs from OIDCProxy in where it gets its addresses from.
 */
export const OTHER_WAYS = ["OAuthProxy (JWKS)", "ZitadelProvider", "LogtoProvider"] as const;

export type Verifier = (typeof VERIFIERS)[number] | (typeof OTHER_WAYS)[number];

/** What is done with each of them, in this order. */
export const STEPS = [
  "login",
  "call",
  "refresh twice",
  "two refreshes at once",
  "revoke",
  "key rotation",
  "disabled user",
  "machine",
  "exchangeToken",
  "restart in between",
] as const;
export type Step = (typeof STEPS)[number];

/** A step that can't work, and why. With `observed`, it is tried, and what happens must match that. */
export interface NotPossible {
  readonly notPossible: string;
  readonly observed?: string;
}

/** A step that fails because of a fault in this project. `observed` is a regular expression for what happens. */
export interface KnownFault {
  readonly knownFault: string;
  readonly observed: string;
}

export type Cell = "passed" | NotPossible | KnownFault;

/** What is recorded of a provider, in its `cells.json`; docs/providers/README.md shows it. */
export interface RecordedProvider {
  readonly provider: string;
  readonly version: string;
  /** Where a whole verifier is not possible, the reason. */
  readonly cells: Readonly<Record<(typeof VERIFIERS)[number], Row>> &
    Readonly<Partial<Record<(typeof OTHER_WAYS)[number], Row>>>;
}

type Row = Readonly<Record<Step, Cell>> | NotPossible;

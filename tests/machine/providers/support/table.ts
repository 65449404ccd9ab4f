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
export type Verifier = (typeof VERIFIERS)[number];

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

/** What is recorded of a provider, in its `cells.json`; docs/providers shows it. */
export interface RecordedProvider {
  readonly provider: string;
  readonly version: string;
  /** Where a whole verifier is not possible, the reason. */
  readonly cells: Readonly<Record<Verifier, Readonly<Record<Step, Cell>> | NotPossible>>;
}

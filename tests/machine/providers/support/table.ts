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

/** Declarations for one provider, which are tested with that one or with the library that it is built on. */
export const OWN_DECLARATIONS = ["ZitadelProvider", "LogtoProvider"] as const;

export type Verifier = (typeof VERIFIERS)[number] | (typeof OWN_DECLARATIONS)[number];

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
    Readonly<Partial<Record<(typeof OWN_DECLARATIONS)[number], Row>>>;
}

type Row = Readonly<Record<Step, Cell>> | NotPossible;

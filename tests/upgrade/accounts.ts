/** Who logs in at the stand-in provider, and what its tokens say about them. */
export interface Account {
  /** Claims of the access token, where that is a JWT. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** What introspection says in addition to `active`, `scope` and `exp`. */
  readonly introspection: Readonly<Record<string, unknown>>;
  /** The `sub` of the id token and of userinfo. */
  readonly subject: string;
}

export const PROVIDER_CLIENT_ID = "upgrade-fixture-application";

const withSubject = (subject: string, claims: Readonly<Record<string, unknown>> = {}): Account => ({
  claims: { sub: subject, azp: PROVIDER_CLIENT_ID, ...claims },
  introspection: { sub: subject, username: "alice", client_id: PROVIDER_CLIENT_ID, ...claims },
  subject,
});

const withoutSubject = (
  claims: Readonly<Record<string, unknown>>,
  introspection: Readonly<Record<string, unknown>> = {},
): Account => ({ claims, introspection, subject: "f3c1a7e0-alice" });

/** Machines, by client id, and what the provider's tokens say of them. */
export const MACHINES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "auth0-job": { sub: "auth0-job@clients", azp: "auth0-job", gty: "client-credentials" },
  "rfc9068-job": { sub: "rfc9068-job", client_id: "rfc9068-job" },
};

/** By name. */
export const ACCOUNTS: Readonly<Record<string, Account>> = {
  alice: withSubject("auth0|alice"),
  "alice of an organization": withSubject("auth0|alice", { org_id: "org_acme", org_name: "acme", roles: ["editor"] }),
  "alice with permissions": withSubject("auth0|alice", { permissions: ["weather:write"], roles: ["editor"] }),
  "azp without sub": withoutSubject({ azp: PROVIDER_CLIENT_ID }),
  "client_id without sub": withoutSubject({ client_id: PROVIDER_CLIENT_ID }),
  "cid without sub": withoutSubject({ cid: PROVIDER_CLIENT_ID }),
  "numeric sub": withoutSubject({ sub: 1042, azp: PROVIDER_CLIENT_ID }, { sub: 1042, client_id: PROVIDER_CLIENT_ID }),
  "empty sub": withoutSubject({ sub: "", azp: PROVIDER_CLIENT_ID }),
  "username without sub": withoutSubject({}, { username: "alice", client_id: PROVIDER_CLIENT_ID }),
  "client_id only": withoutSubject({}, { client_id: PROVIDER_CLIENT_ID }),
};

import type { Api } from "./apis.ts";

/** Someone who can log in. */
export interface User {
  /** What is typed or clicked at the login page, such as `alice`. */
  readonly username: string;
  /** The `sub` claim. Default `auth0|<username>`. */
  readonly id?: string;
  /** Default: the username with a capital. */
  readonly name?: string;
  /** Default `<username>@example.com`. */
  readonly email?: string;
  /** API permissions, as Auth0's roles would give them. */
  readonly permissions: readonly string[];
  /** Organizations the user is a member of, by id such as `org_acme`. */
  readonly organizations?: readonly string[];
  /**
   * More claims of the user's access tokens, as a post-login Action sets them: `{ "https://example.com/roles":
   * ["editor"] }`.
   */
  readonly customClaims?: Readonly<Record<string, unknown>>;
  /** A blocked user can neither log in nor refresh. */
  readonly blocked?: boolean;
}

/** A user with every default filled in. */
export type ResolvedUser = Required<User>;

/** alice may do everything at the API, bob and dave the first thing, carol nothing; dave is in an organization. */
export function defaultUsers({ scopes }: Api): User[] {
  return [
    { username: "alice", permissions: scopes },
    { username: "bob", permissions: scopes.slice(0, 1) },
    { username: "carol", permissions: [] },
    { username: "dave", permissions: scopes.slice(0, 1), organizations: ["org_acme"] },
  ];
}

export function resolveUser(user: User): ResolvedUser {
  const { username } = user;
  return {
    id: `auth0|${username}`,
    name: username.charAt(0).toUpperCase() + username.slice(1),
    email: `${username}@example.com`,
    organizations: [],
    customClaims: {},
    blocked: false,
    ...user,
  };
}

/** The claims that the granted OIDC scopes open (OpenID Connect Core 1.0 section 5.4). */
export function profileClaims(user: ResolvedUser, scopes: readonly string[]): Record<string, unknown> {
  return {
    ...(scopes.includes("profile") && {
      name: user.name,
      nickname: user.username,
      picture: `https://cdn.auth0.com/avatars/${encodeURIComponent(user.username.slice(0, 2))}.png`,
      updated_at: "2025-01-01T00:00:00.000Z",
    }),
    ...(scopes.includes("email") && { email: user.email, email_verified: true }),
  };
}

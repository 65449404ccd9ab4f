import type { Clock } from "./clock.ts";
import { ExpiringMap, type SavedEntry } from "./expiring-map.ts";
import { OAuthError } from "./oauth-error.ts";
import { randomToken } from "./random.ts";

/** What a login granted, and every refresh of it grants again. */
export interface LoginGrant {
  readonly clientId: string;
  readonly username: string;
  /** The identifier of an API. */
  readonly audience: string | undefined;
  readonly scopes: readonly string[];
  readonly organization: string | undefined;
  readonly sessionId: string;
  /** Seconds since the Unix epoch. */
  readonly authenticatedAt: number;
}

export interface RefreshSettings {
  /** Whether a refresh gives a new refresh token and ends the old one. Default true. */
  readonly rotation?: boolean;
  /**
   * "Rotation Overlap Period": for how many seconds a rotated token still works, until its successor is used. Default 60.
   */
  readonly leeway?: number;
  /** Seconds from the login to the end of the whole family. Default 30 days. */
  readonly lifetime?: number;
  /**
   * How many logins of one user at one application have a refresh token: for one more, the oldest ends. Default 200, as
   * at Auth0.
   */
  readonly limit?: number;
  /**
   * "Refresh Token Revocation Deletes Grant": a revocation ends all of the user's tokens for the application and API.
   * Default false.
   */
  readonly revocationDeletesGrant?: boolean;
  /**
   * Whether the use of a rotated token after its overlap also ends the grant: all of the user's tokens for the
   * application and API. Auth0 does so. Default false: only the tokens of that login end.
   */
  readonly reuseDeletesGrant?: boolean;
}

interface Family {
  readonly grant: LoginGrant;
  readonly expiresAt: number;
  /** How many times it was rotated. */
  generation: number;
  revoked: boolean;
}

interface RefreshToken {
  readonly family: Family;
  readonly generation: number;
  rotatedAt?: number;
}

/** Refresh tokens that outlive the process. A token names its family by its place among them. */
export interface SavedRefreshTokens {
  readonly families: readonly Family[];
  readonly tokens: readonly SavedEntry<Omit<RefreshToken, "family"> & { readonly family: number }>[];
}

/** The tenant's refresh tokens. All that come from one login are a family, and end together. */
export class RefreshTokens {
  readonly settings: Required<RefreshSettings>;
  readonly #clock: Clock;
  readonly #tokens: ExpiringMap<RefreshToken>;
  /** Those that have not ended, oldest first. */
  #families: readonly Family[] = [];

  constructor(clock: Clock, settings: RefreshSettings) {
    const { rotation = true, leeway = 60, lifetime = 30 * 24 * 3600, limit = 200 } = settings;
    const { revocationDeletesGrant = false, reuseDeletesGrant = false } = settings;
    this.settings = { rotation, leeway, lifetime, limit, revocationDeletesGrant, reuseDeletesGrant };
    this.#clock = clock;
    this.#tokens = new ExpiringMap(clock);
  }

  /** The first token of a new family. It ends the oldest where there are too many. */
  issue(grant: LoginGrant): string {
    const { lifetime, limit } = this.settings;
    const now = this.#clock();
    const active = this.#families.filter(({ revoked, expiresAt }) => !revoked && expiresAt > now);
    const ofUser = active.filter((family) => isOf(family, grant.username, grant.clientId));
    for (const family of ofUser.slice(0, Math.max(0, ofUser.length + 1 - limit))) {
      family.revoked = true;
    }
    const family: Family = { grant, expiresAt: now + lifetime, generation: 0, revoked: false };
    this.#families = [...active, family];
    return this.#add(family, 0);
  }

  /**
   * What `token` grants to that client.
   *
   * @param leeway seconds
   * @throws OAuthError `invalid_grant`. Use after the leeway, or of any but the previous token, ends the family.
   */
  check(token: string, clientId: string, leeway = this.settings.leeway): LoginGrant {
    const found = this.#tokens.get(token);
    if (found === undefined || found.family.revoked || found.family.grant.clientId !== clientId) {
      throw unknownToken();
    }
    const { family, generation, rotatedAt } = found;
    const late = rotatedAt !== undefined && this.#clock() - rotatedAt >= leeway;
    if (late || generation < family.generation - 1) {
      this.#end(family, this.settings.reuseDeletesGrant);
      throw unknownToken();
    }
    return family.grant;
  }

  /** The successor of a checked token, or `undefined` without rotation. */
  rotate(token: string): string | undefined {
    const found = this.#tokens.get(token);
    if (found === undefined || !this.settings.rotation) {
      return undefined;
    }
    const { family } = found;
    found.rotatedAt ??= this.#clock();
    family.generation = Math.max(family.generation, found.generation + 1);
    return this.#add(family, found.generation + 1);
  }

  /** Ends the whole family of a token of that client, or its grant; others' and unknown ones are left alone. */
  revoke(token: string, clientId?: string): void {
    const family = this.#tokens.get(token)?.family;
    if (family === undefined || (clientId !== undefined && family.grant.clientId !== clientId)) {
      return;
    }
    this.#end(family, this.settings.revocationDeletesGrant);
  }

  /** Ends all tokens of a user, at one application or at all of them. */
  revokeGrants(username: string, clientId: string | undefined): void {
    this.#revokeAll((family) => isOf(family, username, clientId ?? family.grant.clientId));
  }

  saved(): SavedRefreshTokens {
    const families = [...new Set([...this.#families, ...this.#tokens.saved().map(({ value }) => value.family)])];
    const tokens = this.#tokens.saved().map(({ value: { family, ...token }, ...entry }) => ({
      ...entry,
      value: { ...token, family: families.indexOf(family) },
    }));
    return { families, tokens };
  }

  restore({ families, tokens }: SavedRefreshTokens): void {
    this.#families = families;
    this.#tokens.restore(
      tokens.flatMap(({ value, ...entry }) => {
        const family = families[value.family];
        return family === undefined ? [] : { ...entry, value: { ...value, family } };
      }),
    );
  }

  #end(family: Family, deletesGrant: boolean): void {
    family.revoked = true;
    if (deletesGrant) {
      const { grant } = family;
      this.#revokeAll(
        (other) => isOf(other, grant.username, grant.clientId) && other.grant.audience === grant.audience,
      );
    }
  }

  #revokeAll(which: (family: Family) => boolean): void {
    for (const family of this.#families.filter(which)) {
      family.revoked = true;
    }
  }

  #add(family: Family, generation: number): string {
    const token = `v1.${randomToken()}`;
    this.#tokens.set(token, { family, generation }, family.expiresAt - this.#clock());
    return token;
  }
}

function isOf({ grant }: Family, username: string, clientId: string): boolean {
  return grant.username === username && grant.clientId === clientId;
}

function unknownToken(): OAuthError {
  return new OAuthError(403, "invalid_grant", "Unknown or invalid refresh token.");
}

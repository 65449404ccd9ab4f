import type { Clock } from "./clock.ts";
import { ExpiringMap } from "./expiring-map.ts";
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
  rotatedAt: number | undefined;
}

/** The tenant's refresh tokens. All that come from one login are a family, and end together. */
export class RefreshTokens {
  readonly settings: Required<RefreshSettings>;
  readonly #clock: Clock;
  readonly #tokens: ExpiringMap<RefreshToken>;

  constructor(clock: Clock, { rotation = true, leeway = 60, lifetime = 30 * 24 * 3600 }: RefreshSettings) {
    this.settings = { rotation, leeway, lifetime };
    this.#clock = clock;
    this.#tokens = new ExpiringMap(clock);
  }

  /** The first token of a new family. */
  issue(grant: LoginGrant): string {
    const { lifetime } = this.settings;
    return this.#add({ grant, expiresAt: this.#clock() + lifetime, generation: 0, revoked: false }, 0);
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
      family.revoked = true;
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

  /** Ends the whole family of a token of that client; others' and unknown ones are left alone. */
  revoke(token: string, clientId?: string): void {
    const family = this.#tokens.get(token)?.family;
    if (family !== undefined && (clientId === undefined || family.grant.clientId === clientId)) {
      family.revoked = true;
    }
  }

  #add(family: Family, generation: number): string {
    const token = `v1.${randomToken()}`;
    this.#tokens.set(token, { family, generation, rotatedAt: undefined }, family.expiresAt - this.#clock());
    return token;
  }
}

function unknownToken(): OAuthError {
  return new OAuthError(403, "invalid_grant", "Unknown or invalid refresh token.");
}

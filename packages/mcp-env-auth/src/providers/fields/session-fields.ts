import { defineField, InvalidValue } from "../../env/field.ts";
import { flag, integer } from "../../env/plain-fields.ts";
import type { OfflineAccess } from "../../upstream/offline-access.ts";

const MODES: readonly OfflineAccess[] = ["off", "scope", "consent"];

/** What earlier releases had in place of a mode. */
const FLAGS: ReadonlyMap<string, OfflineAccess> = new Map([
  ...["1", "true", "t", "yes", "y", "on"].map((word) => [word, "scope"] as const),
  ...["0", "false", "f", "no", "n"].map((word) => [word, "off"] as const),
]);

export interface SessionFieldHints {
  /** The provider's name. */
  readonly title: string;
  /** Default: by scope, where the provider's metadata lists it. */
  readonly offlineAccess?: OfflineAccess;
  /** Whether the provider ends no more than the one token. Default true. */
  readonly revokeUpstream?: boolean;
}

/** How sessions at the provider begin and end. */
export function sessionFields({ title, offlineAccess, revokeUpstream = true }: SessionFieldHints) {
  const otherwise = offlineAccess ?? `scope where ${title}'s metadata lists offline_access`;
  return {
    offlineAccess: defineField<
      OfflineAccess,
      OfflineAccess | boolean,
      { readonly description: string; readonly example: string }
    >(
      {
        expected: `one of ${MODES.join(", ")}`,
        parse(input) {
          const word = input.trim().toLowerCase();
          const mode = MODES.find((candidate) => candidate === word) ?? FLAGS.get(word);
          if (mode === undefined) {
            throw new InvalidValue(`got \`${word}\`.`);
          }
          return mode;
        },
        convert: (input) => (input ? "scope" : "off"),
      },
      {
        description: `How ${title} is asked for a refresh token: off, scope (offline_access), or consent (with prompt=consent). Default: ${otherwise}`,
        example: "consent",
      },
    ),
    revokeUpstream: flag({
      description: `Whether a logout also revokes the token at ${title}. Set false if ${title} then ends all of a user's sessions at the application`,
      example: "false",
      default: revokeUpstream,
    }),
    fallbackAccessTokenExpirySeconds: integer({
      description: `Seconds for which access tokens are valid if ${title} does not say. Never longer than FASTMCP_ACCESS_TOKEN_TTL`,
      example: "3600",
      min: 1,
    }),
    fallbackRefreshTokenExpirySeconds: integer({
      description: `Seconds for which each refresh token is valid if ${title} does not say. Default: until FASTMCP_SESSION_TTL`,
      example: "28800",
      min: 1,
    }),
    tokenExpiryThresholdSeconds: integer({
      description: `Seconds by which access tokens end before ${title}'s, so that a call that begins in time also ends in time; at most half of their time`,
      example: "30",
      default: 0,
      min: 0,
    }),
  };
}

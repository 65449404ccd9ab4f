import type { AccessToken } from "../../access-token.ts";
import type { DenialQuery } from "../../store/guard-store.ts";

/** An access token that was opened and verified. */
export interface OpenedToken {
  readonly accessToken: AccessToken;
  readonly denials: readonly DenialQuery[];
  /** When it is to be verified again, seconds since the Unix epoch. Absent: never in this process. */
  readonly goodUntil?: number;
}

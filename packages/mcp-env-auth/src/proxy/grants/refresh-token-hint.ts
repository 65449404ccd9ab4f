import { OFFLINE_ACCESS } from "../../scope.ts";
import type { OfflineAccess } from "../../upstream/offline-access.ts";
import type { OAuthProxyOptions } from "../options.ts";
import { splitScopes } from "../protocol/scopes.ts";

/** A login that brought no refresh token. */
export interface LoginWithoutRefreshToken {
  /** How one was asked for. Absent: not at all, because the provider does not list the scope. */
  readonly mode: OfflineAccess | undefined;
  /** The `scope` of the provider's answer, where it had one. */
  readonly granted: string | undefined;
}

const ALLOW_REFRESH =
  "Allow refresh tokens (the scope offline_access, or the grant refresh_token) for the application at the provider.";

/** Why there may be no refresh token, and what its operator can change: sentences. */
export function refreshTokenHint(
  { mode, granted }: LoginWithoutRefreshToken,
  { variables: { offlineAccess }, advice }: Pick<OAuthProxyOptions, "variables" | "advice">,
): string {
  const allow = advice.noRefreshToken ?? ALLOW_REFRESH;
  const set = (value: OfflineAccess) => (offlineAccess === undefined ? undefined : `set ${offlineAccess}=${value}`);
  switch (mode) {
    case "off":
      return sentences(
        `${offlineAccess ?? "The setting"} is off, so the login did not ask for offline_access.`,
        set("scope") && `If the provider needs that scope, ${set("scope")}.`,
        allow,
      );
    case undefined:
      return sentences(
        "The login did not ask for offline_access, because the provider does not list that scope.",
        set("scope") && `If the provider knows it, ${set("scope")}.`,
        allow,
      );
    case "scope":
      return sentences(
        isRefused(granted)
          ? "The login asked for offline_access, and the provider did not grant it."
          : "The login asked for offline_access.",
        allow,
        set("consent") && `If that is so already, the provider may want prompt=consent: ${set("consent")}.`,
      );
    case "consent":
      return sentences("The login asked for offline_access with prompt=consent.", allow);
  }
}

function isRefused(granted: string | undefined): boolean {
  return granted !== undefined && !splitScopes(granted).includes(OFFLINE_ACCESS);
}

function sentences(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join(" ");
}

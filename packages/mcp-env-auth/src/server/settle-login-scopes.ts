import type { ResourceDescription } from "../providers/auth-provider.ts";
import type { Configured } from "./configure.ts";
import { chooseLoginScopes, describeLoginScopes, type LoginScopes } from "./login-scopes.ts";

/** A configuration that leaves nothing open. */
export interface Settled extends Configured {
  readonly settings: Configured["settings"] & { readonly loginScopes: LoginScopes };
}

/** Settles which scopes a login asks for, and says in the log which and why. */
export function settleLoginScopes(
  configured: Configured,
  resource: ResourceDescription | undefined,
  askedScopes: readonly string[],
): Settled {
  const { provider, settings, logger } = configured;
  const settle = (loginScopes: LoginScopes) => ({ ...configured, settings: { ...settings, loginScopes } });
  if (provider === undefined) {
    return settle(settings.loginScopes ?? "required");
  }
  const requiredScopes = resource?.requiredScopes ?? [];
  const choice = chooseLoginScopes({ setting: settings.loginScopes, provider, requiredScopes, askedScopes });
  logger.info({ loginScopes: choice.chosen }, describeLoginScopes(choice));
  return settle(choice.chosen);
}

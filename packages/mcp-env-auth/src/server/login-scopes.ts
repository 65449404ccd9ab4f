import { SERVER_PREFIX } from "../env/server-settings.ts";
import { ConfigError } from "../errors.ts";
import type { AuthProvider } from "../providers/auth-provider.ts";
import { MAX_SCOPE_LENGTH, resourceScopes } from "../scope.ts";

const VARIABLE = `${SERVER_PREFIX}LOGIN_SCOPES`;

/**
 * Which scopes a client without a token is told to ask for: those that every token needs, or all that any registration
 * asks for.
 */
export type LoginScopes = "required" | "all";

export interface LoginScopesChoice {
  readonly chosen: LoginScopes;
  /** Why: a sentence. */
  readonly reason: string;
}

export interface LoginScopesOptions {
  /** FASTMCP_LOGIN_SCOPES, where it is set. */
  readonly setting: LoginScopes | undefined;
  readonly provider: Pick<AuthProvider, "loginScopes">;
  readonly requiredScopes: readonly string[];
  readonly askedScopes: readonly string[];
}

/**
 * What is set, else the provider's default. A default never stops a start: where a challenge can't name all, it is
 * `required`.
 */
export function chooseLoginScopes(options: LoginScopesOptions): LoginScopesChoice {
  const { setting, provider, requiredScopes, askedScopes } = options;
  if (setting !== undefined) {
    return { chosen: setting, reason: `${VARIABLE} says so.` };
  }
  if (provider.loginScopes === undefined) {
    const reason = `Nobody has tested what this provider does with a scope that it doesn't grant; if it leaves such scopes out, set ${VARIABLE}=all.`;
    return { chosen: "required", reason };
  }
  const { scopes, reason } = provider.loginScopes;
  const length = scopes === "all" ? lengthOf(loginScopesFor("all", requiredScopes, askedScopes)) : 0;
  return length > MAX_SCOPE_LENGTH
    ? {
        chosen: "required",
        reason: `All scopes together are ${length} characters long, and a challenge has room for ${MAX_SCOPE_LENGTH}.`,
      }
    : { chosen: scopes, reason };
}

/** For the log of a start. */
export function describeLoginScopes({ chosen, reason }: LoginScopesChoice): string {
  const what = chosen === "all" ? "every scope that a registration asks for" : "the required scopes only";
  return `A login for which the client names no scope asks for ${what} (${VARIABLE}=${chosen}). ${reason}`;
}

/** What a client that names no scope at a login is taken to ask for, beside the required ones. */
export function scopesAtLogin(chosen: LoginScopes, askedScopes: readonly string[]): readonly string[] {
  return chosen === "all" ? askedScopes : [];
}

/** The scopes that a client without a token is told to ask for. */
export function loginScopesFor(
  chosen: LoginScopes,
  requiredScopes: readonly string[],
  askedScopes: readonly string[],
): readonly string[] {
  return resourceScopes([...new Set([...requiredScopes, ...scopesAtLogin(chosen, askedScopes)])]);
}

/** A challenge with all scopes must fit into a header on every way to the client. @throws ConfigError */
export function checkLength(chosen: LoginScopes, loginScopes: readonly string[]): void {
  const length = lengthOf(loginScopes);
  if (chosen !== "all" || length <= MAX_SCOPE_LENGTH) {
    return;
  }
  const message = `can't be all: together the scopes are ${length} characters long, and a challenge has room for ${MAX_SCOPE_LENGTH}. Set it to required, and have the provider's REQUIRED_SCOPES name what most callers need.`;
  throw new ConfigError([{ variable: VARIABLE, message }]);
}

function lengthOf(scopes: readonly string[]): number {
  return scopes.join(" ").length;
}

import type { EndpointRequest, EndpointResponse } from "../../endpoint.ts";
import { OFFLINE_ACCESS } from "../../scope.ts";
import type { ProviderSession, ProxyContext } from "../context.ts";
import type { AuthorizationRequest } from "../tokens/sealed-tokens.ts";
import { familyOf } from "../tokens/token-keys.ts";
import { beginLogin, newLoginId } from "./begin-login.ts";
import { loginStart, type OpenedLogin } from "./login-cookies.ts";

/**
 * The request of a login that the provider refused for its scopes (RFC 6749 section 4.1.2.1, `invalid_scope`), with
 * those alone that every token needs. `undefined` where it asked for no others, or was repeated before.
 */
export function withRequiredScopesOnly(
  request: AuthorizationRequest,
  requiredScopes: readonly string[],
): AuthorizationRequest | undefined {
  const isKept = (scope: string) => scope === OFFLINE_ACCESS || requiredScopes.includes(scope);
  const withheld = request.scopes.filter((scope) => !isKept(scope));
  if (request.withheld !== undefined || withheld.length === 0) {
    return undefined;
  }
  return { ...request, scopes: request.scopes.filter(isKept), withheld };
}

/**
 * Sends the browser to the provider once more, for fewer scopes than the user approved: under a new `state`, with a
 * cookie of its own, and no longer than the approval holds.
 *
 * @param refusal what the provider said, for the log
 */
export async function repeatLogin(
  context: ProxyContext,
  session: ProviderSession,
  login: OpenedLogin,
  fewer: AuthorizationRequest,
  refusal: string,
  request: EndpointRequest,
): Promise<EndpointResponse> {
  const loginId = newLoginId();
  const { logger, variables, advice } = context.options;
  const withheld = fewer.withheld ?? [];
  const help = advice.missingScopes ?? "Create them at the provider, and allow them for the application.";
  logger.warn(
    {
      event: "login-repeated",
      login: familyOf(login.loginId),
      repeatedAs: familyOf(loginId),
      client: fewer.clientHash,
      withheld,
    },
    `${refusal}. The login is repeated with the scopes of ${variables.requiredScopes} alone, so calls that need others are refused: ${withheld.join(" ")}. ${help}`,
  );
  const approved = {
    loginId,
    authorizationRequest: fewer,
    startedAt: loginStart(login),
    expiresAt: login.expiresAt,
    replaces: login.loginId,
  };
  return beginLogin(context, session, approved, request);
}

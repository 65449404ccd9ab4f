import type { Api } from "./apis.ts";
import { type Application, isStrict } from "./applications.ts";
import { OAuthError } from "./oauth-error.ts";
import type { Parameters } from "./parameters.ts";

/** The parameters of /authorize that Auth0 takes from a strict third-party application; in addition, `ext-…`. */
const PARAMETERS: ReadonlySet<string> = new Set([
  ...["acr_values", "audience", "authorization_details", "client_id", "code_challenge", "code_challenge_method"],
  ...["connection", "correlation_id", "display", "dpop_jkt", "login_hint", "max_age", "nonce", "organization"],
  ...["prompt", "redirect_uri", "resource", "response_type", "scope", "state", "ui_locales"],
]);

/** @throws OAuthError for a parameter that a strict third-party application may not send, and without PKCE. */
export function checkThirdPartyRequest(application: Application, parameters: Parameters): void {
  if (!isStrict(application)) {
    return;
  }
  const unknown = Object.keys(parameters).find((name) => !PARAMETERS.has(name) && !name.startsWith("ext-"));
  if (unknown !== undefined) {
    throw new OAuthError(400, "invalid_request", `Parameter ${unknown} is not supported for third-party applications.`);
  }
  if (parameters.code_challenge === undefined) {
    throw new OAuthError(400, "invalid_request", "Missing required parameter: code_challenge");
  }
}

/**
 * What an application may ask for of `scopes`: all of them, and of a strict third-party application what it was granted
 * at the API, without the scopes of OpenID Connect.
 *
 * @throws OAuthError `unauthorized_client` without a grant.
 */
export function delegatedScopes(application: Application, api: Api | undefined, scopes: readonly string[]): string[] {
  if (!isStrict(application)) {
    return [...scopes];
  }
  const granted = api === undefined ? [] : (application.userGrants?.[api.identifier] ?? api.thirdPartyPermissions);
  if (granted === undefined) {
    const message = `Client "${application.clientId}" is not authorized to access resource server "${api?.identifier}".`;
    throw new OAuthError(403, "unauthorized_client", message);
  }
  return scopes.filter((scope) => scope === "offline_access" || granted.includes(scope));
}

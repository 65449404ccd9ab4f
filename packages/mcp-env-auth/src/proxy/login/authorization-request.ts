import { isThumbprint } from "../../dpop/confirmation.ts";
import { OAuthError } from "../../errors.ts";
import type { Client } from "../clients/client.ts";
import type { ProviderSession } from "../context.ts";
import type { OAuthProxyOptions } from "../options.ts";
import { readLoginParameters } from "../protocol/login-parameters.ts";
import { describable, type Parameters, requireUnique } from "../protocol/parameters.ts";
import { checkResources } from "../protocol/resource-indicator.ts";
import { longestScope, offeredScopes, splitScopes } from "../protocol/scopes.ts";
import type { AuthorizationRequest } from "../tokens/sealed-tokens.ts";

const MAX_STATE_LENGTH = 2048;

/**
 * Validates what a known client asks for, once its redirect URI is known to be good.
 *
 * @throws OAuthError for the client's redirect URI (RFC 6749 section 4.1.2.1, RFC 7636 section 4.4.1, RFC 8707 section
 * 2).
 */
export function readAuthorizationRequest(
  parameters: Parameters,
  client: Client,
  redirectUri: string,
  options: OAuthProxyOptions,
  session: ProviderSession,
): AuthorizationRequest {
  requireUnique(parameters);
  const state = parameters.get("state");
  if ((state?.length ?? 0) > MAX_STATE_LENGTH) {
    throw new OAuthError("invalid_request", `The state is longer than ${MAX_STATE_LENGTH} characters.`);
  }
  if (parameters.get("response_type") !== "code") {
    throw parameters.get("response_type") === undefined
      ? new OAuthError("invalid_request", "The parameter response_type is missing.")
      : new OAuthError("unsupported_response_type", "Only response_type=code is supported.");
  }
  if ((parameters.get("response_mode") ?? "query") !== "query") {
    throw new OAuthError("invalid_request", "Only response_mode=query is supported.");
  }
  const codeChallenge = readCodeChallenge(parameters);
  const jkt = parameters.get("dpop_jkt");
  if (jkt !== undefined && !isThumbprint(jkt)) {
    throw new OAuthError("invalid_request", "The dpop_jkt is not a base64url SHA-256 (RFC 9449 section 10).");
  }
  const loginParameters = readLoginParameters(parameters);
  checkResources(parameters.getAll("resource"), options.resource);
  return {
    clientHash: client.hash,
    redirectUri,
    redirectUriSent: parameters.get("redirect_uri") !== undefined,
    ...(state !== undefined && { state }),
    ...(jkt !== undefined && { jkt }),
    codeChallenge,
    scopes: readScopes(parameters, client, options, session),
    ...(loginParameters !== undefined && { loginParameters }),
  };
}

function readCodeChallenge(parameters: Parameters): string {
  const challenge = parameters.get("code_challenge");
  if (challenge === undefined) {
    throw new OAuthError("invalid_request", "PKCE is required: the parameter code_challenge is missing.");
  }
  if (parameters.get("code_challenge_method") !== "S256") {
    throw new OAuthError("invalid_request", "PKCE is required with code_challenge_method=S256.");
  }
  if (!/^[A-Za-z0-9_-]{43}$/.test(challenge)) {
    throw new OAuthError("invalid_request", "The code_challenge is not a base64url SHA-256 (RFC 7636 section 4.2).");
  }
  return challenge;
}

/**
 * What the client asks for, and in addition what every token needs. Nothing else is added to a list that it sent.
 * Scopes that this server does not have are left out, as Auth0 does: clients ask for OpenID Connect's own by habit, and
 * for those that they found here at an earlier time.
 */
function readScopes(
  parameters: Parameters,
  client: Client,
  options: OAuthProxyOptions,
  { upstream }: ProviderSession,
): readonly string[] {
  const scope = parameters.get("scope");
  const offered = offeredScopes(options.scopesSupported, upstream.client.metadata);
  if ((scope?.length ?? 0) > longestScope(offered)) {
    throw new OAuthError("invalid_scope", `The scope is longer than ${longestScope(offered)} characters.`);
  }
  const requested = splitScopes(scope ?? "");
  const chosen = requested.length > 0 ? known(requested, offered) : defaultScopes(client, options, offered);
  const dropped = requested.filter((name) => !offered.includes(name));
  if (dropped.length > 0) {
    const message = `A client asks for scopes that this server does not have; they are left out: ${describable(dropped.join(" "))}`;
    options.logger.info({ event: "scopes-dropped", client: client.hash }, message);
  }
  return [...new Set([...chosen, ...options.requiredScopes])];
}

/**
 * What a request without a scope asks for. Of what a client registers, only scopes of this server count, as the
 * registration's answer says (RFC 7591 section 3.2.1); one may have gone since then.
 */
function defaultScopes(client: Client, options: OAuthProxyOptions, offered: readonly string[]): readonly string[] {
  const registered = known(client.scopes ?? [], offered);
  return registered.length > 0 ? registered : [...options.requiredScopes, ...options.scopesAtLogin];
}

function known(scopes: readonly string[], offered: readonly string[]): readonly string[] {
  return scopes.filter((name) => offered.includes(name));
}

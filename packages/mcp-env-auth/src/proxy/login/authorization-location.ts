import type { ProxyContext } from "../context.ts";
import type { AuthorizationRequest } from "../tokens/sealed-tokens.ts";

/** The address that asks for an authorization request once more, such as in another browser. */
export function authorizationLocation(
  { options, urls }: ProxyContext,
  clientId: string,
  request: AuthorizationRequest,
): string {
  const parameters = {
    response_type: "code",
    client_id: clientId,
    redirect_uri: request.redirectUriSent ? request.redirectUri : undefined,
    state: request.state,
    code_challenge: request.codeChallenge,
    code_challenge_method: "S256",
    scope: request.scopes.join(" ") || undefined,
    resource: options.resource,
    dpop_jkt: request.jkt,
    ...request.loginParameters,
  };
  const present = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return `${urls.authorization}?${new URLSearchParams(present)}`;
}

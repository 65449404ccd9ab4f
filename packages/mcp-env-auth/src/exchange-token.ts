import { currentTokenExchange, type ExchangeTarget, getAccessToken } from "./access-token.ts";

/**
 * An access token with which to call another API as the user of the request being served: the provider's token is
 * exchanged for one whose audience is that API (RFC 8693; at Auth0, On-Behalf-Of Token Exchange). It is kept until it
 * expires, for this token and target alone.
 *
 * The token that the MCP client sent is for this server only, and is never passed on.
 *
 * @throws ToolError when the login is no longer good at the provider, or the provider can't be reached now.
 * @throws Error that says what to set, where the provider refuses, or nothing is configured.
 *
 * @example
 * ```ts
 * const token = await exchangeToken({ audience: "https://calendar.example.com/api", scopes: ["events:read"] });
 * const events = await calendar.listEvents({ authorization: `Bearer ${token}` });
 * ```
 */
export async function exchangeToken(target: ExchangeTarget): Promise<string> {
  const token = getAccessToken();
  if (!isNamed(target.audience) && !isNamed(target.resource)) {
    throw new TypeError("exchangeToken() needs the audience, or the resource, that the token is to be for.");
  }
  const exchange = currentTokenExchange();
  if (exchange === undefined) {
    throw new Error(
      "This provider exchanges no tokens here. exchangeToken() works with Auth0Provider, AzureProvider, OIDCProxy and others of OpenID Connect; elsewhere use getAccessToken().token as the provider's documentation says.",
    );
  }
  // Throws where there is none.
  void token.token;
  return exchange(token, target);
}

function isNamed(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

import type { TokenEndpointResponse, TokenEndpointResponseHelpers } from "openid-client";
import { lifetimeIn } from "./provider-values.ts";
import { UpstreamError, type UpstreamTokens } from "./upstream-client.ts";

/** The library's token response in our terms. */
export function toUpstreamTokens(response: TokenEndpointResponse & TokenEndpointResponseHelpers): UpstreamTokens {
  const refreshExpiresIn = lifetimeIn(response.refresh_expires_in) ?? lifetimeIn(response.refresh_token_expires_in);
  return {
    accessToken: response.access_token,
    ...(response.refresh_token !== undefined && { refreshToken: response.refresh_token }),
    ...(response.expires_in !== undefined && { expiresIn: response.expires_in }),
    ...(refreshExpiresIn !== undefined && { refreshExpiresIn }),
    ...(response.scope !== undefined && { scope: response.scope }),
    ...(response.id_token !== undefined && { idToken: response.id_token }),
  };
}

/**
 * Throws what the library rejected with as an `UpstreamError`. Its own errors become a sentence: their causes hold
 * whole answers, tokens included.
 */
export function protocolError(error: unknown): never {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof UpstreamError) {
    throw cause;
  }
  const found = [error, cause].flatMap((part) => (part instanceof Error ? [part.message] : [])).join(": ");
  // What else an answer holds was read before the library got it.
  throw new UpstreamError("rejected", `The identity provider's answer breaks the protocol: ${found}.`, {
    about: "id-token",
    description: found,
  });
}

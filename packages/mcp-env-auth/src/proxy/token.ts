import type { Request, Response } from "express";
import type { Endpoint } from "../endpoint.ts";
import { OAuthError } from "../errors.ts";
import { GuardStoreUnavailable } from "../store/guard-store.ts";
import { authenticateClient } from "./clients.ts";
import { PROVIDER_RETRY_AFTER, type ProviderSession, type ProxyContext } from "./context.ts";
import { redeemCode } from "./grant-authorization-code.ts";
import { createRefreshGrant } from "./grant-refresh-token.ts";
import { readUniqueParameters, requireParameter } from "./parameters.ts";
import { checkResource } from "./resource-indicator.ts";
import type { TokenResponse } from "./sealed-tokens.ts";

/** The token endpoint (RFC 6749 section 3.2). */
export function createTokenEndpoint(context: ProxyContext): Endpoint {
  const refresh = createRefreshGrant(context);
  return {
    path: "/token",
    methods: ["POST"],
    body: "form",
    crossOrigin: true,
    limit: "failures",
    handle: withoutStore503(async (request, response) => {
      response.json(await grantTokens(request, response));
    }),
  };

  async function grantTokens(request: Request, response: Response): Promise<TokenResponse> {
    response.setHeader("Cache-Control", "no-store");
    response.setHeader("Pragma", "no-cache");
    const parameters = readUniqueParameters(request);
    const grantType = requireParameter(parameters, "grant_type");
    const client = await authenticateClient(context, request, response, parameters);
    checkResource(parameters.get("resource"), context.options.resource);
    switch (grantType) {
      case "authorization_code":
        return redeemCode(context, requireProvider(context), client, parameters);
      case "refresh_token":
        return refresh(requireProvider(context), client, parameters);
      default:
        throw new OAuthError("unsupported_grant_type", "Use grant_type authorization_code or refresh_token.");
    }
  }
}

/** The provider and its keys. @throws OAuthError 503 until it is known. */
export function requireProvider(context: ProxyContext): ProviderSession {
  const session = context.providerSession();
  if (session === undefined) {
    throw new OAuthError("temporarily_unavailable", "The identity provider isn't known yet. Try again in a moment.", {
      retryAfter: PROVIDER_RETRY_AFTER,
    });
  }
  return session;
}

/** Answers 503 where the guard store can't say what was used or denied. */
export function withoutStore503(handle: Endpoint["handle"]): Endpoint["handle"] {
  return async (request, response) => {
    try {
      await handle(request, response);
    } catch (error) {
      throw error instanceof GuardStoreUnavailable ? storeUnavailable(error) : error;
    }
  };
}

/** What an unavailable guard store is to a client. */
export function storeUnavailable(cause: GuardStoreUnavailable): OAuthError {
  const description = "The server can't check its records right now. Try again in a moment.";
  return new OAuthError("temporarily_unavailable", description, { retryAfter: 1, cause });
}

import type { ExchangeParameters, ExchangeRequest, UpstreamTokenExchange } from "../upstream/token-exchange.ts";
import type { AuthProviderContext } from "./auth-provider.ts";

export interface OnBehalfOfOptions {
  readonly tokenEndpoint: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** The variables that messages about wrong credentials point to. */
  readonly variables: { readonly clientId: string; readonly clientSecret: string };
  readonly timeout?: number | undefined;
}

/** Entra's on-behalf-of flow: an access token for our API is exchanged for one for another API. */
export function exchangeOnBehalfOf(
  { tokenEndpoint, ...options }: OnBehalfOfOptions,
  { clock, logger }: AuthProviderContext,
): UpstreamTokenExchange {
  let exchange: Promise<UpstreamTokenExchange> | undefined;
  async function load(): Promise<UpstreamTokenExchange> {
    const { createUpstreamTokenExchange } = await import("../upstream/token-exchange.ts");
    return createUpstreamTokenExchange({
      ...options,
      metadata: {
        authorizationEndpoint: tokenEndpoint,
        tokenEndpoint,
        scopesSupported: [],
        tokenEndpointAuthMethodsSupported: ["client_secret_post", "client_secret_basic"],
        idTokenSigningAlgorithms: [],
        sendsIssuer: false,
      },
      parameters: onBehalfOfParameters,
      clock,
      logger,
    });
  }
  return async (request) => {
    exchange ??= load();
    return (await exchange)(request);
  };
}

/**
 * Scopes are spelled with the API in front; without any, `.default` stands for all that was consented to.
 *
 * @throws Error for a scope of another API: Entra takes the API of the token from the scopes alone.
 */
function onBehalfOfParameters({ subjectToken, audience, resource, scopes }: ExchangeRequest): ExchangeParameters {
  const api = oneApi(audience, resource);
  const names = scopes.flatMap((scope) => scope.split(/\s+/)).filter((name) => name !== "");
  return {
    grant: "urn:ietf:params:oauth:grant-type:jwt-bearer",
    parameters: {
      assertion: subjectToken,
      requested_token_use: "on_behalf_of",
      scope: (names.length === 0 ? [".default"] : names).map((name) => `${api}/${scopeOf(api, name)}`).join(" "),
    },
  };
}

function oneApi(audience: string | undefined, resource: string | undefined): string {
  const api = audience ?? resource ?? "";
  if (resource !== undefined && resource !== api) {
    throw new Error(
      `exchangeToken() can't ask Entra for ${api} and ${resource} at once. Name one of them, as the audience.`,
    );
  }
  if (/\s/.test(api)) {
    throw new Error(`exchangeToken() got an audience with a space: ${JSON.stringify(api)}. Name one API.`);
  }
  return api;
}

/** The name of a scope of `api`, with or without the API in front. */
function scopeOf(api: string, scope: string): string {
  const name = scope.startsWith(`${api}/`) ? scope.slice(api.length + 1) : scope;
  if (name === "" || name.includes("/")) {
    throw new Error(
      `exchangeToken() got the scope ${JSON.stringify(scope)}, which is not one of ${api}. Name that scope's API as the audience.`,
    );
  }
  return name;
}

import { refreshByLastingTokens } from "../../upstream/lasting-tokens.ts";
import { createOAuthUpstreamClient } from "../../upstream/oauth-client.ts";
import type { Upstream } from "../../upstream/upstream.ts";
import type { UpstreamClient } from "../../upstream/upstream-client.ts";
import type { AuthProviderContext } from "../auth-provider.ts";
import { clientSettings, endingHereOnly } from "./client-settings.ts";
import type { OAuthProxySettings } from "./proxy-settings.ts";

/** The provider behind an OAuth proxy: all of it is known beforehand. */
export async function createOAuthUpstream(
  settings: OAuthProxySettings,
  context: AuthProviderContext,
): Promise<Upstream> {
  const exchangeToken = settings.createExchange?.(context);
  const upstream: Upstream = {
    client: endingHereOnly(createClient(settings, context), settings),
    tokens: await settings.createVerifier(context),
    tokenKind: settings.tokenKind,
    ...(exchangeToken !== undefined && { exchangeToken }),
  };
  return settings.tokenKind === "opaque" ? refreshByLastingTokens(upstream, context.clock) : upstream;
}

function createClient(settings: OAuthProxySettings, context: AuthProviderContext): UpstreamClient {
  const { authorizationEndpoint, tokenEndpoint, revocationEndpoint, providerScopes, identityScopes, revoke } = settings;
  const client = createOAuthUpstreamClient({
    ...clientSettings(settings, context),
    authorizationEndpoint,
    tokenEndpoint,
    revocationEndpoint,
    providerScopes,
    identityScopes,
  });
  return revoke === undefined ? client : { ...client, revoke };
}

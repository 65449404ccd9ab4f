import type { AuthorizationCodeClientOptions } from "../../upstream/authorization-code-client.ts";
import type { UpstreamClient } from "../../upstream/upstream-client.ts";
import type { AuthProviderContext } from "../auth-provider.ts";
import { type ProxyDeclaration, type ProxySettings, requestedResource } from "./proxy-settings.ts";

/** The settings of our client at the provider, which both kinds of proxy make in the same way. */
export function clientSettings(
  settings: ProxySettings & ProxyDeclaration,
  { clock, logger, mcpPath }: AuthProviderContext,
): Omit<AuthorizationCodeClientOptions, "metadata"> {
  const { clientId, clientSecret, tokenEndpointAuthMethod, extraAuthorizeParams, extraTokenParams } = settings;
  return {
    clientId,
    clientSecret,
    tokenEndpointAuthMethod,
    resource: requestedResource(settings, mcpPath),
    extraAuthorizeParams,
    extraTokenParams,
    pkce: settings.forwardPkce,
    offlineAccess: settings.offlineAccess,
    plainHttpHosts: settings.plainHttpHosts,
    prompts: settings.prompts,
    timeout: settings.timeoutSeconds,
    advice: settings.advice,
    variables: { clientId: settings.nameOf("clientId"), clientSecret: settings.nameOf("clientSecret") },
    clock,
    logger,
  };
}

/** `client`, which ends nothing at the provider where the configuration says so: its sessions there may be shared. */
export function endingHereOnly(
  client: UpstreamClient,
  { revokeUpstream = true, revokesAllSessions }: ProxySettings & ProxyDeclaration,
): UpstreamClient {
  return revokeUpstream ? { ...client, revokesAllSessions } : { ...client, revoke: async () => false };
}

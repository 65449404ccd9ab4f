import type { AuthorizationCodeClientOptions } from "../../upstream/authorization-code-client.ts";
import type { AuthProviderContext } from "../auth-provider.ts";
import type { ProxyDeclaration, ProxySettings } from "./proxy-settings.ts";

/** The settings of our client at the provider, which both kinds of proxy make in the same way. */
export function clientSettings(
  settings: ProxySettings & ProxyDeclaration,
  { clock, logger }: AuthProviderContext,
): Omit<AuthorizationCodeClientOptions, "metadata"> {
  const { clientId, clientSecret, tokenEndpointAuthMethod, extraAuthorizeParams, extraTokenParams } = settings;
  return {
    clientId,
    clientSecret,
    tokenEndpointAuthMethod,
    extraAuthorizeParams,
    extraTokenParams,
    timeout: settings.timeoutSeconds,
    advice: settings.advice,
    variables: { clientId: settings.nameOf("clientId"), clientSecret: settings.nameOf("clientSecret") },
    clock,
    logger,
  };
}

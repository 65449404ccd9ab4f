import type { EndpointRequest, EndpointResponse } from "../../endpoint.ts";
import { randomId } from "../../lib/secrets.ts";
import type { ProviderSession, ProxyContext } from "../context.ts";
import { scopesAtProvider } from "../protocol/login-age.ts";
import { deriveLoginSecrets } from "../tokens/token-keys.ts";
import { redirect } from "./client-redirect.ts";
import { type ApprovedLogin, keepLogin } from "./login-cookies.ts";

/** The id of a login that begins. */
export const newLoginId = randomId;

/** Sends the browser to the provider, with a cookie that ties the login to it. The caller has the user's approval. */
export async function beginLogin(
  context: ProxyContext,
  { upstream, keyring }: ProviderSession,
  login: ApprovedLogin,
  request: EndpointRequest,
): Promise<EndpointResponse> {
  const { loginId, authorizationRequest } = login;
  const { scopes, loginParameters } = authorizationRequest;
  const cookies = await keepLogin(context, keyring, login, request);
  const { codeChallenge, nonce } = deriveLoginSecrets(keyring, loginId, keyring.currentKeyId);
  const location = await upstream.client.authorizationUrl({
    redirectUri: context.urls.callback,
    state: loginId,
    nonce,
    codeChallenge,
    scopes: scopesAtProvider(upstream, scopes, loginParameters?.max_age !== undefined),
    loginParameters,
  });
  return { ...redirect(request, location.href), cookies };
}

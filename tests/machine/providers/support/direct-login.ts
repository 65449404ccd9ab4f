import { createHash, randomBytes } from "node:crypto";
import { logInAt } from "./browser-login.ts";
import type { ProviderMetadata } from "./discovery.ts";
import {
  type Credentials,
  DIRECT_CALLBACK,
  type DirectParameters,
  type IdentityProvider,
} from "./identity-provider.ts";
import { Session, type Tokens } from "./session.ts";

/** Logs in with an application of one's own at the provider itself; our server has no part in it. */
export async function logInDirectly(
  provider: IdentityProvider,
  metadata: ProviderMetadata,
  username: string,
  { authorize, token }: DirectParameters = {},
): Promise<Session> {
  const verifier = randomBytes(32).toString("base64url");
  const query = new URLSearchParams({
    response_type: "code",
    client_id: provider.clientId,
    redirect_uri: DIRECT_CALLBACK,
    scope: "openid",
    state: randomBytes(16).toString("hex"),
    nonce: randomBytes(16).toString("hex"),
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    ...authorize,
  });
  const callback = await logInAt(provider, `${metadata.authorization_endpoint}?${query}`, username, DIRECT_CALLBACK);
  const code = callback.searchParams.get("code");
  if (code === null) {
    throw new Error(`The provider's login ended with ${callback.search}`);
  }
  const tokens = await requestTokens(metadata, provider, {
    grant_type: "authorization_code",
    code,
    redirect_uri: DIRECT_CALLBACK,
    code_verifier: verifier,
    ...token,
  });
  return new Session(
    tokens,
    { token: metadata.token_endpoint, revocation: metadata.revocation_endpoint },
    { headers: basic(provider), form: {}, tokenForm: token ?? {} },
  );
}

/** An access token of a machine, from the provider itself. */
export async function requestMachineToken(
  provider: IdentityProvider,
  metadata: ProviderMetadata,
  { machine }: DirectParameters = {},
): Promise<string> {
  const form = { grant_type: "client_credentials", ...machine };
  return (await requestTokens(metadata, provider.machine, form)).access_token;
}

async function requestTokens(
  { token_endpoint }: ProviderMetadata,
  credentials: Credentials,
  form: Record<string, string>,
): Promise<Tokens> {
  const body = new URLSearchParams(form);
  const answer = await fetch(token_endpoint, { method: "POST", headers: basic(credentials), body });
  const text = await answer.text();
  if (!answer.ok) {
    throw new Error(`The provider's token endpoint answered ${answer.status}: ${text}`);
  }
  return JSON.parse(text) as Tokens;
}

function basic({ clientId, clientSecret }: Credentials): Record<string, string> {
  return { Authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}` };
}

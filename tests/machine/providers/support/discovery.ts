/** What a provider publishes of itself. */
export interface ProviderMetadata {
  readonly issuer: string;
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly jwks_uri: string;
  readonly userinfo_endpoint: string;
  readonly introspection_endpoint?: string;
  readonly revocation_endpoint?: string;
}

export function configUrlOf(issuer: string): string {
  return `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
}

export async function discover(issuer: string): Promise<ProviderMetadata> {
  const answer = await fetch(configUrlOf(issuer));
  if (!answer.ok) {
    throw new Error(`The discovery document of ${issuer} answered ${answer.status}`);
  }
  return (await answer.json()) as ProviderMetadata;
}

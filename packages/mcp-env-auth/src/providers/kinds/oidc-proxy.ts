import { ConfigError } from "../../errors.ts";
import { createMachineTokens } from "../../upstream/client-credentials.ts";
import { discoverMetadata } from "../../upstream/discovery.ts";
import { createIdTokenSignatureCheck } from "../../upstream/id-token-signature.ts";
import { createRemoteKeys } from "../../upstream/jwks.ts";
import { asymmetricAlgorithms } from "../../upstream/jwt-algorithms.ts";
import { createJwtVerifier } from "../../upstream/jwt-verifier.ts";
import { createOidcUpstreamClient } from "../../upstream/oidc-client.ts";
import { createUpstreamTokenExchange } from "../../upstream/token-exchange.ts";
import type { Upstream } from "../../upstream/upstream.ts";
import type { AuthProvider, AuthProviderContext } from "../auth-provider.ts";
import { clientSettings, proxyProvider } from "./proxy.ts";
import type { ProxyDeclaration, ProxySettings } from "./proxy-settings.ts";

export interface OidcProxySettings extends ProxySettings, ProxyDeclaration {
  /** The provider's discovery document (OpenID Connect Discovery 1.0 section 4). */
  readonly configUrl: URL;
  /** What a discovery URL of this provider looks like, for error messages. */
  readonly configUrlExample?: string;
  /** Sent at authorize, token and refresh, and required in `aud`. Absent: tokens of every audience are taken. */
  readonly audience?: string;
  /** Issuers to accept although they do not fit `configUrl`: for a provider known to break that rule. */
  readonly otherIssuers?: readonly string[];
  /** The claims that list scopes. Default `scope`, `scp` and `permissions`. */
  readonly scopeClaims?: readonly string[];
  /** Scopes that count as carried by every token: those that the provider grants and never writes down. */
  readonly impliedScopes?: readonly string[];
  /** What this provider's tokens are held to beyond signature, issuer, audience and times. @throws UpstreamTokenError */
  readonly checkClaims?: (claims: Readonly<Record<string, unknown>>) => void;
}

/** Kind: an OAuth proxy in front of an OpenID Connect provider without usable dynamic client registration. */
export function oidcProxy(settings: OidcProxySettings): AuthProvider {
  const variable = settings.nameOf("configUrl");
  return proxyProvider(settings, {
    discover: (context) => discover(settings, variable, context),
    configUrl: settings.configUrl,
    hint: `Check ${variable} and this machine's connection.`,
  });
}

async function discover(
  settings: OidcProxySettings,
  variable: string,
  context: AuthProviderContext,
): Promise<Upstream> {
  const { configUrl, configUrlExample, audience, otherIssuers, timeoutSeconds } = settings;
  const { clock, logger } = context;
  const metadata = await discoverMetadata({
    configUrl,
    variable,
    ...(configUrlExample === undefined ? {} : { example: configUrlExample }),
    ...(otherIssuers === undefined ? {} : { otherIssuers }),
    ...(timeoutSeconds === undefined ? {} : { timeout: timeoutSeconds }),
  });
  const { jwksUri } = metadata;
  if (jwksUri === undefined) {
    const message =
      "The document lists no jwks_uri, so the provider's access tokens can't be verified. Use its OpenID Connect discovery document.";
    throw new ConfigError([{ variable, message }]);
  }
  const keys = createRemoteKeys({ jwksUri, clock, logger, timeout: timeoutSeconds });
  return {
    client: createOidcUpstreamClient({ ...clientSettings(settings, context), metadata, audience }),
    tokens: createJwtVerifier({
      issuer: metadata.issuer,
      audience,
      algorithms: asymmetricAlgorithms(metadata.idTokenSigningAlgorithms),
      keys,
      clientId: settings.clientId,
      audienceVariable: settings.audienceSetting && settings.nameOf(settings.audienceSetting),
      advice: settings.advice,
      scopeClaims: settings.scopeClaims,
      impliedScopes: settings.impliedScopes,
      check: settings.checkClaims,
      clock,
    }),
    verifyIdToken: createIdTokenSignatureCheck({
      algorithms: metadata.idTokenSigningAlgorithms,
      keys,
      clientSecret: settings.clientSecret,
      clientSecretVariable: settings.nameOf("clientSecret"),
    }),
    tokenKind: "jwt",
    ...(settings.tokenExchangeClientId !== undefined && {
      exchangeToken: createUpstreamTokenExchange({
        metadata,
        clientId: settings.tokenExchangeClientId,
        clientSecret: settings.tokenExchangeClientSecret,
        variables: {
          clientId: settings.nameOf("tokenExchangeClientId"),
          clientSecret: settings.nameOf("tokenExchangeClientSecret"),
        },
        timeout: timeoutSeconds,
        clock,
        logger,
      }),
    }),
    ...(settings.machineClients !== undefined && {
      machineTokens: createMachineTokens({
        metadata,
        audience,
        organization: settings.organization,
        extraTokenParams: settings.extraTokenParams,
        timeout: timeoutSeconds,
        logger,
      }),
    }),
  };
}

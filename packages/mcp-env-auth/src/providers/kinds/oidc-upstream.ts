import { ConfigError } from "../../errors.ts";
import { discoverMetadata } from "../../upstream/discovery.ts";
import { createIdTokenSignatureCheck } from "../../upstream/id-token-signature.ts";
import { createRemoteKeys } from "../../upstream/jwks.ts";
import { asymmetricAlgorithms } from "../../upstream/jwt-algorithms.ts";
import { createJwtVerifier } from "../../upstream/jwt-verifier.ts";
import { createMachineTokens } from "../../upstream/machine-tokens.ts";
import { createOidcUpstreamClient } from "../../upstream/oidc-client.ts";
import type { SubjectRules } from "../../upstream/subject-rules.ts";
import { createUpstreamTokenExchange } from "../../upstream/token-exchange.ts";
import type { Upstream } from "../../upstream/upstream.ts";
import type { AuthProviderContext } from "../auth-provider.ts";
import { clientSettings, endingHereOnly } from "./client-settings.ts";
import type { OidcProxySettings } from "./proxy-settings.ts";

/**
 * Asks for the provider behind an OpenID Connect proxy. @throws UpstreamError, ConfigError as {@link discoverMetadata}
 */
export async function discoverOidcUpstream(
  settings: OidcProxySettings,
  context: AuthProviderContext,
): Promise<Upstream> {
  const variable = settings.nameOf("configUrl");
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
  const subject: SubjectRules = {
    claim: settings.subjectClaim,
    variable: settings.nameOf("subjectClaim"),
    advice: settings.advice?.noSubject,
    application: settings.clientId,
    otherIssuers: settings.trustedAssertionIssuers?.filter((issuer) => issuer !== metadata.issuer),
  };
  const keys = createRemoteKeys({ jwksUri, clock, logger, timeout: timeoutSeconds });
  return {
    client: endingHereOnly(
      createOidcUpstreamClient({ ...clientSettings(settings, context), metadata, audience }),
      settings,
    ),
    tokens: createJwtVerifier({
      issuer: metadata.issuer,
      audience,
      algorithms: asymmetricAlgorithms(metadata.idTokenSigningAlgorithms),
      keys,
      clientId: settings.clientId,
      audienceVariable: settings.audienceSetting && settings.nameOf(settings.audienceSetting),
      advice: settings.advice,
      scopeClaims: settings.scopeClaims,
      subject,
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
    subject: { ...subject, issuer: metadata.issuer },
    ...(settings.sameSubject && { sameSubject: true }),
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

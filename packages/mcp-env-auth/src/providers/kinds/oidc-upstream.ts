import { ConfigError } from "../../errors.ts";
import { createAuthorizationCodeClient } from "../../upstream/authorization-code-client.ts";
import { discoverMetadata } from "../../upstream/discovery.ts";
import { createIdTokenIdentity } from "../../upstream/id-token-identity.ts";
import { createIdTokenSignatureCheck } from "../../upstream/id-token-signature.ts";
import { createRemoteKeys } from "../../upstream/jwks.ts";
import { asymmetricAlgorithms } from "../../upstream/jwt-algorithms.ts";
import { createJwtVerifier } from "../../upstream/jwt-verifier.ts";
import { createMachineTokens } from "../../upstream/machine-tokens.ts";
import type { SubjectRules } from "../../upstream/subject-rules.ts";
import { createUpstreamTokenExchange } from "../../upstream/token-exchange.ts";
import type { Upstream } from "../../upstream/upstream.ts";
import type { AuthProviderContext } from "../auth-provider.ts";
import { clientSettings, endingHereOnly } from "./client-settings.ts";
import { audienceVariable, type OidcProxySettings, requestedResource } from "./proxy-settings.ts";

/**
 * Asks for the provider behind an OpenID Connect proxy. @throws UpstreamError, ConfigError as {@link discoverMetadata}
 */
export async function discoverOidcUpstream(
  settings: OidcProxySettings,
  context: AuthProviderContext,
): Promise<Upstream> {
  const variable = settings.nameOf("configUrl");
  const { configUrl, configUrlExample, audience, otherIssuers, timeoutSeconds } = settings;
  const sentAudience = settings.sendsAudience === false ? undefined : audience;
  const { clock, logger } = context;
  const resource = requestedResource(settings, context.mcpPath);
  const metadata = await discoverMetadata({
    configUrl,
    variable,
    issuer: settings.issuer,
    issuerVariable: settings.issuerSetting && settings.nameOf(settings.issuerSetting),
    plainHttpHosts: settings.plainHttpHosts,
    plainHttpVariable: settings.plainHttpSetting && settings.nameOf(settings.plainHttpSetting),
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
  const tokenIssuer = settings.tokenIssuer ?? metadata.accessTokenIssuer ?? metadata.issuer;
  const subject: SubjectRules = {
    claim: settings.subjectClaim,
    unlisted: settings.unlistedSubject,
    variable: settings.nameOf("subjectClaim"),
    advice: settings.advice?.noSubject,
    application: settings.clientId,
    otherIssuers: settings.trustedAssertionIssuers?.filter((issuer) => issuer !== metadata.issuer),
  };
  const loginSubject: SubjectRules = { ...subject, issuer: metadata.issuer };
  const keys = createRemoteKeys({ jwksUri, clock, logger, timeout: timeoutSeconds });
  return {
    client: endingHereOnly(
      createAuthorizationCodeClient({
        ...clientSettings(settings, context),
        ...(settings.verifyIdToken && { identityScopes: ["openid"] }),
        metadata,
        audience: sentAudience,
      }),
      settings,
    ),
    tokens: settings.verifyIdToken
      ? createIdTokenIdentity({
          clientId: settings.clientId,
          subject: loginSubject,
          userinfoEndpoint: metadata.userinfoEndpoint,
          timeout: timeoutSeconds,
          clock,
        })
      : createJwtVerifier({
          issuer: tokenIssuer,
          audience: audience ?? resource,
          algorithms: settings.algorithm ?? asymmetricAlgorithms(metadata.idTokenSigningAlgorithms),
          keys,
          clientId: settings.clientId,
          audienceVariable: audienceVariable(settings),
          advice: settings.advice,
          scopeClaims: settings.scopeClaims,
          subject,
          impliedScopes: settings.impliedScopes,
          check: settings.checkClaims,
          clock,
        }),
    verifyIdToken: createIdTokenSignatureCheck({
      algorithms: (settings.verifyIdToken && settings.algorithm) || metadata.idTokenSigningAlgorithms,
      keys,
      clientSecret: settings.clientSecret,
      clientSecretVariable: settings.nameOf("clientSecret"),
    }),
    tokenKind: settings.verifyIdToken ? "opaque" : "jwt",
    ...(settings.verifyIdToken && { identifiesByIdToken: true }),
    subject: loginSubject,
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
        audience: sentAudience,
        resource,
        organization: settings.organization,
        extraTokenParams: settings.extraTokenParams,
        timeout: timeoutSeconds,
        clock,
        logger,
      }),
    }),
  };
}

import type { Logger } from "../../logger.ts";
import { noAdvice } from "../../provider-advice.ts";
import { createOAuthProxy } from "../../proxy/oauth-proxy.ts";
import { createKeyring, type Keyring, type RootKeys } from "../../sealing/keyring.ts";
import { createRootKeys } from "../../sealing/root-keys.ts";
import { createUpstreamConnection } from "../../upstream/connection.ts";
import { describeUnlistedScopes } from "../../upstream/unlisted-scopes.ts";
import type { Upstream } from "../../upstream/upstream.ts";
import { createUserClaims } from "../../upstream/user-claims.ts";
import type { Authentication, AuthProviderContext } from "../auth-provider.ts";
import { endpointBase, issuerIdentifier } from "../fields/base-url.ts";
import { checkCredentialsSoon } from "./credentials-check.ts";
import { exchangeAt } from "./exchange-at.ts";
import {
  audienceVariable,
  type ProxyDeclaration,
  type ProxySettings,
  targetSettings,
  unusedResource,
} from "./proxy-settings.ts";
import { enterpriseOf } from "./trusted-enterprises.ts";

const SHORT_KEY = 16;

/** The provider that a proxy is in front of. */
export interface ProxiedProvider {
  /** The MCP URL: what tokens are for. */
  readonly resource: string;
  /** What must be allowed as a callback URL there. */
  readonly callbackUrl: string;
  /** Asks for it once. @throws UpstreamError, ConfigError */
  discover(context: AuthProviderContext): Promise<Upstream>;
  /** What to check while it can't be reached: a sentence. */
  readonly hint?: string | undefined;
}

/** Puts the proxy to work. @throws ConfigError */
export async function authenticateByProxy(
  settings: ProxySettings & ProxyDeclaration,
  { resource, callbackUrl, discover, hint }: ProxiedProvider,
  context: AuthProviderContext,
): Promise<Authentication> {
  const { baseUrl, requiredScopes } = settings;
  const issuer = issuerIdentifier(settings.issuerUrl ?? baseUrl);
  let leaveCredentials = () => {};
  const connection = createUpstreamConnection({
    discover: async () => {
      const upstream = await discover(context);
      leaveCredentials = checkCredentialsSoon(upstream.client, callbackUrl, context.logger);
      warnOfUnlistedScopes(upstream, [...requiredScopes, ...context.registrationScopes], context.logger);
      return upstream;
    },
    logger: context.logger,
    clock: context.clock,
    patience: context.providerPatience,
    ...(hint !== undefined && { hint }),
  });
  adviseOperator(settings, callbackUrl, context.logger);
  warnOfLocalLogout(settings, context);
  const rootKeys = await createRootKeys({
    secret: settings.jwtSigningKey ?? settings.clientSecret ?? "",
    previousSecrets: settings.jwtSigningKeyPrevious ?? [],
  });
  const proxy = createOAuthProxy({
    ...context,
    baseUrl: endpointBase(baseUrl),
    issuer,
    resource,
    redirectPath: settings.redirectPath,
    requiredScopes,
    scopesSupported: [...new Set([...requiredScopes, ...(settings.validScopes ?? []), ...context.registrationScopes])],
    allowedClientRedirectUris: settings.allowedClientRedirectUris,
    clientIdMetadataHosts: settings.clientIdMetadataHosts,
    rootKeys,
    registrationKeys: await registrationKeysOf(settings),
    enterprise: enterpriseOf(settings, context),
    ...(settings.machineClients !== undefined && {
      machines: {
        clients: settings.machineClients,
        acceptUpstreamTokens: settings.acceptUpstreamTokens ?? false,
      },
    }),
    lifetimes: {
      access: settings.fallbackAccessTokenExpirySeconds,
      refresh: settings.fallbackRefreshTokenExpirySeconds,
      margin: settings.tokenExpiryThresholdSeconds,
    },
    providerClassPath: settings.classPath,
    upstreamClientId: settings.clientId,
    advice: settings.advice ?? noAdvice,
    upstream: () => connection.current(),
    upstreamTrouble: () => connection.trouble(),
    variables: {
      clientId: settings.nameOf("clientId"),
      clientSecret: settings.nameOf("clientSecret"),
      address: settings.addressSetting && settings.nameOf(settings.addressSetting),
      forwardPkce: settings.forwardPkce === undefined ? undefined : settings.nameOf("forwardPkce"),
      offlineAccess: settings.nameOf("offlineAccess"),
      audience: audienceVariable(settings),
      targets: targetSettings(settings),
      unusedResource: unusedResource(settings),
      requiredScopes: settings.nameOf("requiredScopes"),
      baseUrl: settings.nameOf("baseUrl"),
      clientIdMetadataHosts: settings.nameOf("clientIdMetadataHosts"),
      assertionPublicClients: settings.nameOf("assertionPublicClients"),
      organization: {
        allowed: settings.nameOf(settings.organization === undefined ? "allowedOrganizations" : "organization"),
        claim: settings.nameOf("organizationClaim"),
      },
    },
  });
  return {
    resource,
    verifier: proxy.verifier,
    recognize: proxy.recognize,
    loginRecords: proxy.loginRecords,
    requiredScopes,
    ...(settings.exchangesTokens && { exchange: exchangeAt(() => connection.current(), settings) }),
    userClaims: createUserClaims({
      endpoint: () => connection.current()?.client.metadata.userinfoEndpoint,
      scopesVariable: settings.nameOf("requiredScopes"),
      timeout: settings.timeoutSeconds,
      clock: context.clock,
    }),
    authorizationServers: [issuer],
    mac: createKeyring(rootKeys, ["log", issuer]).mac,
    secrets: (label) => secretsFor(createKeyring(rootKeys, ["secrets", issuer, resource]), label),
    sealer: createKeyring(rootKeys, [
      ...["sessions", issuer, resource, context.tokenEpoch, settings.classPath, settings.clientId],
    ]),
    endpoints: proxy.endpoints,
    start: () => connection.start(),
    ready: () => connection.current() !== undefined,
    close: async () => {
      leaveCredentials();
      connection.close();
    },
  };
}

/** Twice as long as a MAC. */
function secretsFor({ macs }: Keyring, label: string): Uint8Array[] {
  const seconds = macs(label, "2");
  return macs(label, "1").map((first, index) => Buffer.concat([first, ...seconds.slice(index, index + 1)]));
}

function warnOfUnlistedScopes({ client }: Upstream, wanted: readonly string[], logger: Logger): void {
  const message = describeUnlistedScopes(client.metadata.scopesSupported, [...new Set(wanted)]);
  if (message !== undefined) {
    logger.warn({ event: "scopes-unlisted" }, message);
  }
}

async function registrationKeysOf({ jwtSigningKeyRegistrations = [] }: ProxySettings): Promise<RootKeys> {
  const [secret, ...previousSecrets] = jwtSigningKeyRegistrations;
  return secret === undefined ? [] : createRootKeys({ secret, previousSecrets });
}

/** Nothing else ends a session that was revoked at another replica before its access token does. */
function warnOfLocalLogout(
  { revokeUpstream = true, nameOf }: ProxySettings & ProxyDeclaration,
  { store, logger }: AuthProviderContext,
): void {
  if (revokeUpstream || store.isShared) {
    return;
  }
  logger.warn(
    { event: "logout-in-one-process" },
    `${nameOf("revokeUpstream")} is false and there is no Redis: a logout counts only in the process that gets it. With several replicas, set FASTMCP_STORAGE_URL.`,
  );
}

function adviseOperator(settings: ProxySettings & ProxyDeclaration, callback: string, logger: Logger): void {
  logger.info({ callback }, `The identity provider must allow this callback URL: ${callback}`);
  if ((settings.jwtSigningKey?.length ?? Number.POSITIVE_INFINITY) < SHORT_KEY) {
    const key = settings.nameOf("jwtSigningKey");
    logger.warn(
      {},
      `${key} is so short that it can be guessed from any client id. Set it to a random text of 32 characters or more.`,
    );
  }
  if (settings.forwardPkce === false) {
    logger.warn(
      { event: "no-pkce" },
      `${settings.nameOf("forwardPkce")} is false: nothing but the login's nonce, where the provider signs id tokens, keeps a stolen code of the provider's from being used. Remove it once the provider takes PKCE.`,
    );
  }
  if (settings.jwtSigningKey === undefined) {
    const key = settings.nameOf("jwtSigningKey");
    const secret = settings.nameOf("clientSecret");
    logger.info(
      {},
      `Tokens are sealed under ${secret}. Set ${key} to a random text of 32 characters or more, and changing ${secret} ends no session.`,
    );
  }
}

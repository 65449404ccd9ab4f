import type { AccessToken, TokenVerifier } from "../../access-token.ts";
import { confirmationOf } from "../../dpop/confirmation.ts";
import type { Endpoint } from "../../endpoint.ts";
import { OAuthError } from "../../errors.ts";
import { deepFreeze } from "../../lib/deep-freeze.ts";
import { sha256Base64url } from "../../lib/digest.ts";
import { ExpiringCache } from "../../lib/expiring-cache.ts";
import type { Logger } from "../../logger.ts";
import { withOrganization } from "../../upstream/organization-policy.ts";
import { UpstreamError } from "../../upstream/upstream-client.ts";
import { UpstreamTokenError, type UpstreamTokenVerifier } from "../../upstream/upstream-token.ts";
import type { AuthProvider, AuthProviderContext } from "../auth-provider.ts";
import { resourceIdentifier } from "./base-url.ts";
import { type OrganizationSettings, organizationPolicy } from "./organizations.ts";

const RETRY_AFTER_SECONDS = 5;

/** How long a signed token is taken for good without a look at the issuer's keys, seconds. */
const REMEMBERED = 60;
const MAX_REMEMBERED = 5000;

export interface TokenVerifierSettings extends OrganizationSettings {
  readonly baseUrl?: URL;
  readonly requiredScopes: readonly string[];
  /** Makes the verifier of the provider's tokens. */
  readonly createVerifier: (context: AuthProviderContext) => UpstreamTokenVerifier | Promise<UpstreamTokenVerifier>;
  /** Issuers for the protected resource metadata, where clients can find the authorization server themselves. */
  readonly authorizationServers?: readonly string[];
  /** Endpoints to serve beside the MCP endpoint. */
  readonly createEndpoints?: (context: AuthProviderContext) => readonly Endpoint[];
}

/** Kind: a resource server that accepts the provider's own tokens, and leaves it to the client to get one. */
export function tokenVerifier(settings: TokenVerifierSettings): AuthProvider {
  const { baseUrl, requiredScopes } = settings;
  const organizations = organizationPolicy(settings);
  const createVerifier = async (context: AuthProviderContext) => {
    const verifier = await settings.createVerifier(context);
    return organizations === undefined ? verifier : withOrganization(verifier, organizations);
  };
  const describe = (mcpPath: string) => ({
    resource: baseUrl && resourceIdentifier(baseUrl, mcpPath),
    requiredScopes,
    authorizationServers: settings.authorizationServers ?? [],
  });
  return {
    baseUrl,
    upstream: { kind: "tokens", createVerifier },
    describe,
    authenticate: async (context) => ({
      ...describe(context.mcpPath),
      verifier: rememberSigned(await createVerifier(context), context),
      endpoints: settings.createEndpoints?.(context) ?? [],
      start: async () => {},
      ready: () => true,
      close: async () => {},
    }),
  };
}

/**
 * Tells the operator of what nothing else would show: whoever has a token for another server of the issuer's gets in.
 */
export function warnWithoutAudience(audience: unknown, variable: string, logger: Logger): void {
  if (audience === undefined) {
    logger.warn({}, `${variable} is not set, so tokens that the issuer issued for other servers are also accepted.`);
  }
}

/**
 * A signed token that was found good is taken for good for a minute: checking its signature costs as much as all other
 * checks of a call. One that is looked up has a cache of its own, where the operator wants one.
 */
function rememberSigned(
  upstream: UpstreamTokenVerifier,
  { clock, logger }: Pick<AuthProviderContext, "clock" | "logger">,
): TokenVerifier {
  const verifier = acceptUpstreamTokens(upstream, logger);
  if (upstream.rules === undefined) {
    return verifier;
  }
  const known = new ExpiringCache<AccessToken>(MAX_REMEMBERED, clock);
  return {
    async verify(token) {
      const key = sha256Base64url(token);
      const remembered = known.get(key);
      if (remembered !== undefined) {
        return remembered;
      }
      const verified = await verifier.verify(token);
      known.set(key, verified, Math.min(verified.expiresAt, clock() + REMEMBERED));
      return verified;
    },
  };
}

/** A verifier of bearer tokens that are the provider's own: what is wrong with one becomes a protocol error. */
function acceptUpstreamTokens(upstream: UpstreamTokenVerifier, logger: Logger): TokenVerifier {
  return {
    async verify(token) {
      try {
        // What was looked up may be shared with other requests: none may change what the next one sees.
        const verified = await upstream.verify(token);
        return deepFreeze({ token, ...verified, ...confirmationOf(verified.claims) });
      } catch (error) {
        if (error instanceof UpstreamError && error.kind !== "unavailable") {
          logger.error({ kind: error.kind }, `A token could not be checked. ${error.message}`);
        }
        throw toOAuthError(error);
      }
    },
  };
}

function toOAuthError(error: unknown): unknown {
  if (error instanceof UpstreamTokenError) {
    return new OAuthError("invalid_token", error.message, { cause: error });
  }
  if (error instanceof UpstreamError) {
    return new OAuthError(
      "temporarily_unavailable",
      "The identity provider can't be reached to check the token. Try again.",
      {
        retryAfter: RETRY_AFTER_SECONDS,
        cause: error,
      },
    );
  }
  return error;
}

import type { AccessToken, TokenVerifier } from "../../access-token.ts";
import { createCountedLines } from "../../counted-lines.ts";
import { confirmationOf } from "../../dpop/confirmation.ts";
import type { Endpoint } from "../../endpoint.ts";
import { OAuthError, TOO_MANY_REQUESTS } from "../../errors.ts";
import { BoundedMap } from "../../lib/bounded-map.ts";
import { deepFreeze } from "../../lib/deep-freeze.ts";
import { sha256Base64url } from "../../lib/secrets.ts";
import type { Logger } from "../../logger.ts";
import { TooManyLookUps } from "../../upstream/look-up-turns.ts";
import { withOrganization } from "../../upstream/organization-policy.ts";
import { COOLDOWN } from "../../upstream/provider-http.ts";
import { UpstreamError } from "../../upstream/upstream-client.ts";
import { SIGNED_TOKEN_TTL, UpstreamTokenError, type UpstreamTokenVerifier } from "../../upstream/upstream-token.ts";
import type { AuthProvider, AuthProviderContext } from "../auth-provider.ts";
import { resourceIdentifier } from "../fields/base-url.ts";
import { type OrganizationSettings, organizationPolicy } from "./organizations.ts";

const TOO_MANY_REFUSED = "Too many access tokens from this address were refused. Try again later.";

const MAX_REMEMBERED = 5000;

export interface TokenVerifierSettings extends OrganizationSettings {
  readonly baseUrl?: URL;
  /** Where the MCP endpoint is. Default `baseUrl`. */
  readonly resourceBaseUrl?: URL;
  /** What clients are told to ask for. Default: the required scopes, and those of logins. */
  readonly scopesSupported?: readonly string[];
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
  const { baseUrl, resourceBaseUrl = baseUrl, requiredScopes, scopesSupported } = settings;
  const organizations = organizationPolicy(settings);
  const createVerifier = async (context: AuthProviderContext) => {
    const verifier = await settings.createVerifier(context);
    return organizations === undefined ? verifier : withOrganization(verifier, organizations);
  };
  const describe = (mcpPath: string) => ({
    resource: resourceBaseUrl && resourceIdentifier(resourceBaseUrl, mcpPath),
    requiredScopes,
    ...(scopesSupported !== undefined && { scopesSupported }),
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
    logger.warn({}, withoutAudience(variable));
  }
}

/** What it means that no audience is configured. */
export function withoutAudience(variable: string): string {
  return `${variable} is not set, so tokens that the issuer issued for other servers are also accepted.`;
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
  const known = new BoundedMap<AccessToken>({ capacity: MAX_REMEMBERED, whenFull: "evict unused", clock });
  return {
    async verify(token, from) {
      const key = sha256Base64url(token);
      const remembered = known.get(key);
      if (remembered !== undefined) {
        return remembered;
      }
      const verified = await verifier.verify(token, from);
      known.set(key, verified, Math.min(verified.expiresAt, clock() + SIGNED_TOKEN_TTL));
      return verified;
    },
  };
}

/** A verifier of bearer tokens that are the provider's own: what is wrong with one becomes a protocol error. */
function acceptUpstreamTokens(upstream: UpstreamTokenVerifier, logger: Logger): TokenVerifier {
  const lines = createCountedLines(logger);
  return {
    async verify(token, from) {
      try {
        // What was looked up may be shared with other requests: none may change what the next one sees.
        const verified = await upstream.verify(token, undefined, from);
        return deepFreeze({ token, ...verified, ...confirmationOf(verified.claims) });
      } catch (error) {
        if (error instanceof UpstreamError && error.kind !== "unavailable") {
          lines.error(error.kind, { kind: error.kind }, `A token could not be checked. ${error.message}`);
        }
        if (error instanceof TooManyLookUps) {
          lines.info(error.whose, { event: "tokens-limited" }, WHY_LIMITED[error.whose]);
        }
        throw toOAuthError(error);
      }
    },
  };
}

const WHY_LIMITED = {
  address:
    "Too many tokens from one address were refused, so it gets 429 for up to a minute. If a reverse proxy is in front of this server, set FASTMCP_TRUST_PROXY.",
  server: "The identity provider is asked about so many tokens that requests get 503.",
};

function toOAuthError(error: unknown): unknown {
  if (error instanceof TooManyLookUps) {
    const { whose, retryAfter, message } = error;
    return whose === "address"
      ? new OAuthError("temporarily_unavailable", TOO_MANY_REFUSED, {
          status: TOO_MANY_REQUESTS,
          retryAfter,
          cause: error,
        })
      : new OAuthError("temporarily_unavailable", `${message} Try again in a moment.`, { retryAfter, cause: error });
  }
  if (error instanceof UpstreamTokenError) {
    return new OAuthError("invalid_token", error.message, { cause: error });
  }
  if (error instanceof UpstreamError) {
    return new OAuthError(
      "temporarily_unavailable",
      "The identity provider can't be reached to check the token. Try again.",
      {
        retryAfter: COOLDOWN,
        cause: error,
      },
    );
  }
  return error;
}

import type { Clock } from "../lib/clock.ts";
import type { Upstream } from "./upstream.ts";
import { UpstreamError, type UpstreamTokens } from "./upstream-client.ts";
import { UpstreamTokenError } from "./upstream-token.ts";

/** No provider's refresh token starts like this. */
const MARK = "access token:";

interface LastingToken {
  readonly accessToken: string;
  readonly scope: string | undefined;
  /** Seconds since the Unix epoch; absent: without an end. */
  readonly expiresAt: number | undefined;
}

/**
 * For a provider whose access tokens last for days or for ever and that gives no refresh token with them, as GitHub:
 * the access token itself takes the refresh token's place. A refresh looks it up again, so that a session ends when the
 * user withdraws the application's access.
 */
export function refreshByLastingTokens(upstream: Upstream, clock: Clock): Upstream {
  const { client, tokens } = upstream;
  return {
    ...upstream,
    client: {
      ...client,
      async exchangeCode(exchange) {
        return withRefreshToken(await client.exchangeCode(exchange), clock());
      },
      async refresh(refreshToken, scopes) {
        const lasting = read(refreshToken);
        if (lasting === undefined) {
          return client.refresh(refreshToken, scopes);
        }
        // It came from the token endpoint, so it is held to what it was held to at the login.
        await requireGood(() => tokens.verify(lasting.accessToken, { grantedScopes: scopes }));
        return answer(lasting, refreshToken, clock());
      },
      revoke(token, hint) {
        const lasting = read(token);
        return lasting === undefined ? client.revoke(token, hint) : client.revoke(lasting.accessToken, "access_token");
      },
    },
  };
}

function withRefreshToken(tokens: UpstreamTokens, now: number): UpstreamTokens {
  if (tokens.refreshToken !== undefined) {
    return tokens;
  }
  const { accessToken, scope, expiresIn } = tokens;
  const lasting = { accessToken, scope, expiresAt: expiresIn === undefined ? undefined : Math.floor(now + expiresIn) };
  return answer(lasting, `${MARK}${JSON.stringify([accessToken, scope ?? null, lasting.expiresAt ?? null])}`, now);
}

function answer({ accessToken, scope, expiresAt }: LastingToken, refreshToken: string, now: number): UpstreamTokens {
  const left = expiresAt === undefined ? undefined : expiresAt - now;
  if (left !== undefined && left <= 0) {
    throw new UpstreamError(
      "invalid_grant",
      "The identity provider's access token has expired, and there is no other.",
    );
  }
  return {
    accessToken,
    refreshToken,
    ...(scope !== undefined && { scope }),
    ...(left !== undefined && { expiresIn: left, refreshExpiresIn: left }),
  };
}

function read(refreshToken: string): LastingToken | undefined {
  if (!refreshToken.startsWith(MARK)) {
    return undefined;
  }
  const [accessToken, scope, expiresAt] = JSON.parse(refreshToken.slice(MARK.length)) as [
    string,
    string | null,
    number | null,
  ];
  return { accessToken, scope: scope ?? undefined, expiresAt: expiresAt ?? undefined };
}

async function requireGood(verify: () => Promise<unknown>): Promise<void> {
  try {
    await verify();
  } catch (error) {
    if (error instanceof UpstreamTokenError) {
      // The refresh goes on: who looks at the token next ends the session for it.
      if (error.fault === "subject") {
        return;
      }
      throw new UpstreamError("invalid_grant", error.message, { cause: error });
    }
    throw error;
  }
}

import type { Clock } from "../lib/clock.ts";
import { requireOurClient, requireSameUser, requireSubject, toLookedUpToken } from "../upstream/looked-up-claims.ts";
import { basicCredentials, requestProvider } from "../upstream/provider-http.ts";
import { scopesIn } from "../upstream/provider-values.ts";
import { lookUpToken } from "../upstream/token-lookup.ts";
import { type UpstreamClient, UpstreamError } from "../upstream/upstream-client.ts";
import type { UpstreamTokenVerifier } from "../upstream/upstream-token.ts";
import { fetchWithToken } from "../upstream/userinfo-verifier.ts";

export interface GitHubTokenOptions {
  /** `https://api.github.com`. */
  readonly api: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** The variables that hold them, for messages. */
  readonly credentials: string;
  /** Seconds. */
  readonly timeout: number;
}

const ACCEPT = "application/vnd.github+json";

/** Scopes that hold others: GitHub grants the wider one and drops the narrower from the token. */
const CONTAINED_SCOPES: Readonly<Record<string, readonly string[]>> = {
  "admin:gpg_key": ["write:gpg_key", "read:gpg_key"],
  "admin:org": ["write:org", "read:org"],
  "admin:public_key": ["write:public_key", "read:public_key"],
  "admin:repo_hook": ["write:repo_hook", "read:repo_hook"],
  project: ["read:project"],
  repo: ["repo:status", "repo_deployment", "public_repo", "repo:invite", "security_events"],
  user: ["read:user", "user:email", "user:follow"],
  "write:gpg_key": ["read:gpg_key"],
  "write:org": ["read:org"],
  "write:packages": ["read:packages"],
  "write:public_key": ["read:public_key"],
  "write:repo_hook": ["read:repo_hook"],
};

/**
 * Verifies GitHub's tokens, which carry no audience: GitHub says whether one was issued to our application and for
 * which scopes (POST /applications/{client_id}/token), and whose it is (GET /user).
 */
export function createGitHubVerifier(options: GitHubTokenOptions, clock: Clock): UpstreamTokenVerifier {
  const { api, clientId, timeout, credentials } = options;
  return {
    async verify(token) {
      const { body: authorization } = await lookUpToken(tokenUrl(options), {
        ...tokenRequest(options, token),
        method: "POST",
        authorizedBy: "client",
        credentials,
        notFoundIsVerdict: true,
        timeout,
      });
      requireOurClient((authorization.app as { client_id?: unknown } | undefined)?.client_id, clientId);
      const user = await fetchWithToken(`${api}/user`, token, timeout);
      requireSameUser((authorization.user as { id?: unknown } | undefined)?.id, user.id);
      const { expires_at: expires } = authorization;
      return toLookedUpToken(
        {
          subject: requireSubject({ sub: user.id }, { advice: "" }),
          clientId,
          ...(typeof expires === "string" && { expiresAt: Date.parse(expires) / 1000 }),
          scopes: carriedScopes(token, scopesIn(authorization.scopes)),
          claims: {
            sub: String(user.id),
            login: user.login,
            name: user.name,
            email: user.email,
            avatar_url: user.avatar_url,
          },
        },
        clock,
      );
    },
  };
}

/** Ends a token at GitHub (DELETE /applications/{client_id}/token), which has no RFC 7009 endpoint. */
export function revokeGitHubToken(options: GitHubTokenOptions): UpstreamClient["revoke"] {
  return async (token, hint) => {
    if (hint === "refresh_token") {
      return false;
    }
    const { status } = await requestProvider(tokenUrl(options), {
      ...tokenRequest(options, token),
      method: "DELETE",
      timeout: options.timeout,
    });
    // 404 and 422: it is none any more.
    if (status !== 204 && status !== 404 && status !== 422) {
      throw new UpstreamError("unavailable", `GitHub answered ${status} to a revocation.`);
    }
    return true;
  };
}

function carriedScopes(token: string, listed: readonly string[]): readonly string[] {
  // Tokens of GitHub Apps have permissions in place of scopes; FastMCP counts them as good for `user`.
  const scopes = listed.length === 0 && token.startsWith("ghu_") ? ["user"] : listed;
  return scopes.flatMap((scope) => [scope, ...(CONTAINED_SCOPES[scope] ?? [])]);
}

function tokenUrl({ api, clientId }: GitHubTokenOptions): string {
  return `${api}/applications/${encodeURIComponent(clientId)}/token`;
}

function tokenRequest({ clientId, clientSecret }: GitHubTokenOptions, token: string) {
  return {
    headers: {
      accept: ACCEPT,
      authorization: basicCredentials(clientId, clientSecret),
      "content-type": "application/json",
      "user-agent": "mcp-env-auth",
    },
    body: JSON.stringify({ access_token: token }),
  };
}

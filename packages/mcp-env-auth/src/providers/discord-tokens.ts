import type { Clock } from "../lib/clock.ts";
import { requireOurClient, requireSubject, toLookedUpToken } from "../upstream/looked-up-claims.ts";
import { scopesIn } from "../upstream/provider-values.ts";
import type { UpstreamTokenVerifier } from "../upstream/upstream-token.ts";
import { fetchWithToken } from "../upstream/userinfo-verifier.ts";

export interface DiscordTokenOptions {
  /** `https://discord.com/api/oauth2/@me`. */
  readonly endpoint: string;
  readonly clientId: string;
  /** Seconds. */
  readonly timeout: number;
  readonly clock: Clock;
}

interface Authorization {
  readonly application?: { readonly id?: unknown };
  readonly user?: Readonly<Record<string, unknown>>;
  readonly scopes?: unknown;
  readonly expires?: unknown;
}

/** Verifies Discord's opaque tokens by Discord's "current authorization": application, scopes, end and user. */
export function createDiscordVerifier({
  endpoint,
  clientId,
  timeout,
  clock,
}: DiscordTokenOptions): UpstreamTokenVerifier {
  return {
    async verify(token) {
      const { application, user, scopes, expires }: Authorization = await fetchWithToken(endpoint, token, timeout);
      requireOurClient(application?.id, clientId);
      return toLookedUpToken(
        {
          subject: requireSubject({ sub: user?.id }, { advice: "" }),
          clientId,
          expiresAt: typeof expires === "string" ? Date.parse(expires) / 1000 : undefined,
          scopes: scopesIn(scopes),
          claims: { ...user, sub: user?.id },
        },
        clock,
      );
    },
  };
}

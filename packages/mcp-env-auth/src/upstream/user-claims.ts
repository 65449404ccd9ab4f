import { createHash } from "node:crypto";
import type { AccessToken, UserClaims } from "../access-token.ts";
import { ToolError } from "../errors.ts";
import { BoundedMap } from "../lib/bounded-map.ts";
import type { Clock } from "../lib/clock.ts";
import { UpstreamError } from "./upstream-client.ts";
import { UpstreamTokenError } from "./upstream-token.ts";
import { fetchWithToken } from "./userinfo-verifier.ts";

/** Claims by which a token itself tells of its user. */
const PROFILE = ["name", "email", "picture"];

/** Answers that are kept. */
const KEPT_ANSWERS = 1000;

export interface UserClaimsOptions {
  /** The provider's userinfo endpoint; `undefined` where it has none, or is not known yet. */
  readonly endpoint: () => string | undefined;
  /** The variable that says which scopes every login asks for. */
  readonly scopesVariable: string;
  /** Seconds. Default 10. */
  readonly timeout?: number | undefined;
  readonly clock: Clock;
}

/**
 * Asks the provider who the user of a token is, once for each token. Where it refuses, what the token tells is enough.
 */
export function createUserClaims({ endpoint, scopesVariable, timeout, clock }: UserClaimsOptions): UserClaims {
  const kept = new BoundedMap<Promise<UserInfoAnswer>>({ capacity: KEPT_ANSWERS, whenFull: "evict unused", clock });

  return async (token) => {
    const url = endpoint();
    if (url === undefined) {
      return undefined;
    }
    const key = createHash("sha256").update(token.token).digest("base64url");
    const known = kept.get(key);
    const asked = known ?? ask(url, token);
    if (known === undefined) {
      kept.set(key, asked, token.expiresAt);
      // What failed is asked for again.
      asked.catch(() => kept.delete(key));
    }
    try {
      return await asked;
    } catch (error) {
      // Entra's endpoint takes no tokens for other APIs, and its tokens carry the name.
      if (error instanceof UpstreamTokenError && PROFILE.some((claim) => Object.hasOwn(token.claims, claim))) {
        return undefined;
      }
      throw describe(error);
    }
  };

  async function ask(url: string, token: AccessToken): Promise<UserInfoAnswer> {
    const claims = await fetchWithToken(url, token.token, timeout);
    const subject = subjectOf(token);
    // OpenID Connect Core 1.0 section 5.3.2: otherwise the answer must not be used.
    if (typeof claims.sub !== "string" || claims.sub !== subject) {
      throw new Error("The identity provider's userinfo endpoint answered about another user than the token's.");
    }
    return claims;
  }

  function describe(error: unknown): unknown {
    if (error instanceof UpstreamTokenError) {
      return new Error(
        `The identity provider does not tell who the user of this token is: ${error.message} The login needs the scopes openid, profile and email: add them to ${scopesVariable}. Or have the provider put name and e-mail into the access token.`,
        { cause: error },
      );
    }
    if (error instanceof UpstreamError && error.kind === "unavailable") {
      return new ToolError("The identity provider can't be reached right now. Try again in a moment.", {
        cause: error,
      });
    }
    return error;
  }
}

type UserInfoAnswer = Readonly<Record<string, unknown>>;

/** The provider's own name of the user: another claim may be what this server knows them by. */
function subjectOf({ claims, subject }: AccessToken): string {
  const own = Object.hasOwn(claims, "sub") ? claims.sub : undefined;
  return typeof own === "string" ? own : subject;
}

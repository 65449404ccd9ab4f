import { CLOCK_TOLERANCE, type Clock } from "../lib/clock.ts";
import {
  requireOurClient,
  requireSameUser,
  requireSealedSubject,
  requireSubject,
  toLookedUpToken,
  withoutAbsent,
} from "./looked-up-claims.ts";
import { basicCredentials } from "./provider-http.ts";
import { displayUrl } from "./provider-url.ts";
import { scopesIn, show } from "./provider-values.ts";
import type { SubjectRules } from "./subject-rules.ts";
import { lookUpToken } from "./token-lookup.ts";
import { UpstreamError } from "./upstream-client.ts";
import { UpstreamTokenError, type UpstreamTokenVerifier } from "./upstream-token.ts";

export interface IntrospectionOptions {
  /** `introspection_endpoint` of the provider. */
  readonly endpoint: string;
  /** Our credentials there. */
  readonly clientId: string;
  readonly clientSecret: string;
  /** How they are sent. Default `client_secret_basic`. */
  readonly authMethod?: "client_secret_basic" | "client_secret_post" | undefined;
  /** The variables that hold them, for messages. */
  readonly credentials: string;
  /** The variable that the endpoint's address comes from, for messages. */
  readonly address?: string | undefined;
  /** `iss` is one of these, where the answer has one. */
  readonly issuer?: string | readonly string[] | undefined;
  /** `aud` holds one of these. `undefined` accepts tokens for every audience. */
  readonly audience?: string | readonly string[] | undefined;
  /** The variable that names the audience, for messages. */
  readonly audienceVariable?: string | undefined;
  /** `client_id` (or `aud`) is this: for tokens that only our own application gets. */
  readonly issuedTo?: string | undefined;
  /** How answers name users. */
  readonly subject?: Omit<SubjectRules, "issuer"> | undefined;
  /** Adds to what an active token's answer says. */
  readonly enrich?: (token: string) => Promise<Readonly<Record<string, unknown>>>;
  /** Seconds. Default 10. */
  readonly timeout?: number | undefined;
  readonly clock: Clock;
}

/**
 * Verifies tokens by asking the provider about each (RFC 7662). Scopes are those of the answer; where it has no
 * `scope`, those that the token endpoint granted.
 */
export function createIntrospectionVerifier(options: IntrospectionOptions): UpstreamTokenVerifier {
  const rules: SubjectRules = { ...options.subject, issuer: options.issuer };
  return {
    async verify(token, login) {
      const { grantedScopes = [] } = login ?? {};
      const claims = await introspect(token, options);
      checkAnswer(claims, options);
      if (login === undefined) {
        requireAccessToken(claims, options);
      }
      const { scope, exp, client_id: clientId } = claims;
      const more = await options.enrich?.(token);
      requireSameUser(claims.sub, more?.sub);
      const all = { ...more, ...withoutAbsent(claims) };
      return toLookedUpToken(
        {
          subject: requireSubject(all, rules),
          clientId,
          expiresAt: exp,
          scopes: scope === undefined || scope === null ? grantedScopes : scopesIn(scope),
          claims: all,
        },
        options.clock,
      );
    },
    judgeAgain: (verified) => requireSealedSubject(verified, rules),
  };
}

async function introspect(token: string, options: IntrospectionOptions): Promise<Readonly<Record<string, unknown>>> {
  const { endpoint, clientId, clientSecret, authMethod = "client_secret_basic", timeout } = options;
  const inBody = authMethod === "client_secret_post";
  const { body } = await lookUpToken(endpoint, {
    method: "POST",
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      ...(!inBody && { authorization: basicCredentials(clientId, clientSecret) }),
    },
    body: new URLSearchParams({
      token,
      token_type_hint: "access_token",
      ...(inBody && { client_id: clientId, client_secret: clientSecret }),
    }).toString(),
    authorizedBy: "client",
    credentials: options.credentials,
    ...(options.address !== undefined && { address: options.address }),
    timeout,
  });
  return body;
}

/** RFC 6749 section 7.1 and RFC 7662 section 2.2, and what WorkOS says in its place. */
const ACCESS_TOKEN_TYPES: readonly string[] = ["bearer", "dpop", "access_token"];

/** What Hydra and others write into `token_type` of tokens that are no access tokens, and Keycloak into `typ`. */
const OTHER_TOKEN_TYPES = /^(?:refresh|offline|id)(?:_token)?$/i;

/**
 * Refuses a presented token that may be a refresh token: oidc-provider and others answer about those in the same words.
 *
 * @throws UpstreamTokenError `type`
 */
function requireAccessToken(claims: Readonly<Record<string, unknown>>, options: IntrospectionOptions): void {
  const { aud, token_type: type, token_use: use } = claims;
  const saysKind =
    typeof use === "string" || (typeof type === "string" && ACCESS_TOKEN_TYPES.includes(type.toLowerCase()));
  const saysAudience = [aud].flat().some((one) => typeof one === "string" && one !== "");
  if (saysKind || options.audience !== undefined || saysAudience) {
    return;
  }
  const setting = options.audienceVariable ?? "the audience";
  throw new UpstreamTokenError(
    "type",
    `The identity provider's answer says neither what kind of token it is nor its audience, so it may be a refresh token. Set ${setting}, and have the provider state aud.`,
  );
}

function checkAnswer(claims: Readonly<Record<string, unknown>>, options: IntrospectionOptions): void {
  const { active, aud, client_id: clientId, iss, nbf, token_type: type, token_use: use } = claims;
  if (active === undefined) {
    const where = options.address === undefined ? "" : ` Check ${options.address}.`;
    throw new UpstreamError(
      "rejected",
      `${displayUrl(options.endpoint)} does not say whether the token is active (RFC 7662 section 2.2).${where}`,
      { about: "look-up" },
    );
  }
  if (active !== true) {
    throw new UpstreamTokenError(
      "inactive",
      "The identity provider says that the token is not active. Keycloak also says so when the client that asks is not in the token's aud.",
    );
  }
  const isOther = [type, claims.typ].some((kind) => typeof kind === "string" && OTHER_TOKEN_TYPES.test(kind));
  if (isOther || (typeof use === "string" && use !== "access" && use !== "access_token")) {
    throw new UpstreamTokenError("type", "The token is not an access token.");
  }
  if (typeof nbf === "number" && nbf > options.clock() + CLOCK_TOLERANCE) {
    throw new UpstreamTokenError("not_yet_valid", "The token is not valid yet: compare the clocks.");
  }
  if (options.issuer !== undefined && iss !== undefined && !holdsOne(iss, options.issuer)) {
    throw new UpstreamTokenError("issuer", `The token is of issuer ${show(iss)}, expected ${oneOf(options.issuer)}.`);
  }
  if (options.issuedTo !== undefined) {
    requireOurClient(clientId ?? aud, options.issuedTo);
  }
  if (options.audience !== undefined && !holdsOne(aud, options.audience)) {
    throw new UpstreamTokenError("audience", `The token is for ${show(aud)}, expected ${oneOf(options.audience)}.`);
  }
}

function holdsOne(found: unknown, expected: string | readonly string[]): boolean {
  return [expected].flat().some((one) => [found].flat().includes(one));
}

function oneOf(expected: string | readonly string[]): string {
  return [expected].flat().map(show).join(" or ");
}

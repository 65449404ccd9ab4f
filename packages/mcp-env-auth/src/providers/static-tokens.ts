import { defineField, InvalidValue } from "../env/field.ts";
import { sha256Base64url } from "../lib/secrets.ts";
import { toLookedUpToken } from "../upstream/looked-up-claims.ts";
import { identifier, scopesIn } from "../upstream/provider-values.ts";
import { UpstreamTokenError } from "../upstream/upstream-token.ts";
import { defineProvider } from "./declaration.ts";
import { checkDevelopment, developmentFields } from "./fields/development-only.ts";
import { tokenVerifier } from "./kinds/token-verifier.ts";

/** Tokens, and the claims that each stands for. */
export type StaticTokens = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const fields = {
  ...developmentFields(),
  tokens: defineField(
    {
      expected: "a JSON object of tokens, each with an object of claims",
      parse: (text: string) => checkTokens(parseJson(text)),
      convert: (tokens: StaticTokens) => checkTokens(tokens),
      secretsIn: (tokens: StaticTokens) => Object.keys(tokens),
    },
    {
      description: "The tokens that are accepted, and the claims that each stands for; scopes is a list",
      example: '{"a-long-random-token":{"client_id":"me","sub":"me","scopes":["weather:read"]}}',
      required: true,
    },
  ),
};

/** Accepts a list of tokens from the configuration, for development. */
export const StaticTokenVerifier = defineProvider({
  classPath: "fastmcp.server.auth.providers.jwt.StaticTokenVerifier",
  aliases: ["STATIC", "STATICTOKEN", "fastmcp.server.auth.StaticTokenVerifier"],
  prefix: "FASTMCP_SERVER_AUTH_STATIC_",
  title: "Static tokens (development only)",
  fields,
  check: (settings, context) =>
    checkDevelopment(settings, context, "Its tokens never end, and can't be withdrawn without a restart."),
  create: ({ baseUrl, requiredScopes, tokens }) =>
    tokenVerifier({
      ...(baseUrl && { baseUrl }),
      requiredScopes,
      createVerifier: ({ clock }) => {
        const known = new Map(Object.entries(tokens).map(([token, claims]) => [sha256Base64url(token), claims]));
        return {
          async verify(token) {
            // By hash, so that the time it takes tells nothing about the tokens.
            const claims = known.get(sha256Base64url(token));
            if (claims === undefined) {
              throw new UpstreamTokenError("inactive", "The token is not one of the configured.");
            }
            const { client_id: clientId, expires_at: expiresAt } = claims;
            const subject = subjectIn(claims);
            if (subject === undefined) {
              throw new Error("The tokens were checked with the configuration.");
            }
            const scopes = scopesIn(claims.scopes ?? claims.scope);
            return toLookedUpToken({ subject, clientId, expiresAt, scopes, claims }, clock);
          },
        };
      },
    }),
});

/** A configured verifier of static tokens. */
export type StaticTokenVerifier = InstanceType<typeof StaticTokenVerifier>;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidValue("It is no JSON.");
  }
}

function checkTokens(value: unknown): StaticTokens {
  if (!isObject(value) || Object.keys(value).length === 0) {
    throw new InvalidValue("It holds no token.");
  }
  for (const claims of Object.values(value)) {
    if (!isObject(claims)) {
      throw new InvalidValue("A token's claims are no object.");
    }
    if (subjectIn(claims) === undefined) {
      throw new InvalidValue("The claims of a token must have a sub that is not blank, or no sub and a client_id.");
    }
  }
  const all = Object.values(value) as readonly Claims[];
  const users = new Set(all.filter(hasSub).map(subjectIn));
  if (all.some((claims) => !hasSub(claims) && users.has(subjectIn(claims)))) {
    throw new InvalidValue("The client_id of a token without a sub is another token's sub. Give both a sub.");
  }
  return value as StaticTokens;
}

type Claims = Readonly<Record<string, unknown>>;

/** A token without `sub` stands for its client. */
function subjectIn(claims: Claims): string | undefined {
  return identifier(hasSub(claims) ? claims.sub : claims.client_id);
}

function hasSub({ sub }: Claims): boolean {
  return sub !== undefined && sub !== null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

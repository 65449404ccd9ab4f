import type { FieldValues } from "../env/field.ts";
import { scopes, stringOrList } from "../env/list-fields.ts";
import { choice, secret } from "../env/plain-fields.ts";
import { httpUrl } from "../env/url-fields.ts";
import { ConfigError, type ConfigProblem } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { publicKey, sharedSecret } from "../upstream/verification-keys.ts";
import { type CheckContext, defineProvider } from "./declaration.ts";
import { optionalBaseUrl } from "./fields/base-url.ts";
import { organizationFields } from "./fields/organization-fields.ts";
import { plainHttpField } from "./fields/plain-http-field.ts";
import { uncutScopeClaimsField } from "./fields/scope-claims.ts";
import { KEYCLOAK_NO_SUBJECT, subjectFields, subjectRules } from "./fields/subject-claim.ts";
import { tokenVerifier, warnWithoutAudience } from "./kinds/token-verifier.ts";

const fields = {
  publicKey: secret({
    description: "The public key of the issuer in PEM form, or, with an HS algorithm, the secret shared with it",
    example: '"-----BEGIN PUBLIC KEY-----\\n…\\n-----END PUBLIC KEY-----"',
    where: "the issuer's documentation; for one that publishes its keys, set the JWKS URI instead",
  }),
  jwksUri: httpUrl({
    description: "Where the issuer publishes its public keys",
    example: "https://issuer.example.com/.well-known/jwks.json",
    where: "jwks_uri in the issuer's metadata document",
    secure: true,
    mayBePlain: true,
  }),
  ...plainHttpField(),
  issuer: stringOrList({
    description:
      "The issuer (or a JSON array of them) whose tokens are accepted: their iss claim, spelled exactly. To reorder or shorten the list changes subjects",
    example: "https://issuer.example.com/",
    where: "issuer in the issuer's metadata document",
  }),
  audience: stringOrList({
    description: "The audience (or a JSON array of them) that tokens must be for: their aud claim",
    example: "https://mcp.example.com/mcp",
  }),
  algorithm: choice(
    ["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512"],
    { description: "The only algorithm that tokens may be signed with", example: "RS256", default: "RS256" },
  ),
  requiredScopes: scopes({
    description: "The scopes that every token must carry",
    example: "weather:read weather:write",
    default: [],
  }),
  scopeClaims: uncutScopeClaimsField(),
  baseUrl: optionalBaseUrl(),
  ...organizationFields(),
  ...subjectFields(),
};

type JwtSettings = FieldValues<typeof fields>;

/** Accepts JWTs of any issuer whose key is known. There is no login: clients bring a token. */
export const JWTVerifier = defineProvider({
  classPath: "fastmcp.server.auth.providers.jwt.JWTVerifier",
  aliases: ["JWT", "fastmcp.server.auth.JWTVerifier", "fastmcp.server.auth.providers.bearer.BearerAuthProvider"],
  prefix: "FASTMCP_SERVER_AUTH_JWT_",
  title: "JWT verification",
  advice: { noSubject: KEYCLOAK_NO_SUBJECT },
  fields,
  check: checkKey,
  create: (settings, names) =>
    tokenVerifier({
      ...settings,
      async createVerifier({ clock, logger }) {
        const { nameOf } = names;
        warnWithoutAudience(settings.audience, nameOf("audience"), logger);
        warnOfShortSecret(settings, nameOf("publicKey"), logger);
        const { createJwtVerifier, createRemoteKeys } = await import("../upstream/jwts.ts");
        return createJwtVerifier({
          issuer: settings.issuer,
          audience: settings.audience,
          audienceVariable: nameOf("audience"),
          algorithms: [settings.algorithm],
          scopeClaims: settings.scopeClaims,
          subject: subjectRules(settings, names),
          keys: settings.jwksUri
            ? createRemoteKeys({ jwksUri: settings.jwksUri.href, clock, logger })
            : givenKey(settings, nameOf("publicKey")),
          clock,
        });
      },
    }),
});

/** A configured verifier of JWTs. */
export type JWTVerifier = InstanceType<typeof JWTVerifier>;

/** RFC 7518 section 3.2: whoever has one token can try shorter secrets on it until one fits. */
function warnOfShortSecret(settings: JwtSettings, variable: string, logger: Logger): void {
  const bytes = Number(settings.algorithm.slice(2)) / 8;
  if (!isHmac(settings) || Buffer.byteLength(settings.publicKey ?? "") >= bytes) {
    return;
  }
  logger.warn(
    {},
    `${variable} is so short that it can be guessed from any token. Share one of ${bytes} random bytes or more with the issuer.`,
  );
}

function checkKey(settings: Partial<JwtSettings>, context: CheckContext<typeof fields>): readonly ConfigProblem[] {
  const { nameOf, isGiven } = context;
  if (isGiven("publicKey") && isGiven("jwksUri")) {
    return [{ variable: nameOf("publicKey"), message: `and ${nameOf("jwksUri")} are both set. Remove one of them.` }];
  }
  if (isGiven("publicKey")) {
    return checkGivenKey(settings, nameOf("publicKey"));
  }
  if (!isGiven("jwksUri")) {
    return [context.missing("jwksUri", `Set it, or ${nameOf("publicKey")}.`)];
  }
  if (!isHmac(settings)) {
    return [];
  }
  const message = `can't be ${settings.algorithm} with ${nameOf("jwksUri")}: published keys must not verify an HMAC. Set the algorithm of those keys, such as RS256.`;
  return [{ variable: nameOf("algorithm"), message }];
}

function checkGivenKey(settings: Partial<JwtSettings>, variable: string): readonly ConfigProblem[] {
  if (settings.publicKey === undefined || settings.algorithm === undefined) {
    return [];
  }
  try {
    givenKey(settings, variable);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) {
      return error.problems;
    }
    throw error;
  }
}

function givenKey(settings: Partial<JwtSettings>, variable: string) {
  const key = settings.publicKey ?? "";
  return isHmac(settings) ? sharedSecret(key, variable) : publicKey(key, variable);
}

function isHmac({ algorithm }: Partial<JwtSettings>): boolean {
  return algorithm?.startsWith("HS") === true;
}

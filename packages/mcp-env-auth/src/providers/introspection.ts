import { scopes, stringOrList } from "../env/list-fields.ts";
import { choice, integer, secret, text } from "../env/plain-fields.ts";
import { httpUrl } from "../env/url-fields.ts";
import { createIntrospectionVerifier } from "../upstream/introspection-verifier.ts";
import { cacheVerification } from "../upstream/verification-cache.ts";
import { defineProvider } from "./declaration.ts";
import { optionalBaseUrl } from "./fields/base-url.ts";
import { organizationFields } from "./fields/organization-fields.ts";
import { plainHttpField } from "./fields/plain-http-field.ts";
import { timeoutField } from "./fields/proxy-fields.ts";
import { KEYCLOAK_NO_SUBJECT, subjectFields, subjectRules } from "./fields/subject-claim.ts";
import { tokenVerifier, warnWithoutAudience } from "./kinds/token-verifier.ts";

const fields = {
  introspectionUrl: httpUrl({
    description: "Where the issuer says whether a token is good (RFC 7662)",
    example: "https://auth.example.com/oauth2/introspect",
    where: "introspection_endpoint in the issuer's metadata document",
    required: true,
    secure: true,
    mayBePlain: true,
  }),
  ...plainHttpField(),
  clientId: text({
    description: "The client id by which this server asks",
    example: "mcp-resource-server",
    where: "the client that you registered at the issuer for this server",
    required: true,
  }),
  clientSecret: secret({
    description: "The client secret by which this server asks",
    example: "a long random string",
    where: "the client that you registered at the issuer for this server",
    required: true,
  }),
  clientAuthMethod: choice(["client_secret_basic", "client_secret_post"], {
    description: "How they are sent",
    example: "client_secret_post",
    default: "client_secret_basic",
  }),
  timeoutSeconds: timeoutField("the issuer"),
  cacheTtlSeconds: cacheTtlField(),
  audience: stringOrList({
    description: "The audience (or a JSON array of them) that tokens must be for; left out, every audience is accepted",
    example: "https://mcp.example.com/mcp",
  }),
  requiredScopes: scopes({
    description: "The scopes that every token must carry",
    example: "weather:read",
    default: [],
  }),
  baseUrl: optionalBaseUrl(),
  ...organizationFields(),
  ...subjectFields(),
};

/** Accepts opaque tokens of an issuer that is asked about each. There is no login: clients bring a token. */
export const IntrospectionTokenVerifier = defineProvider({
  classPath: "fastmcp.server.auth.providers.introspection.IntrospectionTokenVerifier",
  aliases: ["INTROSPECTION"],
  prefix: "FASTMCP_SERVER_AUTH_INTROSPECTION_",
  title: "Token introspection",
  advice: { noSubject: KEYCLOAK_NO_SUBJECT },
  fields,
  create: (settings, names) =>
    tokenVerifier({
      ...settings,
      createVerifier: ({ clock, logger, rateLimit }) => {
        const { nameOf } = names;
        warnWithoutAudience(settings.audience, nameOf("audience"), logger);
        return cacheVerification(
          createIntrospectionVerifier({
            endpoint: settings.introspectionUrl.href,
            clientId: settings.clientId,
            clientSecret: settings.clientSecret,
            authMethod: settings.clientAuthMethod,
            credentials: `${nameOf("clientId")} and ${nameOf("clientSecret")}`,
            address: nameOf("introspectionUrl"),
            audience: settings.audience,
            audienceVariable: nameOf("audience"),
            subject: subjectRules(settings, names),
            timeout: settings.timeoutSeconds,
            clock,
          }),
          { ttl: settings.cacheTtlSeconds, refusalsPerMinute: rateLimit, clock },
        );
      },
    }),
});

/** A configured introspection verifier. */
export type IntrospectionTokenVerifier = InstanceType<typeof IntrospectionTokenVerifier>;

/** How long an introspected token is taken for good. */
export function cacheTtlField() {
  return integer({
    description:
      "Seconds that a good token is remembered, which is how long a revoked one still works; 0 asks each time",
    example: "30",
    default: 30,
    min: 0,
    max: 3600,
  });
}

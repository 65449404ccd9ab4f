import { scopes, stringOrList } from "../env/list-fields.ts";
import { secret, text } from "../env/plain-fields.ts";
import { httpUrl } from "../env/url-fields.ts";
import { createIntrospectionVerifier } from "../upstream/introspection-verifier.ts";
import { cacheVerification } from "../upstream/verification-cache.ts";
import { defineProvider } from "./declaration.ts";
import { endpointBase, requiredBaseUrl, resourceIdentifier } from "./fields/base-url.ts";
import { organizationFields } from "./fields/organization-fields.ts";
import { timeoutField } from "./fields/proxy-fields.ts";
import { subjectFields, subjectRules } from "./fields/subject-claim.ts";
import { cacheTtlField } from "./introspection.ts";
import { remoteAuthorizationServer } from "./kinds/remote-authorization-server.ts";

const MCP = "PropelAuth Dashboard > MCP";
const CREDENTIALS = `${MCP} > Request validation > Introspection credentials`;

const fields = {
  authUrl: httpUrl({
    description: "The Auth URL of your PropelAuth environment",
    example: "https://auth.your-app.com",
    where: "PropelAuth Dashboard > Backend integration > Auth URL",
    required: true,
    secure: true,
    base: true,
  }),
  introspectionClientId: text({
    description: "The client id by which this server asks about tokens",
    example: "0123456789abcdef0123456789abcdef",
    where: CREDENTIALS,
    required: true,
  }),
  introspectionClientSecret: secret({
    description: "The client secret by which this server asks about tokens",
    example: "the long random string that the dashboard shows",
    where: CREDENTIALS,
    required: true,
  }),
  baseUrl: requiredBaseUrl(),
  scopesSupported: scopes({
    description:
      "The scopes that clients are told to ask for. Default: those that every token must carry, and those of tools",
    example: "weather:read",
    where: `${MCP} > Scopes`,
  }),
  requiredScopes: scopes({
    description: "The scopes that every token must carry",
    example: "weather:read",
    where: `${MCP} > Scopes`,
    default: [],
  }),
  resource: stringOrList({
    description: "The aud that tokens must be for (or a JSON array of several); left out, the URL of the MCP endpoint",
    example: "https://mcp.example.com/mcp",
  }),
  timeoutSeconds: timeoutField("PropelAuth"),
  cacheTtlSeconds: cacheTtlField(),
  ...organizationFields(),
  ...subjectFields(),
};

/** Takes tokens of PropelAuth, where MCP clients register themselves; it is asked about each token. */
export const PropelAuthProvider = defineProvider({
  classPath: "fastmcp.server.auth.providers.propelauth.PropelAuthProvider",
  aliases: ["PROPELAUTH"],
  prefix: "FASTMCP_SERVER_AUTH_PROPELAUTH_",
  title: "PropelAuth",
  fields,
  create(settings, names) {
    const { nameOf } = names;
    const { baseUrl } = settings;
    const site = endpointBase(settings.authUrl);
    const path = "/oauth/2.1";
    return remoteAuthorizationServer({
      ...settings,
      authorizationServers: [`${site}${path}`],
      metadataUrl: `${site}/.well-known/oauth-authorization-server${path}`,
      createVerifier: ({ clock, mcpPath, rateLimit }) =>
        cacheVerification(
          createIntrospectionVerifier({
            endpoint: `${site}${path}/introspect`,
            clientId: settings.introspectionClientId,
            clientSecret: settings.introspectionClientSecret,
            credentials: `${nameOf("introspectionClientId")} and ${nameOf("introspectionClientSecret")}`,
            address: nameOf("authUrl"),
            audience: settings.resource ?? resourceIdentifier(baseUrl, mcpPath),
            subject: subjectRules(settings, names),
            timeout: settings.timeoutSeconds,
            clock,
          }),
          { ttl: settings.cacheTtlSeconds, refusalsPerMinute: rateLimit, clock },
        ),
    });
  },
});

/** A configured PropelAuth provider. */
export type PropelAuthProvider = InstanceType<typeof PropelAuthProvider>;

import { scopes } from "../env/list-fields.ts";
import { httpUrl } from "../env/url-fields.ts";
import { asymmetricAlgorithms } from "../upstream/jwt-algorithms.ts";
import { defineProvider } from "./declaration.ts";
import { endpointBase } from "./fields/base-url.ts";
import { plainHttpField } from "./fields/plain-http-field.ts";
import { remoteFields } from "./fields/remote-fields.ts";
import { subjectRules } from "./fields/subject-claim.ts";
import { remoteJwtIssuer } from "./kinds/remote-jwt-issuer.ts";

const fields = {
  realmUrl: httpUrl({
    description: "The address of your Keycloak realm",
    example: "https://keycloak.example.com/realms/your-realm",
    where: "Keycloak Admin Console > Realm settings > Endpoints: the issuer",
    required: true,
    secure: true,
    base: true,
  }),
  jwksUri: httpUrl({
    description:
      "Where this server fetches the realm's keys, if it reaches Keycloak at another address than clients do, as inside a cluster. Default: under REALM_URL",
    example: "https://keycloak.identity.svc:8443/realms/your-realm/protocol/openid-connect/certs",
    secure: true,
    mayBePlain: true,
  }),
  ...plainHttpField(),
  ...remoteFields({
    title: "Keycloak",
    requiredScopes: { example: "openid weather:read" },
    audience: {
      otherwise: "the URL of the MCP endpoint",
      example: "https://mcp.example.com/mcp",
      where: "Keycloak Admin Console > Client scopes > (the one of REQUIRED_SCOPES) > Mappers > Audience",
    },
  }),
  requiredScopes: scopes({
    description: "The scopes that every token of Keycloak's must carry",
    example: "openid weather:read",
    where: "Keycloak Admin Console > Client scopes",
    default: ["openid"],
  }),
};

/** Takes tokens of a Keycloak realm, where MCP clients register themselves. */
export const KeycloakAuthProvider = defineProvider({
  classPath: "fastmcp.server.auth.providers.keycloak.KeycloakAuthProvider",
  aliases: ["KEYCLOAK", "KEYCLOAKAUTH"],
  prefix: "FASTMCP_SERVER_AUTH_KEYCLOAK_",
  title: "Keycloak",
  advice: {
    noSubject:
      "At Keycloak, add a mapper of type Subject (sub) to the client scope that REQUIRED_SCOPES names: clients that name scopes when they register get no others.",
  },
  fields,
  rolesClaim: {
    default: "realm_access.roles",
    example: "realm_access.roles",
    where: "Keycloak Admin Console > Realm roles",
  },
  create(settings, names) {
    const issuer = endpointBase(settings.realmUrl);
    return remoteJwtIssuer({
      ...settings,
      issuer,
      jwksUri: settings.jwksUri?.href ?? `${issuer}/protocol/openid-connect/certs`,
      algorithms: asymmetricAlgorithms(["RS256", "PS256", "ES256", "EdDSA"]),
      audienceVariable: names.nameOf("audience"),
      subject: subjectRules(settings, names),
      metadataUrl: `${issuer}/.well-known/openid-configuration`,
    });
  },
});

/** A configured Keycloak provider. */
export type KeycloakAuthProvider = InstanceType<typeof KeycloakAuthProvider>;

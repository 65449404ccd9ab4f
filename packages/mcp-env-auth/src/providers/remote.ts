import { InvalidValue } from "../env/field.ts";
import { stringList } from "../env/list-fields.ts";
import { choice, text } from "../env/plain-fields.ts";
import { httpUrl } from "../env/url-fields.ts";
import { ASYMMETRIC_ALGORITHMS } from "../upstream/jwt-algorithms.ts";
import { isSecureEndpoint } from "../upstream/provider-url.ts";
import { defineProvider } from "./declaration.ts";
import { plainHttpField } from "./fields/plain-http-field.ts";
import { remoteFields } from "./fields/remote-fields.ts";
import { KEYCLOAK_NO_SUBJECT, subjectRules } from "./fields/subject-claim.ts";
import { remoteJwtIssuer } from "./kinds/remote-jwt-issuer.ts";

const fields = {
  issuer: text({
    description: "The issuer of the authorization server: the iss claim of its tokens, spelled exactly",
    example: "https://auth.example.com",
    where: "issuer in the authorization server's metadata document",
    required: true,
  }),
  jwksUri: httpUrl({
    description: "Where the authorization server publishes its keys",
    example: "https://auth.example.com/.well-known/jwks.json",
    where: "jwks_uri in the authorization server's metadata document",
    required: true,
    secure: true,
    mayBePlain: true,
  }),
  ...plainHttpField(),
  algorithm: choice(ASYMMETRIC_ALGORITHMS, {
    description: "The only algorithm that tokens may be signed with",
    example: "ES256",
    default: "RS256",
  }),
  authorizationServers: stringList({
    description: "The authorization servers that clients are sent to; left out, the issuer",
    example: '["https://auth.example.com"]',
    item: checkServer,
  }),
  metadataUrl: httpUrl({
    description: "The authorization server's metadata, to serve at this server's own address too, for older clients",
    example: "https://auth.example.com/.well-known/oauth-authorization-server",
    secure: true,
  }),
  ...remoteFields({
    title: "the authorization server",
    requiredScopes: { example: "weather:read" },
    audience: { otherwise: "the URL of the MCP endpoint", example: "https://mcp.example.com/mcp" },
  }),
};

function checkServer(item: string): string {
  if (isSecureEndpoint(item)) {
    return item;
  }
  throw new InvalidValue("An item is no https URL; write the issuer as the authorization server's metadata has it.");
}

/** Takes JWTs of any authorization server at which MCP clients register themselves. */
export const RemoteAuthProvider = defineProvider({
  classPath: "fastmcp.server.auth.RemoteAuthProvider",
  aliases: ["REMOTE", "REMOTEAUTH", "fastmcp.server.auth.auth.RemoteAuthProvider"],
  prefix: "FASTMCP_SERVER_AUTH_REMOTE_",
  title: "A remote authorization server",
  advice: { noSubject: KEYCLOAK_NO_SUBJECT },
  fields,
  check({ issuer }, { nameOf, isGiven }) {
    if (issuer === undefined || isGiven("authorizationServers") || isSecureEndpoint(issuer)) {
      return [];
    }
    const message = `must be an https URL, for it is where clients are sent; for tokens whose iss is none, set ${nameOf("authorizationServers")}. Example: ${fields.issuer.example}`;
    return [{ variable: nameOf("issuer"), message }];
  },
  create: ({ metadataUrl, jwksUri, algorithm, ...settings }, names) =>
    remoteJwtIssuer({
      ...settings,
      jwksUri: jwksUri.href,
      metadataUrl: metadataUrl?.href,
      algorithms: [algorithm],
      audienceVariable: names.nameOf("audience"),
      subject: subjectRules(settings, names),
    }),
});

/** A configured remote authorization server. */
export type RemoteAuthProvider = InstanceType<typeof RemoteAuthProvider>;

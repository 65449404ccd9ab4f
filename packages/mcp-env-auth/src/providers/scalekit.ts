import { text } from "../env/plain-fields.ts";
import { httpUrl } from "../env/url-fields.ts";
import { defineProvider } from "./declaration.ts";
import { endpointBase } from "./fields/base-url.ts";
import { FASTMCP_AUDIENCE, remoteFields, tokenIssuerField } from "./fields/remote-fields.ts";
import { subjectRules } from "./fields/subject-claim.ts";
import { remoteJwtIssuer } from "./kinds/remote-jwt-issuer.ts";

const PREFIX = "FASTMCP_SERVER_AUTH_SCALEKITPROVIDER_";
const MCP_SERVER = "Scalekit Dashboard > MCP Servers > (your server)";

const fields = {
  environmentUrl: httpUrl({
    description: "The address of your Scalekit environment",
    example: "https://your-env.scalekit.com",
    where: "Scalekit Dashboard > Developers > API credentials > Environment URL",
    required: true,
    secure: true,
    base: true,
  }),
  resourceId: text({
    description: "The id of the MCP server that you registered at Scalekit",
    example: "res_123456789012345678",
    where: `${MCP_SERVER} > Resource ID`,
    required: true,
  }),
  clientId: text({
    description: "Not used any more; it may stay for older files",
    example: "skc_123456789012345678",
  }),
  ...tokenIssuerField({ otherwise: "the environment's address, alone or with /resources/ and the resource id" }),
  ...remoteFields({
    title: "Scalekit",
    requiredScopes: { example: "weather:read", where: `${MCP_SERVER} > Scopes` },
    audience: { otherwise: "the resource id", example: "https://mcp.example.com/mcp", alias: FASTMCP_AUDIENCE },
  }),
  baseUrl: httpUrl({
    description: "The public address of this server, without the MCP path; MCP_URL is its older name",
    example: "https://mcp.example.com",
    where: `the address under which this server is reached; the same as in ${MCP_SERVER}`,
    alias: `${PREFIX}MCP_URL`,
    required: true,
    secure: true,
    base: true,
  }),
};

/** Takes tokens of Scalekit, where MCP clients register themselves. */
export const ScalekitProvider = defineProvider({
  classPath: "fastmcp.server.auth.providers.scalekit.ScalekitProvider",
  aliases: ["SCALEKIT"],
  prefix: PREFIX,
  title: "Scalekit",
  advice: { issuer: "If the token is of your environment, set TOKEN_ISSUER to what it names." },
  fields,
  create(settings, names) {
    const environment = endpointBase(settings.environmentUrl);
    const resource = `/resources/${encodeURIComponent(settings.resourceId)}`;
    return remoteJwtIssuer({
      ...settings,
      issuer: environment,
      advice: names.advice,
      // Scalekit is changing from the first to the second.
      tokenIssuers: settings.tokenIssuer ?? [environment, `${environment}${resource}`],
      audience: settings.audience ?? settings.resourceId,
      jwksUri: `${environment}/keys`,
      algorithms: ["RS256"],
      audienceVariable: names.nameOf("audience"),
      subject: subjectRules(settings, names),
      authorizationServers: [`${environment}${resource}`],
      metadataUrl: `${environment}/.well-known/oauth-authorization-server${resource}`,
    });
  },
});

/** A configured Scalekit provider. */
export type ScalekitProvider = InstanceType<typeof ScalekitProvider>;

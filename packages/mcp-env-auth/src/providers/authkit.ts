import { httpUrl } from "../env/url-fields.ts";
import { defineProvider } from "./declaration.ts";
import { endpointBase } from "./fields/base-url.ts";
import { FASTMCP_AUDIENCE, remoteFields } from "./fields/remote-fields.ts";
import { subjectRules } from "./fields/subject-claim.ts";
import { remoteJwtIssuer } from "./kinds/remote-jwt-issuer.ts";

const fields = {
  authkitDomain: httpUrl({
    description: "The AuthKit domain of your WorkOS environment",
    example: "https://your-app.authkit.app",
    where: "WorkOS Dashboard > Domains > AuthKit",
    required: true,
    secure: true,
    base: true,
    assumeHttps: true,
  }),
  ...remoteFields({
    title: "AuthKit",
    requiredScopes: { example: "openid profile" },
    audience: {
      otherwise: "the URL of the MCP endpoint",
      example: "https://mcp.example.com/mcp",
      where: "WorkOS Dashboard > Connect > Configuration > MCP resource indicators",
      alias: FASTMCP_AUDIENCE,
    },
    organizations: { examples: ["org_01HRDMC6CM357W30QMHMQ96Q0S", "org_01HRDMC6CM357W30QMHMQ96Q0T"] },
  }),
};

/** Takes tokens of WorkOS AuthKit, where MCP clients register themselves. */
export const AuthKitProvider = defineProvider({
  classPath: "fastmcp.server.auth.providers.workos.AuthKitProvider",
  aliases: ["AUTHKIT"],
  prefix: "FASTMCP_SERVER_AUTH_AUTHKITPROVIDER_",
  title: "WorkOS AuthKit",
  fields,
  create(settings, names) {
    const domain = endpointBase(settings.authkitDomain);
    return remoteJwtIssuer({
      ...settings,
      issuer: domain,
      jwksUri: `${domain}/oauth2/jwks`,
      algorithms: ["RS256"],
      audienceVariable: names.nameOf("audience"),
      subject: subjectRules(settings, names),
      metadataUrl: `${domain}/.well-known/oauth-authorization-server`,
    });
  },
});

/** A configured AuthKit provider. */
export type AuthKitProvider = InstanceType<typeof AuthKitProvider>;

import { choice, path } from "../env/plain-fields.ts";
import { httpUrl } from "../env/url-fields.ts";
import { defineProvider } from "./declaration.ts";
import { endpointBase } from "./fields/base-url.ts";
import { FASTMCP_AUDIENCE, remoteFields } from "./fields/remote-fields.ts";
import { subjectRules } from "./fields/subject-claim.ts";
import { remoteJwtIssuer } from "./kinds/remote-jwt-issuer.ts";

const fields = {
  projectUrl: httpUrl({
    description: "The address of your Supabase project",
    example: "https://abcdefghijklmnopqrst.supabase.co",
    where: "Supabase Dashboard > Project Settings > Data API > Project URL",
    required: true,
    secure: true,
    base: true,
  }),
  authRoute: path({
    description: "The path of Supabase Auth, for one that you host yourself",
    example: "/auth/v1",
    default: "/auth/v1",
  }),
  algorithm: choice(
    ["ES256", "RS256"],
    {
      description: "The algorithm of the project's signing keys",
      example: "ES256",
      where: "Supabase Dashboard > Project Settings > JWT Keys",
      default: "ES256",
    },
    {
      refusals: {
        hs256:
          "HS256 is the legacy shared secret, which can't be verified by published keys: migrate to asymmetric signing keys in Supabase Dashboard > Project Settings > JWT Keys.",
      },
    },
  ),
  ...remoteFields({
    title: "Supabase",
    requiredScopes: { example: "openid" },
    audience: {
      otherwise: '"authenticated", which Supabase gives to every user who is logged in',
      example: "authenticated",
      alias: FASTMCP_AUDIENCE,
    },
  }),
};

/** Takes tokens of Supabase Auth, where MCP clients register themselves. */
export const SupabaseProvider = defineProvider({
  classPath: "fastmcp.server.auth.providers.supabase.SupabaseProvider",
  aliases: ["SUPABASE"],
  prefix: "FASTMCP_SERVER_AUTH_SUPABASE_",
  title: "Supabase",
  fields,
  create(settings, names) {
    const issuer = `${endpointBase(settings.projectUrl)}${settings.authRoute.replace(/\/+$/, "")}`;
    return remoteJwtIssuer({
      ...settings,
      issuer,
      audience: settings.audience ?? "authenticated",
      jwksUri: `${issuer}/.well-known/jwks.json`,
      algorithms: [settings.algorithm],
      audienceVariable: names.nameOf("audience"),
      subject: subjectRules(settings, names),
      metadataUrl: `${issuer}/.well-known/oauth-authorization-server`,
    });
  },
});

/** A configured Supabase provider. */
export type SupabaseProvider = InstanceType<typeof SupabaseProvider>;

import { defineProvider } from "./declaration.ts";
import { createDiscordVerifier } from "./discord-tokens.ts";
import { confidentialProxyFields, timeoutField } from "./fields/proxy-fields.ts";
import { oauthProxy } from "./kinds/proxy.ts";

const CLASS_PATH = "fastmcp.server.auth.providers.discord.DiscordProvider";
const OAUTH2 = "Discord Developer Portal > Applications > (your application) > OAuth2";

const fields = {
  ...confidentialProxyFields({
    title: "Discord",
    sessions: { revokeUpstream: false },
    clientId: { example: "157730590492196864", where: `${OAUTH2} > Client ID` },
    clientSecret: { where: `${OAUTH2} > Client Secret > Reset Secret` },
    callback: { where: `register BASE_URL/auth/callback in ${OAUTH2} > Redirects` },
    requiredScopes: {
      default: ["identify"],
      example: "identify email guilds",
      where: "Discord's list of OAuth2 scopes; identify, which tells users apart, is always asked for",
    },
  }),
  timeoutSeconds: timeoutField("Discord"),
};

/** The provider for a Discord at `site`. */
export function discordAt(site: string) {
  return defineProvider({
    classPath: CLASS_PATH,
    aliases: ["DISCORD"],
    prefix: "FASTMCP_SERVER_AUTH_DISCORD_",
    title: "Discord",
    fields,
    namesPermissions: false,
    create: (settings, names) =>
      oauthProxy({
        ...settings,
        ...names,
        classPath: CLASS_PATH,
        revokesAllSessions: true,
        authorizationEndpoint: `${site}/oauth2/authorize`,
        tokenEndpoint: `${site}/api/oauth2/token`,
        revocationEndpoint: `${site}/api/oauth2/token/revoke`,
        identityScopes: ["identify"],
        prompts: { values: ["consent"] },
        createVerifier: ({ clock }) =>
          createDiscordVerifier({
            endpoint: `${site}/api/oauth2/@me`,
            clientId: settings.clientId,
            timeout: settings.timeoutSeconds,
            clock,
          }),
        tokenKind: "opaque",
      }),
  });
}

/** Logs users in at Discord, through an application of the Developer Portal. */
export const DiscordProvider = discordAt("https://discord.com");

/** A configured Discord provider. */
export type DiscordProvider = InstanceType<typeof DiscordProvider>;

import { defineProvider } from "./declaration.ts";
import { confidentialProxyFields, timeoutField } from "./fields/proxy-fields.ts";
import { createGitHubVerifier, type GitHubTokenOptions, revokeGitHubToken } from "./github-tokens.ts";
import { oauthProxy } from "./kinds/proxy.ts";

const CLASS_PATH = "fastmcp.server.auth.providers.github.GitHubProvider";
const DEVELOPER_SETTINGS = "GitHub > Settings > Developer settings > OAuth Apps > (your app)";

/** Where GitHub is. */
export interface GitHubEndpoints {
  readonly site: string;
  readonly api: string;
}

const fields = {
  ...confidentialProxyFields({
    title: "GitHub",
    clientId: { example: "Ov23liAbCdEfGh012345", where: `${DEVELOPER_SETTINGS} > Client ID` },
    clientSecret: { where: `${DEVELOPER_SETTINGS} > Client secrets` },
    callback: { where: `register BASE_URL/auth/callback in ${DEVELOPER_SETTINGS} > Authorization callback URL` },
    requiredScopes: {
      default: ["user"],
      example: "user,repo",
      where: "GitHub's documentation of scopes for OAuth apps",
    },
  }),
  timeoutSeconds: timeoutField("GitHub"),
};

/** The provider for a GitHub at `endpoints`. */
export function gitHubAt({ site, api }: GitHubEndpoints) {
  return defineProvider({
    classPath: CLASS_PATH,
    aliases: ["GITHUB"],
    prefix: "FASTMCP_SERVER_AUTH_GITHUB_",
    title: "GitHub",
    fields,
    namesPermissions: false,
    create(settings, names) {
      const options = {
        api,
        clientId: settings.clientId,
        clientSecret: settings.clientSecret,
        credentials: `${names.nameOf("clientId")} and ${names.nameOf("clientSecret")}`,
        timeout: settings.timeoutSeconds,
      } satisfies GitHubTokenOptions;
      return oauthProxy({
        ...settings,
        ...names,
        classPath: CLASS_PATH,
        authorizationEndpoint: `${site}/login/oauth/authorize`,
        tokenEndpoint: `${site}/login/oauth/access_token`,
        revoke: revokeGitHubToken(options),
        prompts: { values: ["select_account"] },
        createVerifier: ({ clock }) => createGitHubVerifier(options, clock),
        tokenKind: "opaque",
      });
    },
  });
}

/** Logs users in at GitHub, through an OAuth app. */
export const GitHubProvider = gitHubAt({ site: "https://github.com", api: "https://api.github.com" });

/** A configured GitHub provider. */
export type GitHubProvider = InstanceType<typeof GitHubProvider>;

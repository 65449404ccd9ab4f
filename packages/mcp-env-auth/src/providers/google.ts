import { defineProvider } from "./declaration.ts";
import { organizationFields } from "./fields/organization-fields.ts";
import { confidentialProxyFields, timeoutField } from "./fields/proxy-fields.ts";
import { createGoogleVerifier, IDENTITY_SCOPES } from "./google-tokens.ts";
import { oauthProxy } from "./kinds/proxy.ts";

const CLASS_PATH = "fastmcp.server.auth.providers.google.GoogleProvider";
const CLIENT_SETTINGS = "Google Cloud Console > Google Auth Platform > Clients > (your web application)";

/** Where Google is. */
export interface GoogleEndpoints {
  readonly authorization: string;
  readonly token: string;
  readonly revocation: string;
  readonly tokenInfo: string;
  readonly userinfo: string;
}

const fields = {
  ...confidentialProxyFields({
    title: "Google",
    sessions: { revokeUpstream: false },
    clientId: { example: "123456789012-abcdef.apps.googleusercontent.com", where: `${CLIENT_SETTINGS} > Client ID` },
    clientSecret: { where: `${CLIENT_SETTINGS} > Client secrets` },
    callback: { where: `register BASE_URL/auth/callback in ${CLIENT_SETTINGS} > Authorized redirect URIs` },
    requiredScopes: {
      default: ["openid"],
      example: "openid email profile",
      where: "Google's list of OAuth 2.0 scopes; email and profile may be short or whole URLs",
    },
  }),
  ...organizationFields({ claim: "hd", examples: ["example.com", "example.org"] }),
  timeoutSeconds: timeoutField("Google"),
};

/** The provider for a Google at `endpoints`. */
export function googleAt(endpoints: GoogleEndpoints) {
  return defineProvider({
    classPath: CLASS_PATH,
    aliases: ["GOOGLE"],
    prefix: "FASTMCP_SERVER_AUTH_GOOGLE_",
    title: "Google",
    fields,
    loginScopes: {
      scopes: "required",
      reason: "At Google, a login with a scope that Google doesn't know ends on Google's own page.",
    },
    namesPermissions: false,
    create: (settings, names) =>
      oauthProxy({
        ...settings,
        ...names,
        classPath: CLASS_PATH,
        revokesAllSessions: true,
        authorizationEndpoint: endpoints.authorization,
        tokenEndpoint: endpoints.token,
        revocationEndpoint: endpoints.revocation,
        identityScopes: IDENTITY_SCOPES,
        prompts: { values: ["consent", "select_account"] },
        // Without both, Google gives a refresh token at a user's first login only, or none.
        extraAuthorizeParams: { access_type: "offline", prompt: "consent", ...settings.extraAuthorizeParams },
        createVerifier: ({ clock }) =>
          createGoogleVerifier({
            tokenInfoEndpoint: endpoints.tokenInfo,
            userinfoEndpoint: endpoints.userinfo,
            clientId: settings.clientId,
            timeout: settings.timeoutSeconds,
            clock,
          }),
        tokenKind: "opaque",
      }),
  });
}

/** Logs users in at Google, through an OAuth client of type web application. */
export const GoogleProvider = googleAt({
  authorization: "https://accounts.google.com/o/oauth2/v2/auth",
  token: "https://oauth2.googleapis.com/token",
  revocation: "https://oauth2.googleapis.com/revoke",
  tokenInfo: "https://oauth2.googleapis.com/tokeninfo",
  userinfo: "https://openidconnect.googleapis.com/v1/userinfo",
});

/** A configured Google provider. */
export type GoogleProvider = InstanceType<typeof GoogleProvider>;

import { httpUrl } from "../env/url-fields.ts";
import { createIntrospectionVerifier } from "../upstream/introspection-verifier.ts";
import { fetchUserClaims } from "../upstream/userinfo-verifier.ts";
import { defineProvider } from "./declaration.ts";
import { endpointBase } from "./fields/base-url.ts";
import { confidentialProxyFields, timeoutField } from "./fields/proxy-fields.ts";
import { loginSubjectRules, subjectFields } from "./fields/subject-claim.ts";
import { oauthProxy } from "./kinds/proxy.ts";

const CLASS_PATH = "fastmcp.server.auth.providers.clerk.ClerkProvider";
const APPLICATION = "Clerk Dashboard > Configure > OAuth applications > (your application)";

const fields = {
  domain: httpUrl({
    description: "The domain of your Clerk instance's Frontend API",
    example: "https://your-app.clerk.accounts.dev",
    where: "Clerk Dashboard > Configure > Domains > Frontend API",
    required: true,
    secure: true,
    base: true,
    assumeHttps: true,
  }),
  ...confidentialProxyFields({
    title: "Clerk",
    sessions: { offlineAccess: "scope" },
    clientId: { example: "AbCdEfGh01234567", where: `${APPLICATION} > Client ID` },
    clientSecret: { where: `${APPLICATION} > Client Secret` },
    callback: { where: `register BASE_URL/auth/callback in ${APPLICATION} > Redirect URIs` },
    requiredScopes: {
      default: ["openid", "email", "profile"],
      example: "openid email profile",
      where: `${APPLICATION} > Scopes`,
    },
  }),
  timeoutSeconds: timeoutField("Clerk"),
  ...subjectFields(),
};

/** Logs users in at Clerk, through an OAuth application. Its tokens are looked up by introspection. */
export const ClerkProvider = defineProvider({
  classPath: CLASS_PATH,
  aliases: ["CLERK"],
  prefix: "FASTMCP_SERVER_AUTH_CLERK_",
  title: "Clerk",
  fields,
  create(settings, names) {
    const { clientId, clientSecret, timeoutSeconds: timeout } = settings;
    const domain = endpointBase(settings.domain);
    return oauthProxy({
      ...settings,
      ...names,
      classPath: CLASS_PATH,
      addressSetting: "domain",
      offlineAccess: settings.offlineAccess ?? "scope",
      authorizationEndpoint: `${domain}/oauth/authorize`,
      tokenEndpoint: `${domain}/oauth/token`,
      revocationEndpoint: `${domain}/oauth/token/revoke`,
      createVerifier: ({ clock }) =>
        createIntrospectionVerifier({
          endpoint: `${domain}/oauth/token_info`,
          clientId,
          clientSecret,
          credentials: `${names.nameOf("clientId")} and ${names.nameOf("clientSecret")}`,
          address: names.nameOf("domain"),
          issuedTo: clientId,
          subject: loginSubjectRules(settings, names),
          enrich: (token) => fetchUserClaims(`${domain}/oauth/userinfo`, token, timeout),
          timeout,
          clock,
        }),
      tokenKind: "opaque",
    });
  },
});

/** A configured Clerk provider. */
export type ClerkProvider = InstanceType<typeof ClerkProvider>;

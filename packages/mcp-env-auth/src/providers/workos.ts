import { httpUrl } from "../env/url-fields.ts";
import { createIntrospectionVerifier } from "../upstream/introspection-verifier.ts";
import { fetchUserClaims } from "../upstream/userinfo-verifier.ts";
import { defineProvider } from "./declaration.ts";
import { endpointBase } from "./fields/base-url.ts";
import { organizationFields } from "./fields/organization-fields.ts";
import { confidentialProxyFields, timeoutField } from "./fields/proxy-fields.ts";
import { loginSubjectRules, subjectFields } from "./fields/subject-claim.ts";
import { oauthProxy } from "./kinds/proxy.ts";

const CLASS_PATH = "fastmcp.server.auth.providers.workos.WorkOSProvider";
const APPLICATION = "WorkOS Dashboard > Connect > Applications > (your OAuth application)";

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
  ...confidentialProxyFields({
    title: "WorkOS",
    clientId: { example: "client_01JP8BD0CZ401TDF9X54NT5ZEK", where: `${APPLICATION} > Client ID` },
    clientSecret: { where: `${APPLICATION} > Client secrets` },
    callback: { where: `register BASE_URL/auth/callback in ${APPLICATION} > Redirect URIs` },
    requiredScopes: { default: [], example: "openid profile email", where: "openid, profile, email, offline_access" },
  }),
  ...organizationFields({ examples: ["org_01HRDMC6CM357W30QMHMQ96Q0S", "org_01HRDMC6CM357W30QMHMQ96Q0T"] }),
  timeoutSeconds: timeoutField("WorkOS"),
  ...subjectFields(),
};

/**
 * Logs users in at WorkOS, through an OAuth application of WorkOS Connect. Its tokens are looked up by introspection,
 * which says which application they were issued to.
 */
export const WorkOSProvider = defineProvider({
  classPath: CLASS_PATH,
  aliases: ["WORKOS"],
  prefix: "FASTMCP_SERVER_AUTH_WORKOS_",
  title: "WorkOS",
  fields,
  create(settings, names) {
    const { clientId, clientSecret, timeoutSeconds: timeout } = settings;
    const domain = endpointBase(settings.authkitDomain);
    return oauthProxy({
      ...settings,
      ...names,
      classPath: CLASS_PATH,
      addressSetting: "authkitDomain",
      authorizationEndpoint: `${domain}/oauth2/authorize`,
      tokenEndpoint: `${domain}/oauth2/token`,
      offlineAccess: settings.offlineAccess ?? "scope",
      createVerifier: ({ clock }) =>
        createIntrospectionVerifier({
          endpoint: `${domain}/oauth2/introspection`,
          clientId,
          clientSecret,
          authMethod: "client_secret_post",
          credentials: `${names.nameOf("clientId")} and ${names.nameOf("clientSecret")}`,
          address: names.nameOf("authkitDomain"),
          issuedTo: clientId,
          subject: loginSubjectRules(settings, names),
          enrich: (token) => fetchUserClaims(`${domain}/oauth2/userinfo`, token, timeout),
          timeout,
          clock,
        }),
      tokenKind: "opaque",
    });
  },
});

/** A configured WorkOS provider. */
export type WorkOSProvider = InstanceType<typeof WorkOSProvider>;

import { text } from "../env/plain-fields.ts";
import { httpUrl } from "../env/url-fields.ts";
import { defineProvider } from "./declaration.ts";
import { checkProxySecrets, proxyFields, timeoutField } from "./fields/proxy-fields.ts";
import { subjectFields } from "./fields/subject-claim.ts";
import { oidcProxy } from "./kinds/proxy.ts";

const CLASS_PATH = "fastmcp.server.auth.providers.oci.OCIProvider";
const DOMAIN = "OCI Console > Identity & Security > Domains > (your domain)";
const APPLICATION = `${DOMAIN} > Integrated applications > (your confidential application)`;

const fields = {
  configUrl: httpUrl({
    description: "The address of your identity domain's OpenID Connect discovery document",
    example: "https://idcs-0123456789abcdef.identity.oraclecloud.com/.well-known/openid-configuration",
    where: `${DOMAIN} > Domain URL, with /.well-known/openid-configuration at its end`,
    required: true,
    secure: true,
  }),
  issuer: text({
    description:
      "The issuer of the domain, exactly, if a custom one is set there. Default: https://identity.oraclecloud.com/, or the domain's own address",
    example: "https://idcs-0123456789abcdef.identity.oraclecloud.com/",
    where: "OCI Console > Identity & Security > Domains > Settings > Domain settings > OAuth: Issuer",
  }),
  audience: text({
    description: "The primary audience that tokens are for; left out, every audience is accepted",
    example: "https://mcp.example.com/",
    where: `${APPLICATION} > OAuth configuration > Primary audience`,
  }),
  ...proxyFields({
    title: "OCI",
    clientId: { example: "0123456789abcdef0123456789abcdef", where: `${APPLICATION} > Client ID` },
    clientSecret: { where: `${APPLICATION} > Client secret` },
    callback: { where: `register BASE_URL/auth/callback in ${APPLICATION} > OAuth configuration > Redirect URL` },
    requiredScopes: {
      default: ["openid"],
      example: "openid profile email",
      where: `${APPLICATION} > OAuth configuration > Resources and scopes`,
    },
  }),
  timeoutSeconds: timeoutField("OCI"),
  ...subjectFields(),
};

/** Logs users in at an identity domain of Oracle Cloud Infrastructure. */
export const OCIProvider = defineProvider({
  classPath: CLASS_PATH,
  aliases: ["OCI"],
  prefix: "FASTMCP_SERVER_AUTH_OCI_",
  title: "Oracle Cloud Infrastructure",
  fields,
  check: (settings, context) => checkProxySecrets(settings, context),
  create: (settings, names) =>
    oidcProxy({
      ...settings,
      ...names,
      classPath: CLASS_PATH,
      issuerSetting: "issuer",
      audienceSetting: "audience",
      configUrlExample: fields.configUrl.example,
      // Every identity domain calls itself this, wherever its document is.
      otherIssuers: ["https://identity.oraclecloud.com/"],
    }),
});

/** A configured OCI provider. */
export type OCIProvider = InstanceType<typeof OCIProvider>;

import { createUserinfoVerifier } from "../upstream/userinfo-verifier.ts";
import { defineProvider } from "./declaration.ts";
import { checkProxySecrets, proxyFields, timeoutField } from "./fields/proxy-fields.ts";
import { loginSubjectRules, subjectFields } from "./fields/subject-claim.ts";
import { oauthProxy } from "./kinds/proxy.ts";

const CLASS_PATH = "fastmcp.server.auth.providers.huggingface.HuggingFaceProvider";
const APPLICATION = "Hugging Face > Settings > Connected Applications > (your OAuth app)";

const fields = {
  ...proxyFields({
    title: "Hugging Face",
    clientId: { example: "1a2b3c4d-5e6f-7081-92a3-b4c5d6e7f809", where: `${APPLICATION} > Client ID` },
    clientSecret: { where: `${APPLICATION} > App Secret` },
    callback: { where: `register BASE_URL/auth/callback in ${APPLICATION} > Redirect URLs` },
    requiredScopes: {
      default: ["openid", "profile"],
      example: "openid profile email",
      where: `${APPLICATION} > Scopes`,
    },
  }),
  timeoutSeconds: timeoutField("Hugging Face"),
  ...subjectFields(),
};

/** The provider for a Hugging Face at `site`. */
export function huggingFaceAt(site: string) {
  return defineProvider({
    classPath: CLASS_PATH,
    aliases: ["HUGGINGFACE"],
    prefix: "FASTMCP_SERVER_AUTH_HUGGINGFACE_",
    title: "Hugging Face",
    fields,
    namesPermissions: false,
    check: (settings, context) => checkProxySecrets(settings, context),
    create: (settings, names) =>
      oauthProxy({
        ...settings,
        ...names,
        classPath: CLASS_PATH,
        authorizationEndpoint: `${site}/oauth/authorize`,
        tokenEndpoint: `${site}/oauth/token`,
        identityScopes: ["openid", "profile"],
        createVerifier: ({ clock }) =>
          createUserinfoVerifier({
            endpoint: `${site}/oauth/userinfo`,
            clientId: settings.clientId,
            subject: loginSubjectRules(settings, names),
            timeout: settings.timeoutSeconds,
            clock,
          }),
        tokenKind: "opaque",
      }),
  });
}

/** Logs users in at Hugging Face, through an OAuth app. */
export const HuggingFaceProvider = huggingFaceAt("https://huggingface.co");

/** A configured Hugging Face provider. */
export type HuggingFaceProvider = InstanceType<typeof HuggingFaceProvider>;

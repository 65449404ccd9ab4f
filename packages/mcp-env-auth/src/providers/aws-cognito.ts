import type { FieldValues } from "../env/field.ts";
import { text } from "../env/plain-fields.ts";
import type { ConfigProblem } from "../errors.ts";
import { requireOurClient } from "../upstream/looked-up-claims.ts";
import { defineProvider, type SettingNames } from "./declaration.ts";
import { checkProxySecrets, proxyFields, timeoutField } from "./fields/proxy-fields.ts";
import { resourceFields } from "./fields/resource-fields.ts";
import { subjectFields } from "./fields/subject-claim.ts";
import { oidcProxy } from "./kinds/proxy.ts";

const CLASS_PATH = "fastmcp.server.auth.providers.aws.AWSCognitoProvider";
const USER_POOL = "AWS Console > Amazon Cognito > User pools > (your pool)";
const APP_CLIENT = `${USER_POOL} > App clients > (your client)`;

const fields = {
  userPoolId: text({
    description: "The id of the user pool",
    example: "eu-central-1_AbCdEfGhI",
    where: `${USER_POOL} > Overview > User pool ID`,
    required: true,
  }),
  awsRegion: text({
    description: "The region that the user pool is in",
    example: "eu-central-1",
    where: "the part of the user pool's id before the underscore",
    default: "eu-central-1",
  }),
  ...proxyFields({
    title: "Cognito",
    clientId: { example: "1h57kf5cpq17m0eml12EXAMPLE", where: `${APP_CLIENT} > Client ID` },
    clientSecret: { where: `${APP_CLIENT} > Client secret` },
    callback: { where: `register BASE_URL/auth/callback in ${APP_CLIENT} > Login pages > Allowed callback URLs` },
    requiredScopes: {
      default: ["openid"],
      example: "openid email",
      where: `${APP_CLIENT} > Login pages > OpenID Connect scopes and custom scopes`,
    },
  }),
  ...resourceFields({
    title: "Cognito",
    heldTo: "Tokens must be for it. It needs managed login and the plan Essentials or Plus",
  }),
  timeoutSeconds: timeoutField("Cognito"),
  ...subjectFields(),
};

type CognitoSettings = Partial<FieldValues<typeof fields>>;

/** The provider for user pools whose discovery document is where `issuerOf` says. */
export function awsCognitoAt(issuerOf: (region: string, userPoolId: string) => string) {
  return defineProvider({
    classPath: CLASS_PATH,
    aliases: ["AWS_COGNITO", "AWSCOGNITO"],
    prefix: "FASTMCP_SERVER_AUTH_AWS_COGNITO_",
    title: "Amazon Cognito",
    fields,
    rolesClaim: {
      default: "cognito:groups",
      example: "cognito:groups",
      where: "AWS Console > Amazon Cognito > User pools > (your pool) > Groups",
    },
    check: (settings, context) => [...checkProxySecrets(settings, context), ...checkRegion(settings, context)],
    create: (settings, names) =>
      oidcProxy({
        ...settings,
        ...names,
        classPath: CLASS_PATH,
        nameOf: (setting) => names.nameOf(setting === "configUrl" ? "userPoolId" : setting),
        configUrl: new URL(`${issuerOf(settings.awsRegion, settings.userPoolId)}/.well-known/openid-configuration`),
        sameSubject: true,
        // Cognito's access tokens have no aud: client_id says whom they were issued to.
        checkClaims: ({ client_id: clientId }) => requireOurClient(clientId, settings.clientId),
      }),
  });
}

/** Logs users in at Amazon Cognito, through an app client of a user pool. */
export const AWSCognitoProvider = awsCognitoAt((region, userPoolId) => {
  const suffix = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  return `https://cognito-idp.${region}.${suffix}/${userPoolId}`;
});

/** A configured Cognito provider. */
export type AWSCognitoProvider = InstanceType<typeof AWSCognitoProvider>;

function checkRegion({ awsRegion, userPoolId }: CognitoSettings, { nameOf }: SettingNames): readonly ConfigProblem[] {
  const region = userPoolId?.split("_")[0];
  if (userPoolId === undefined || awsRegion === undefined) {
    return [];
  }
  if (!/^[\w-]+_[0-9a-zA-Z]+$/.test(userPoolId)) {
    return [{ variable: nameOf("userPoolId"), message: `must look like ${fields.userPoolId.example}.` }];
  }
  if (region === awsRegion) {
    return [];
  }
  return [
    { variable: nameOf("awsRegion"), message: `is ${awsRegion}, but the user pool is in ${region}. Set ${region}.` },
  ];
}

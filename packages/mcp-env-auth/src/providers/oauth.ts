import type { FieldValues } from "../env/field.ts";
import { stringOrList } from "../env/list-fields.ts";
import { choice } from "../env/plain-fields.ts";
import { httpUrl } from "../env/url-fields.ts";
import { createIntrospectionVerifier } from "../upstream/introspection-verifier.ts";
import { ASYMMETRIC_ALGORITHMS } from "../upstream/jwt-algorithms.ts";
import type { UpstreamTokenVerifier } from "../upstream/upstream-token.ts";
import { createUserinfoVerifier } from "../upstream/userinfo-verifier.ts";
import type { AuthProviderContext } from "./auth-provider.ts";
import { type CheckContext, defineProvider, type SettingNames } from "./declaration.ts";
import { LOGIN_SCOPES } from "./fields/oidc-fields.ts";
import { organizationFields } from "./fields/organization-fields.ts";
import { checkPkce, pkceField } from "./fields/pkce-field.ts";
import { plainHttpField } from "./fields/plain-http-field.ts";
import { checkProxySecrets, proxyFields, timeoutField } from "./fields/proxy-fields.ts";
import { resourceFields } from "./fields/resource-fields.ts";
import { KEYCLOAK_NO_SUBJECT, loginSubjectRules, subjectFields } from "./fields/subject-claim.ts";
import { verifyIssuedJwts } from "./kinds/issued-jwts.ts";
import { oauthProxy } from "./kinds/proxy.ts";
import { requestedResource } from "./kinds/proxy-settings.ts";

const CLASS_PATH = "fastmcp.server.auth.oauth_proxy.OAuthProxy";

const endpoint = { where: "the provider's documentation", secure: true, mayBePlain: true } as const;

const fields = {
  authorizationEndpoint: httpUrl({
    description: "Where users log in at the provider",
    example: "https://idp.example.com/oauth/authorize",
    where: endpoint.where,
    required: true,
    secure: true,
  }),
  tokenEndpoint: httpUrl({
    description: "Where the provider exchanges codes for tokens",
    example: "https://idp.example.com/oauth/token",
    required: true,
    ...endpoint,
  }),
  revocationEndpoint: httpUrl({
    description: "Where the provider revokes tokens (RFC 7009)",
    example: "https://idp.example.com/oauth/revoke",
    ...endpoint,
  }),
  jwksUri: httpUrl({
    description: "Where the provider publishes its keys, if its access tokens are JWTs",
    example: "https://idp.example.com/.well-known/jwks.json",
    ...endpoint,
  }),
  introspectionEndpoint: httpUrl({
    description: "Where the provider says what a token is good for (RFC 7662), if its access tokens are opaque",
    example: "https://idp.example.com/oauth/introspect",
    ...endpoint,
  }),
  userinfoEndpoint: httpUrl({
    description: "Where the provider says whose a token is, if there is nothing better for its opaque access tokens",
    example: "https://idp.example.com/userinfo",
    ...endpoint,
  }),
  ...plainHttpField(),
  issuer: stringOrList({
    description:
      "The iss claim of its tokens (or a JSON array of several), spelled exactly; required with the JWKS URI. To reorder or shorten the list changes subjects",
    example: "https://idp.example.com/",
  }),
  audience: stringOrList({
    description: "The aud claim that tokens must have, where something tells it; left out, every audience is accepted",
    example: "https://mcp.example.com/mcp",
  }),
  ...resourceFields({ title: "the provider", heldTo: "JWTs must be for it, unless AUDIENCE is set" }),
  algorithm: choice(ASYMMETRIC_ALGORITHMS, {
    description: "The only algorithm that its JWTs may be signed with",
    example: "ES256",
    default: "RS256",
  }),
  ...proxyFields({
    title: "the provider",
    clientId: { example: "mcp-server", where: "the application (client) that you registered at the provider" },
    clientSecret: { where: "the application (client) that you registered at the provider" },
    callback: { where: "register BASE_URL/auth/callback as a redirect URI of your application at the provider" },
    requiredScopes: { default: [], example: "weather:read" },
  }),
  ...pkceField(),
  ...organizationFields(),
  timeoutSeconds: timeoutField("the provider"),
  ...subjectFields(),
};

type OAuthSettings = FieldValues<typeof fields>;

/** Logs users in at any OAuth 2.0 provider that has no discovery document. */
export const OAuthProxy = defineProvider({
  classPath: CLASS_PATH,
  aliases: ["OAUTH", "fastmcp.server.auth.OAuthProxy"],
  prefix: "FASTMCP_SERVER_AUTH_OAUTH_",
  title: "OAuth 2.0",
  advice: {
    noSubject: KEYCLOAK_NO_SUBJECT,
    opaqueToken: "For opaque tokens, set the introspection or userinfo endpoint in place of the JWKS URI.",
  },
  fields,
  check: (settings, context) => [
    ...checkProxySecrets(settings, context),
    ...checkPkce(settings, context),
    ...checkVerification(settings, context),
  ],
  create: ({ revocationEndpoint, ...settings }, names) =>
    oauthProxy({
      ...settings,
      ...names,
      classPath: CLASS_PATH,
      addressSetting: "tokenEndpoint",
      audienceSetting: "audience",
      authorizationEndpoint: settings.authorizationEndpoint.href,
      tokenEndpoint: settings.tokenEndpoint.href,
      ...(revocationEndpoint && { revocationEndpoint: revocationEndpoint.href }),
      createVerifier: (context) => createVerifier(settings, names, context),
      tokenKind: settings.jwksUri === undefined ? "opaque" : "jwt",
    }),
});

/** A configured OAuth proxy. */
export type OAuthProxy = InstanceType<typeof OAuthProxy>;

const WAYS = ["jwksUri", "introspectionEndpoint", "userinfoEndpoint"] as const;

function checkVerification(settings: Partial<OAuthSettings>, context: CheckContext<typeof fields>) {
  const { nameOf, isGiven, missing } = context;
  const given = WAYS.filter(isGiven);
  const [first, ...others] = given;
  if (first === undefined) {
    const note = `Access tokens must be verified: set it, or ${nameOf("jwksUri")} with ${nameOf("issuer")}, or ${nameOf("userinfoEndpoint")}.`;
    return [missing("introspectionEndpoint", note)];
  }
  if (others.length > 0) {
    return [
      { variable: nameOf(first), message: `and ${others.map(nameOf).join(", ")} are all set. Keep one of them.` },
    ];
  }
  if (first === "userinfoEndpoint") {
    return (["issuer", "audience"] as const).filter(isGiven).map((name) => {
      const message = `can't be checked by ${nameOf("userinfoEndpoint")}, which does not tell it. Remove it, or set ${nameOf("introspectionEndpoint")} or ${nameOf("jwksUri")} instead.`;
      return { variable: nameOf(name), message };
    });
  }
  if (first === "jwksUri" && !isGiven("issuer")) {
    return [missing("issuer", "It tells which JWTs are the provider's.")];
  }
  const lacksSecret = first === "introspectionEndpoint" && settings.tokenEndpointAuthMethod === "none";
  return lacksSecret && !isGiven("clientSecret")
    ? [missing("clientSecret", `${nameOf("introspectionEndpoint")} is called with it.`)]
    : [];
}

function createVerifier(
  settings: Omit<OAuthSettings, "revocationEndpoint">,
  names: SettingNames,
  context: AuthProviderContext,
): UpstreamTokenVerifier | Promise<UpstreamTokenVerifier> {
  const { advice, nameOf } = names;
  const subject = loginSubjectRules(settings, names);
  const { clientId, clientSecret = "", audience, algorithm, issuer, timeoutSeconds: timeout } = settings;
  const { jwksUri, introspectionEndpoint, userinfoEndpoint, tokenEndpointAuthMethod } = settings;
  if (jwksUri !== undefined) {
    const resource = requestedResource(settings, context.mcpPath);
    const rules = {
      issuer,
      audience: audience ?? resource,
      audienceVariable: nameOf(audience === undefined && resource !== undefined ? "resource" : "audience"),
      advice,
      algorithms: [algorithm],
      clientId,
      subject,
      impliedScopes: LOGIN_SCOPES,
    };
    return verifyIssuedJwts({ ...rules, jwksUri: jwksUri.href }, context);
  }
  const { clock } = context;
  if (introspectionEndpoint !== undefined) {
    const credentials = `${nameOf("clientId")} and ${nameOf("clientSecret")}`;
    const endpoint = introspectionEndpoint.href;
    const address = nameOf("introspectionEndpoint");
    return createIntrospectionVerifier({
      endpoint,
      clientId,
      clientSecret,
      credentials,
      address,
      ...(tokenEndpointAuthMethod === "client_secret_post" && { authMethod: tokenEndpointAuthMethod }),
      issuer,
      audience,
      subject,
      timeout,
      clock,
    });
  }
  return createUserinfoVerifier({ endpoint: userinfoEndpoint?.href ?? "", clientId, subject, timeout, clock });
}

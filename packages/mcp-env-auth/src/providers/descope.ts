import type { FieldValues } from "../env/field.ts";
import { text } from "../env/plain-fields.ts";
import { httpUrl } from "../env/url-fields.ts";
import type { ConfigProblem } from "../errors.ts";
import { type CheckContext, defineProvider } from "./declaration.ts";
import { endpointBase } from "./fields/base-url.ts";
import { remoteFields, tokenIssuerField } from "./fields/remote-fields.ts";
import { subjectRules } from "./fields/subject-claim.ts";
import { remoteJwtIssuer } from "./kinds/remote-jwt-issuer.ts";

const fields = {
  configUrl: httpUrl({
    description: "The well-known URL of your Descope MCP server, or of the project's inbound apps",
    example: "https://api.descope.com/v1/apps/agentic/P2abc/M123/.well-known/openid-configuration",
    where: "Descope Console > Agentic Identity Hub > MCP Servers > (your server) > Connection information",
    secure: true,
  }),
  projectId: text({
    description: "The id of your Descope project, for an inbound app of the older kind",
    example: "P2abcdefghijklmnopqrstuvwxyz",
    where: "Descope Console > Project settings > Project ID",
  }),
  descopeBaseUrl: httpUrl({
    description: "The address of Descope's API for your region, with the project id",
    example: "https://api.descope.com",
    where: "Descope Console > Project settings",
    secure: true,
    base: true,
    assumeHttps: true,
  }),
  ...tokenIssuerField({ otherwise: "the well-known URL up to /.well-known" }),
  ...remoteFields({
    title: "Descope",
    requiredScopes: { example: "weather:read" },
    audience: { otherwise: "the project id", example: "P2abcdefghijklmnopqrstuvwxyz" },
  }),
};

type DescopeSettings = Partial<FieldValues<typeof fields>>;

const WELL_KNOWN = "/.well-known/openid-configuration";

/** Takes tokens of Descope, where MCP clients register themselves. */
export const DescopeProvider = defineProvider({
  classPath: "fastmcp.server.auth.providers.descope.DescopeProvider",
  aliases: ["DESCOPE"],
  prefix: "FASTMCP_SERVER_AUTH_DESCOPEPROVIDER_",
  title: "Descope",
  advice: {
    issuer: "A Descope project has several: if the token is of yours, set TOKEN_ISSUER to all that you accept.",
  },
  fields,
  check: checkSource,
  create(settings, names) {
    const { issuer, base, projectId } = locate(settings);
    return remoteJwtIssuer({
      ...settings,
      issuer,
      tokenIssuers: settings.tokenIssuer,
      advice: names.advice,
      audience: settings.audience ?? projectId,
      jwksUri: `${base}/${projectId}/.well-known/jwks.json`,
      algorithms: ["RS256"],
      audienceVariable: names.nameOf("audience"),
      subject: subjectRules(settings, names),
      metadataUrl: `${base}/v1/apps/${projectId}/.well-known/oauth-authorization-server`,
    });
  },
});

/** A configured Descope provider. */
export type DescopeProvider = InstanceType<typeof DescopeProvider>;

function locate({ configUrl, projectId = "", descopeBaseUrl }: DescopeSettings) {
  if (configUrl === undefined) {
    const base = descopeBaseUrl === undefined ? "" : endpointBase(descopeBaseUrl);
    return { issuer: `${base}/v1/apps/${projectId}`, base, projectId };
  }
  const issuer = endpointBase(configUrl).replace(new RegExp(`${WELL_KNOWN}$`), "");
  return { issuer, base: configUrl.origin, projectId: projectIn(configUrl) ?? "" };
}

/** An MCP server's URL, or that of all inbound apps of a project. */
function projectIn({ pathname }: URL): string | undefined {
  const [, ofServer, ofProject] =
    /\/agentic\/([^/]+)|^\/v1\/apps\/(?!agentic\/)([^/]+)\/\.well-known\/openid-configuration$/.exec(pathname) ?? [];
  return ofServer ?? ofProject;
}

function checkSource({ configUrl }: DescopeSettings, context: CheckContext<typeof fields>): readonly ConfigProblem[] {
  const { nameOf, isGiven, missing } = context;
  if (isGiven("configUrl")) {
    if (configUrl === undefined || projectIn(configUrl) !== undefined) {
      return [];
    }
    const message = `must hold /agentic/ and the project's id, or be /v1/apps/ with that id and ${WELL_KNOWN}. Example: ${fields.configUrl.example}`;
    return [{ variable: nameOf("configUrl"), message }];
  }
  const older = ["projectId", "descopeBaseUrl"] as const;
  const given = older.filter(isGiven);
  if (given.length === older.length) {
    return [];
  }
  if (given.length === 0) {
    return [
      missing("configUrl", `Set it, or ${older.map(nameOf).join(" and ")} for an inbound app of the older kind.`),
    ];
  }
  return older
    .filter((name) => !isGiven(name))
    .map((name) => missing(name, `It goes with ${given.map(nameOf).join()}.`));
}

import path from "node:path";
import { pathToFileURL } from "node:url";

/** Settings of the server that a new project is told about; the others are in the documentation. */
const SERVER_FIELDS = ["host", "port", "logLevel", "storageUrl", "trustProxy", "loginScopes"];

/** Auth0's applications have a secret, but for the rare public one. */
const ASKED_FOR = new Set(["clientSecret"]);

/** The address of `dev-auth0` as the template starts it. */
const LOCAL_ISSUER = "http://localhost:4400/";

/** These check tokens, and leave it to others to log users in. */
const VERIFIERS = /(Verifier|RemoteAuthProvider)$/;

/**
 * What the env files say, from the providers' own declarations and from what the local stand-in answers to; shaped as
 * `KnownSettings` of src/settings.ts.
 */
export async function readProviderSettings(workspace) {
  const load = (file) => import(pathToFileURL(path.join(workspace, "packages", file)).href);
  const { builtInProviders } = await load("mcp-env-auth/dist/configuration/built-in-providers.js");
  const { serverFields, SERVER_PREFIX } = await load("mcp-env-auth/dist/env/server-settings.js");
  const { variableName } = await load("mcp-env-auth/dist/env/field.js");
  const { DEFAULT_APPLICATION } = await load("dev-auth0/dist/applications.js");

  const describe = (start, source) => (name) =>
    toVariable(variableName(start, name), source[name], ASKED_FOR.has(name));
  const settingsOf = ({ classPath, prefix, title, fields }) => ({
    title,
    classPath,
    prefix,
    variables: [
      toVariable(variableName(SERVER_PREFIX, "serverAuth"), serverFields.serverAuth, true),
      ...Object.keys(fields).map(describe(prefix, fields)),
      ...SERVER_FIELDS.map(describe(SERVER_PREFIX, serverFields)),
    ],
  });
  return {
    providers: Object.fromEntries(
      builtInProviders
        .map(({ declaration }) => declaration)
        .filter(({ classPath }) => !VERIFIERS.test(classPath))
        .map((declaration) => [optionName(declaration), settingsOf(declaration)]),
    ),
    local: {
      configUrl: `${LOCAL_ISSUER}.well-known/openid-configuration`,
      clientId: DEFAULT_APPLICATION.clientId,
      clientSecret: DEFAULT_APPLICATION.clientSecret,
    },
  };
}

/** What `--provider` calls a provider: the first of its short names. */
function optionName({ aliases }) {
  return aliases[0].toLowerCase().replaceAll("_", "-");
}

function toVariable(name, field, askedFor) {
  return {
    name,
    description: `${field.description}.`,
    required: field.presence === "required" || askedFor,
    secret: field.secret,
    example: field.example,
    ...(field.where !== undefined && { where: `${field.where}.` }),
    ...(spell(field.default) && { default: spell(field.default) }),
  };
}

/** A default as the environment spells it; an empty one is not worth showing. */
function spell(value) {
  return Array.isArray(value) ? value.join(",") : String(value ?? "");
}

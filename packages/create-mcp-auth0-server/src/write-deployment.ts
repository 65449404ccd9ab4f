import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Answers } from "./answers.ts";
import { isOnThisMachine } from "./base-url.ts";
import { deploymentFolder } from "./deployments.ts";
import { chosenProvider, type KnownSettings, type ProviderSettings } from "./settings.ts";

/** What stands in the files for what the answers give. */
const EXAMPLE = {
  url: "https://mcp.example.com",
  host: "mcp.example.com",
  audience: "https://mcp.example.com/mcp",
  name: "mcp-auth0-weather",
  domain: "YOUR_TENANT.us.auth0.com",
  clientId: "YOUR_CLIENT_ID",
  scopes: "openid,weather:read",
  classPath: "fastmcp.server.auth.providers.auth0.Auth0Provider",
  prefix: "FASTMCP_SERVER_AUTH_AUTH0_",
};

/** Writes the files of the deployment that was asked for, with the project's name, address and provider. */
export function writeDeployment(
  directory: string,
  answers: Answers,
  settings: KnownSettings & { readonly templateRoot: string },
  files: readonly string[],
): void {
  if (answers.deploy === undefined) {
    return;
  }
  const folder = deploymentFolder(settings.templateRoot, answers.deploy);
  const provider = chosenProvider(answers, settings);
  for (const file of files) {
    const target = path.join(directory, file);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, ownText(readFileSync(path.join(folder, file), "utf8"), answers, provider));
  }
}

function ownText(text: string, { project, auth, baseUrl, scopes }: Answers, provider: ProviderSettings): string {
  const { clientId, audience } = auth.kind === "local" ? {} : auth;
  const domain = auth.kind === "tenant" ? auth.domain?.host : undefined;
  const isPublic = !isOnThisMachine(baseUrl);
  const changes: readonly (readonly [example: string, own: string | undefined])[] = [
    [EXAMPLE.name, project.packageName.replace(/^@[^/]+\//, "")],
    [EXAMPLE.domain, domain],
    [EXAMPLE.clientId, clientId],
    [EXAMPLE.audience, audience],
    [EXAMPLE.url, isPublic ? baseUrl : undefined],
    [EXAMPLE.host, isPublic ? new URL(baseUrl).host : undefined],
    [EXAMPLE.scopes, scopes.join(",")],
    [EXAMPLE.classPath, provider.classPath],
    [EXAMPLE.prefix, provider.prefix],
  ];
  const own = changes.reduce(
    (done, [example, answer]) => (answer === undefined ? done : done.replaceAll(example, () => answer)),
    text,
  );
  const known = new Set(provider.variables.map(({ name }) => name));
  const needless = (name: string) =>
    !known.has(name.replace(/_FILE$/, "")) || (scopes.length === 0 && name.endsWith("_REQUIRED_SCOPES"));
  return withoutVariables(own, provider.prefix, needless);
}

/** Removes a provider's variables from YAML: as `NAME: value`, and as items with a name and a value. */
function withoutVariables(text: string, prefix: string, needless: (name: string) => boolean): string {
  const entry = new RegExp(`^ *(?:- (?:name|key): (${prefix}\\w+)\\n.*|(${prefix}\\w+): .*)\\n`, "gm");
  return text.replace(entry, (whole, item: string | undefined, key: string | undefined) =>
    needless(item ?? key ?? "") ? "" : whole,
  );
}

import path from "node:path";
import type { Answers } from "./answers.ts";
import { callbackUrl, DEFAULT_BASE_URL, isOnThisMachine } from "./base-url.ts";
import { ciInstallCommand, imageCommands } from "./locked-install.ts";
import { type ProviderSettings, usesCallback } from "./settings.ts";

/** What templates call themselves: their package, in files and to clients, and their server, to users. */
const OWN_NAMES = [
  ...["mcp-auth0-weather", "mcp-auth0-minimal", "mcp-auth0-notes"],
  ...["Auth0 Weather MCP", "Minimal MCP", "Notes MCP"],
];

/** Variables that the command itself fills in. */
const ANSWERED = /^FASTMCP_SERVER_AUTH$|_BASE_URL$/;

/** Where a text says who logs users in. */
const AUTH0_PHRASES = ["log in at Auth0", "logs in at Auth0", "secured by Auth0"];

/** Chapters of a template's README that are about Auth0 and its local stand-in. */
const AUTH0_CHAPTER = /^## Go on to Auth0\n.*?(?=^## )/ms;
const RUN_CHAPTER = /^## Run it\n\n(```sh\n.*?```\n).*?(?=^## )/ms;
/** How a command of a README logs in at the stand-in, without a browser. */
const STAND_IN_USER = / --as \w+$/gm;

/** Files that are read by programs, which need the address that the server really has. */
const CLIENT_SETTINGS = new Set([".mcp.json", ".cursor/mcp.json", ".vscode/mcp.json"]);

/**
 * Makes a file of the template one of the project: with its name, its address, its provider and its package manager.
 *
 * @param file Its path in the project.
 */
export function personalize(file: string, text: string, answers: Answers, provider: ProviderSettings): string {
  const name = displayName(answers.project.packageName);
  let own = text;
  for (const templateName of OWN_NAMES) {
    own = own.replaceAll(templateName, () => name);
  }
  const portable = file.split(path.sep).join("/");
  if (CLIENT_SETTINGS.has(portable) || isOnThisMachine(answers.baseUrl)) {
    own = own.replaceAll(DEFAULT_BASE_URL, () => answers.baseUrl);
  }
  return withPackageManager(portable, withProvider(own, answers, provider), answers);
}

function withProvider(text: string, { auth, baseUrl }: Answers, provider: ProviderSettings): string {
  const { title, variables } = provider;
  if (auth.kind !== "provider") {
    return text;
  }
  const required = variables.filter((variable) => variable.required && !ANSWERED.test(variable.name));
  const chapter = [
    `## Log users in at ${title}`,
    usesCallback(provider)
      ? `Register \`${callbackUrl(baseUrl)}\` at ${title} as the redirect URI, and set in \`.env\`:`
      : `MCP clients register at ${title} and log users in there. Set in \`.env\`:`,
    required.map(({ name }) => `- \`${name}\``).join("\n"),
    "`.env` says what each value is and where to find it. `npx mcp-env-auth doctor` checks them, and says what is still to fix.",
  ];
  const run = `The server is at \`${DEFAULT_BASE_URL}/mcp\` once the settings of ${title} are in \`.env\`.`;
  const replaced = text
    .replace(AUTH0_CHAPTER, () => `${chapter.join("\n\n")}\n\n`)
    .replace(RUN_CHAPTER, (_, commands) => `## Run it\n\n${commands}\n${run}\n\n`)
    .replaceAll(STAND_IN_USER, "");
  return AUTH0_PHRASES.reduce((own, phrase) => own.replaceAll(phrase, () => phrase.replace("Auth0", title)), replaced);
}

/** A package's name without its scope: what clients and files call the server. */
function displayName(packageName: string): string {
  return packageName.replace(/^@[^/]+\//, "");
}

function withPackageManager(file: string, text: string, { packageManager }: Answers): string {
  if (file === ".github/workflows/ci.yml") {
    return text.replace("npm install --no-audit --no-fund", () => ciInstallCommand(packageManager));
  }
  if (file !== "Dockerfile") {
    return text;
  }
  const { copy, install, prune } = imageCommands(packageManager);
  return text
    .replace(/^COPY package\*\.json \.\/$/m, () => `COPY ${copy.join(" ")} ./`)
    .replace(/^RUN if \[ -f package-lock\.json \].*$/m, () => `RUN ${install}`)
    .replace(/^RUN npm prune .*$/m, () => `RUN ${prune}`);
}

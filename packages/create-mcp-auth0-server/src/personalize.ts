import path from "node:path";
import type { Answers } from "./answers.ts";
import { DEFAULT_BASE_URL, isOnThisMachine } from "./base-url.ts";
import { ciInstallCommand, imageCommands } from "./locked-install.ts";

/** What the template calls itself: its package, in files and to clients, and its server, to users. */
const TEMPLATE_NAMES = ["mcp-auth0-weather", "Auth0 Weather MCP"];

/** Files that are read by programs, which need the address that the server really has. */
const CLIENT_SETTINGS = new Set([".mcp.json", ".cursor/mcp.json", ".vscode/mcp.json"]);

/**
 * Makes a file of the template one of the project: with its name, its address, and its package manager.
 *
 * @param file Its path in the project.
 */
export function personalize(file: string, text: string, answers: Answers): string {
  const name = displayName(answers.project.packageName);
  let own = text;
  for (const templateName of TEMPLATE_NAMES) {
    own = own.replaceAll(templateName, () => name);
  }
  const portable = file.split(path.sep).join("/");
  if (CLIENT_SETTINGS.has(portable) || isOnThisMachine(answers.baseUrl)) {
    own = own.replaceAll(DEFAULT_BASE_URL, () => answers.baseUrl);
  }
  return withPackageManager(portable, own, answers);
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

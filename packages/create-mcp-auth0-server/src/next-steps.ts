import path from "node:path";
import type { Answers, TenantAuth } from "./answers.ts";
import { callbackUrl, isOnThisMachine, listeningPort } from "./base-url.ts";
import { installCommand, runCommand } from "./package-manager.ts";
import { type ProviderSettings, usesCallback } from "./settings.ts";
import { TEMPLATES } from "./templates.ts";

const EXCHANGE_STEP =
  "the same API > Add Application: make a Custom API client, and turn on its On-Behalf-Of Token Exchange\n" +
  "     README.md says what else the API that is called needs";

/** What is true after the project was written. */
export interface Outcome {
  readonly answers: Answers;
  readonly provider: ProviderSettings;
  /** Where the command was called. */
  readonly cwd: string;
  readonly installed: boolean;
  /** Required variables that are empty in `.env`. */
  readonly unanswered: readonly string[];
  /** An `.env` was there before and was kept: the answers that are not in it, line by line. */
  readonly keptEnv?: readonly string[];
  readonly platform: NodeJS.Platform;
}

/** The next steps, line by line, that are true for these answers. */
export function nextSteps(outcome: Outcome): string[] {
  const { answers } = outcome;
  const { deploy } = answers;
  return [
    ...providerSteps(outcome),
    ...envLines(outcome),
    ...commandLines(outcome),
    "",
    ...clientLines(answers),
    ...(deploy === undefined ? [] : [`To deploy it: docs/deploy/${deploy}.md of mcp-env-auth.`]),
  ];
}

function commandLines({ answers, cwd, installed, platform }: Outcome): string[] {
  const { name } = answers.packageManager;
  const relative = path.relative(cwd, answers.project.directory);
  return [
    answers.auth.kind === "local" ? "Run it:" : "Then run it:",
    ...(relative === "" ? [] : [`  cd ${quoteForShell(relative, platform)}`]),
    ...(installed ? [] : [`  ${installCommand(name)}`]),
    `  ${runCommand(name, "dev")}`,
    ...addressLines(answers.baseUrl),
  ];
}

/** What has to be so for the base URL to lead to the server. */
function addressLines(baseUrl: string): string[] {
  const port = listeningPort(baseUrl);
  if (port === undefined && isOnThisMachine(baseUrl)) {
    return [`The server speaks plain http on port 8000: a proxy has to serve ${baseUrl} and pass it on.`];
  }
  return port !== undefined && port < 1024 ? [`Port ${port} may need rights that your account lacks.`] : [];
}

function clientLines({ auth, baseUrl }: Answers): string[] {
  const url = `Add ${baseUrl}/mcp to your MCP client.`;
  if (auth.kind !== "local") {
    return [url];
  }
  return [
    `${url} Log in as alice, who may do everything, or bob, who may only read.`,
    "README.md says how to go on to an Auth0 tenant.",
  ];
}

function providerSteps({ answers, provider }: Outcome): string[] {
  const { auth, baseUrl, template } = answers;
  if (auth.kind === "local") {
    return [];
  }
  if (auth.kind === "tenant") {
    return tenantSteps(auth, answers);
  }
  const scopes = TEMPLATES[template].permissions;
  return [
    ...(usesCallback(provider)
      ? [`At ${provider.title}, register exactly this redirect URI:`, `  ${callbackUrl(baseUrl)}`]
      : [
          `MCP clients log users in at ${provider.title} themselves: they register there, and no redirect URI is yours.`,
        ]),
    ...(scopes.length === 0
      ? []
      : [
          `The tools need the scopes ${scopes.join(", ")}: define them there, or change requiredScopes in src/server.ts.`,
        ]),
    "",
  ];
}

function tenantSteps(auth: TenantAuth, answers: Answers): string[] {
  const api = auth.audience === undefined ? "your API" : `the API ${auth.audience}`;
  const permissions = [
    ...new Set([...answers.scopes.filter((scope) => scope.includes(":")), ...TEMPLATES[answers.template].permissions]),
  ];
  const steps = [
    "Applications > Applications > your application > Settings > Allowed Callback URLs: add exactly\n" +
      `     ${callbackUrl(answers.baseUrl)}`,
    ...(permissions.length === 0 ? [] : [`Applications > APIs > ${api} > Permissions: add ${permissions.join(", ")}`]),
    `Applications > APIs > ${api} > Settings: turn on Allow Offline Access, so that logins last`,
    ...(answers.template === "api" ? [EXCHANGE_STEP] : []),
  ];
  return [
    "In Auth0's dashboard, https://manage.auth0.com:",
    ...steps.flatMap((step, index) => `  ${index + 1}. ${step}`.split("\n")),
    "",
  ];
}

function envLines({ unanswered, keptEnv }: Outcome): string[] {
  if (keptEnv !== undefined) {
    return [
      "Your .env was kept as it is, and none of these answers were written into it. Compare it with them:",
      ...keptEnv.map((line) => `  ${line}`),
      "The addresses shown here are those of the answers: where BASE_URL in .env says another, that one holds.",
      "",
    ];
  }
  return unanswered.length === 0 ? [] : ["Fill in, in .env:", ...unanswered.map((name) => `  ${name}`), ""];
}

/** A path as it is typed after `cd`, whatever characters are in it. */
export function quoteForShell(text: string, platform: NodeJS.Platform): string {
  if (platform === "win32") {
    return /^[\w@%+=:,.\\/-]+$/.test(text) ? text : `"${text}"`;
  }
  const safe = text.startsWith("-") ? `./${text}` : text;
  return /^[\w@%+=:,./-]+$/.test(safe) ? safe : `'${safe.replaceAll("'", "'\\''")}'`;
}

import { execFileSync } from "node:child_process";
import path from "node:path";
import { describe, expect, it } from "vitest";
import type { Answers } from "./answers.ts";
import { nextSteps, type Outcome, quoteForShell } from "./next-steps.ts";
import { KNOWN_SETTINGS } from "./testing/provider-settings.ts";

const cwd = path.resolve("/home/jo");

const LOCAL: Answers = {
  project: { directory: path.join(cwd, "my app"), packageName: "my-app" },
  template: "weather",
  auth: { kind: "local" },
  baseUrl: "http://localhost:8000",
  scopes: ["openid", "weather:read"],
  install: true,
  git: true,
  packageManager: { name: "npm" },
};
const TENANT: Answers = {
  ...LOCAL,
  auth: { kind: "tenant", audience: "https://api.example.com" },
  baseUrl: "https://mcp.example.com/tools",
};

function steps(outcome: Partial<Outcome>): string {
  const defaults = {
    answers: LOCAL,
    provider: KNOWN_SETTINGS.providers.auth0,
    cwd,
    installed: true,
    unanswered: [],
    platform: "linux",
  } as const;
  return nextSteps({ ...defaults, ...outcome }).join("\n");
}

describe("the next steps", () => {
  it("are a cd and one command with a local stand-in", () => {
    expect(steps({})).toBe(
      `Run it:
  cd 'my app'
  npm run dev

Add http://localhost:8000/mcp to your MCP client. Log in as alice, who may do everything, or bob, who may only read.
README.md says how to go on to an Auth0 tenant.`,
    );
  });

  it("name the callback URL to register, the permissions, and what is still missing in .env", () => {
    expect(steps({ answers: TENANT, unanswered: ["X_CLIENT_ID", "X_CLIENT_SECRET"] })).toBe(
      `In Auth0's dashboard, https://manage.auth0.com:
  1. Applications > Applications > your application > Settings > Allowed Callback URLs: add exactly
     https://mcp.example.com/tools/auth/callback
  2. Applications > APIs > the API https://api.example.com > Permissions: add weather:read, weather:write
  3. Applications > APIs > the API https://api.example.com > Settings: turn on Allow Offline Access, so that logins last

Fill in, in .env:
  X_CLIENT_ID
  X_CLIENT_SECRET

Then run it:
  cd 'my app'
  npm run dev

Add https://mcp.example.com/tools/mcp to your MCP client.`,
    );
  });

  it("name what a template needs at Auth0", () => {
    const api = steps({ answers: { ...TENANT, template: "api", scopes: ["openid"] } });
    expect(api).toContain("Permissions: add notes:read, notes:write");
    expect(api).toContain("4. the same API > Add Application: make a Custom API client");
    const minimal = steps({ answers: { ...TENANT, template: "minimal", scopes: ["openid"] } });
    expect(minimal).not.toContain("Permissions");
    expect(minimal).toContain("2. Applications > APIs > the API https://api.example.com > Settings: turn on");
  });

  it("name the redirect URI to register at another provider, and the scopes that the tools need", () => {
    const answers: Answers = {
      ...TENANT,
      template: "minimal",
      scopes: [],
      auth: { kind: "provider", provider: "google" },
    };
    const { google: provider } = KNOWN_SETTINGS.providers;
    const minimal = steps({ answers, provider, unanswered: ["X_CLIENT_ID"] });
    expect(minimal).toContain(
      "At Google, register exactly this redirect URI:\n  https://mcp.example.com/tools/auth/callback\n",
    );
    expect(minimal).not.toMatch(/scopes|Auth0/);
    const variables = provider.variables.filter(({ name }) => !name.endsWith("REDIRECT_PATH"));
    expect(steps({ answers, provider: { ...provider, variables } })).not.toContain("redirect URI:");
    expect(steps({ answers: { ...answers, template: "weather" }, provider })).toContain(
      "The tools need the scopes weather:read, weather:write",
    );
  });

  it("leave out cd in the current folder, and install what is not installed, with the package manager used", () => {
    const answers: Answers = {
      ...LOCAL,
      project: { ...LOCAL.project, directory: cwd },
      packageManager: { name: "pnpm" },
    };
    expect(steps({ answers, installed: false })).toContain("Run it:\n  pnpm install\n  pnpm dev\n");
  });

  it.each([
    ["http://localhost", "Port 80 may need rights"],
    ["https://localhost:8443", "a proxy has to serve https://localhost:8443"],
  ])("say what %s takes", (baseUrl, words) => {
    expect(steps({ answers: { ...LOCAL, baseUrl } })).toContain(words);
  });

  it("say that a kept .env lacks the answers, and which address holds", () => {
    expect(steps({ keptEnv: ["X_BASE_URL=http://localhost:8000"] })).toMatch(
      /^Your \.env was kept as it is, .*\n {2}X_BASE_URL=http:\/\/localhost:8000\n.* BASE_URL in \.env .*\n\nRun it:/,
    );
  });
});

describe("a path after cd", () => {
  it.each([
    "my-app",
    "../x/y",
    "my app",
    "it's",
    "a$(id)`b`",
    "-rf",
    "a;b&c|d",
    'say "hi"',
    "Jo (Work)[1]",
    "{{name}}",
    "ä",
  ])("is one word to a shell: %j", (text) => {
    const word = execFileSync("/bin/sh", ["-c", `printf %s ${quoteForShell(text, "linux")}`], { encoding: "utf8" });
    expect(path.posix.normalize(word)).toBe(path.posix.normalize(text));
  });

  it("is in double quotes on Windows", () => {
    expect(quoteForShell("Jo (Work)\\app", "win32")).toBe('"Jo (Work)\\app"');
    expect(quoteForShell("work\\app", "win32")).toBe("work\\app");
  });
});

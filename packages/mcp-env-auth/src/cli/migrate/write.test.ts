// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how an env file refers to a variable.
import { execFile, execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { builtInProviders } from "../../configuration/built-in-providers.ts";
import { parseDotenv } from "../../env/dotenv.ts";
import { systemClock } from "../../lib/clock.ts";
import { runCli } from "../run-command-line.ts";

const AUTH0 = "FASTMCP_SERVER_AUTH_AUTH0_";
const SECRET = "a-client-secret-that-nobody-may-see";

function folderWith(text: string, mode = 0o600): string {
  const folder = mkdtempSync(join(tmpdir(), "migrate-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "old.env"), text);
  chmodSync(join(folder, "old.env"), mode);
  return folder;
}

async function migrate(folder: string, ...args: string[]) {
  let output = "";
  const out = {
    write: (text: string) => {
      output += text;
    },
  };
  const context = { env: {}, cwd: folder, stdin: Readable.from([]), stdout: out, stderr: out, clock: systemClock };
  const exitCode = await runCli(["migrate", "old.env", ...args], context);
  expect(output).not.toContain(SECRET);
  const read = (name: string) => readFileSync(join(folder, name), "utf8");
  return { exitCode, output, read };
}

const TUTORIAL = `# Of the tutorial
AUTH0_DOMAIN=acme.eu.auth0.com   # the tenant
export AUTH0_CLIENT_ID = "client"
AUTH0_CLIENT_SECRET='${SECRET}'

# The API
AUTH0_AUDIENCE=https://weather.example.com/api
APP_BASE_URL=https://mcp.example.com
AUTH0_SECRET=cookie-secret-of-nextjs
UNRELATED="two
lines"
`;

describe("migrate --write", () => {
  it("writes the file of a tutorial as this server reads it, and keeps everything else as it stands", async () => {
    const { exitCode, output, read } = await migrate(folderWith(TUTORIAL), "--write", ".env");
    expect(read(".env")).toBe(`# Of the tutorial
FASTMCP_SERVER_AUTH=fastmcp.server.auth.providers.auth0.Auth0Provider
${AUTH0}CONFIG_URL=https://acme.eu.auth0.com/.well-known/openid-configuration   # the tenant
export ${AUTH0}CLIENT_ID = "client"
${AUTH0}CLIENT_SECRET='${SECRET}'

# The API
${AUTH0}AUDIENCE=https://weather.example.com/api
${AUTH0}BASE_URL=https://mcp.example.com
AUTH0_SECRET=cookie-secret-of-nextjs
UNRELATED="two
lines"
`);
    expect(exitCode).toBe(0);
    expect(output).toContain("mcp-env-auth doctor");
    expect(read("old.env")).toBe(TUTORIAL);
    const again = await migrate(folderWith(read(".env")));
    expect(again.exitCode).toBe(0);
  });

  it("says of each name what becomes of it, without writing", async () => {
    const folder = folderWith(TUTORIAL);
    const { exitCode, output } = await migrate(folder);
    expect(exitCode).toBe(1);
    const words = output.replace(/\s+/g, " ");
    expect(words).toContain(
      `AUTH0_DOMAIN Tutorials use this name, and this server does not read it. Write ${AUTH0}CONFIG_URL=`,
    );
    expect(words).toContain(`Write ${AUTH0}CLIENT_SECRET.`);
    expect(words).not.toContain("AUTH0_SECRET");
    expect(words).not.toContain("Is required");
    expect(readdirSync(folder)).toEqual(["old.env"]);
  });

  it.each([0o600, 0o640, 0o400])("keeps the permissions of the file: %s", async (mode) => {
    const folder = folderWith(TUTORIAL, mode);
    await migrate(folder, "--write", "new.env");
    expect(statSync(join(folder, "new.env")).mode & 0o777).toBe(mode);
  });

  it("replaces nothing unasked, and keeps what it replaces", async () => {
    const folder = folderWith(TUTORIAL);
    writeFileSync(join(folder, ".env"), "PRECIOUS=1\n");
    const refused = await migrate(folder, "--write", ".env");
    expect(refused.exitCode).toBe(1);
    expect(refused.output.replace(/\s+/g, " ")).toContain(".env exists. Name another file, or add --force");
    expect(refused.read(".env")).toBe("PRECIOUS=1\n");
    writeFileSync(join(folder, ".env.bak"), "MORE PRECIOUS\n");
    const replaced = await migrate(folder, "--write", ".env", "--force");
    expect(replaced.exitCode).toBe(0);
    expect(replaced.read(".env")).toContain(`${AUTH0}CLIENT_ID`);
    expect([replaced.read(".env.bak"), replaced.read(".env.bak.1")]).toEqual(["MORE PRECIOUS\n", "PRECIOUS=1\n"]);
    expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  it("may replace the file that it reads, and keeps that too", async () => {
    const folder = folderWith(TUTORIAL);
    expect((await migrate(folder, "--write", "old.env")).exitCode).toBe(1);
    const { read } = await migrate(folder, "--write", "old.env", "--force");
    expect(read("old.env.bak")).toBe(TUTORIAL);
    expect(read("old.env")).toContain(`${AUTH0}CLIENT_ID`);
  });

  it("does not write through a link, and says where it can't write", async () => {
    const folder = folderWith(TUTORIAL);
    symlinkSync(join(folder, "target"), join(folder, "link"));
    expect((await migrate(folder, "--write", "link")).exitCode).toBe(1);
    expect(readdirSync(folder)).not.toContain("target");
    const { exitCode, output } = await migrate(folder, "--write", "missing/new.env");
    expect(exitCode).toBe(1);
    expect(output.replace(/\s+/g, " ")).toMatch(/the folder \S+ does not exist\. Create it, or name another file\./);
  });

  it.each([[[]], [["--force"]]])(
    "says that the path is a directory, and how to name a file in it: %j",
    async (options) => {
      const { exitCode, output } = await migrate(folderWith(TUTORIAL), "--write", ".", ...options);
      expect(exitCode).toBe(1);
      expect(output.replace(/\s+/g, " ")).toMatch(/is a directory\. Name the new file in it, such as \S+\/\.env/);
    },
  );

  it("reads a pipe once, as in migrate <(…)", async () => {
    const folder = folderWith(TUTORIAL);
    renameSync(join(folder, "old.env"), join(folder, "source.env"));
    execFileSync("mkfifo", [join(folder, "old.env")]);
    const filled = promisify(execFile)("sh", ["-c", "cat source.env > old.env"], { cwd: folder });
    const { exitCode, read } = await migrate(folder, "--write", "new.env");
    await filled;
    expect(exitCode).toBe(0);
    expect(read("new.env")).toContain(`${AUTH0}AUDIENCE=https://weather.example.com/api\n`);
  });

  it("says which lines it could not read", async () => {
    const { output } = await migrate(folderWith(`${TUTORIAL}AUTH0_AUDIENCE="https://never.closed\n`), "--write", "new");
    expect(output.replace(/\s+/g, " ")).toMatch(/Line 12 of \S+old\.env could not be read and is skipped/);
  });

  it("needs a path, and --force needs --write", async () => {
    const folder = folderWith(TUTORIAL);
    for (const args of [["--write", ""], ["--write"], ["--force"]]) {
      expect((await migrate(folder, ...args)).exitCode).toBe(2);
    }
  });

  it("keeps line breaks, a byte order mark, quotes and values of several lines", async () => {
    const source = `\uFEFFAUTH0_ISSUER_BASE_URL="https://acme.eu.auth0.com"\r\nAUTH0_CLIENT_ID='a # b'\r\nAUTH0_CLIENT_SECRET="one\r\ntwo \\"three\\""`;
    const { read } = await migrate(folderWith(source), "--write", "new.env");
    const text = read("new.env");
    expect(text.startsWith("\uFEFFFASTMCP_SERVER_AUTH=")).toBe(true);
    expect(text.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
    const [before, after] = [parseDotenv(source).values, parseDotenv(text).values];
    expect(after.get(`${AUTH0}CLIENT_ID`)).toBe("a # b");
    expect(after.get(`${AUTH0}CLIENT_SECRET`)).toBe(before.get("AUTH0_CLIENT_SECRET"));
    expect(after.get(`${AUTH0}CONFIG_URL`)).toBe("https://acme.eu.auth0.com/.well-known/openid-configuration");
  });

  it("keeps references, and the names that other lines refer to", async () => {
    const source = [
      "TENANT=acme",
      "AUTH0_DOMAIN=${TENANT}.eu.auth0.com",
      "AUTH0_CLIENT_ID=client",
      "OTHER=${AUTH0_CLIENT_ID}-suffix",
    ].join("\n");
    const { read } = await migrate(folderWith(source), "--write", "new.env");
    const text = read("new.env");
    expect(text).toContain(`${AUTH0}CONFIG_URL=https://\${TENANT}.eu.auth0.com/.well-known/openid-configuration\n`);
    const { values } = parseDotenv(text);
    expect(values.get("OTHER")).toBe("client-suffix");
    expect(values.get(`${AUTH0}CLIENT_ID`)).toBe("client");
  });

  it("writes earlier names as they are now, guesses none, and lists at the end what is left", async () => {
    const source = [
      `${AUTH0}CONFIG_URL=https://acme.eu.auth0.com/.well-known/openid-configuration`,
      `${AUTH0}CLIENTID=client`,
      "FASTMCP_SERVER_PORT=9000",
      "FASTMCP_HTTP_HOST=0.0.0.0",
      "LOG_LEVEL=debug",
      'FASTMCP_EXCLUDE_TAGS=["internal"]',
      "FASTMCP_SSE_PATH=/sse",
    ].join("\n");
    const { exitCode, read } = await migrate(folderWith(source), "--write", "new.env");
    expect(exitCode).toBe(1);
    const text = read("new.env");
    for (const line of [
      "FASTMCP_PORT=9000",
      "FASTMCP_HOST=0.0.0.0",
      "FASTMCP_LOG_LEVEL=debug",
      "FASTMCP_SSE_PATH=/sse",
    ]) {
      expect(text).toContain(`${line}\n`);
    }
    expect(text).toContain(`${AUTH0}CLIENTID=client\n`);
    const [, todo = ""] = text.split("# To be changed (mcp-env-auth migrate):\n");
    expect(todo).toMatch(/^# FASTMCP_EXCLUDE_TAGS: Hid tools/m);
    expect(todo).toMatch(new RegExp(`^# ${AUTH0}BASE_URL: Is required`, "m"));
    expect(todo).toMatch(new RegExp(`^# ${AUTH0}CLIENTID: .*Did you mean`, "m"));
    expect(todo.split("\n").every((line) => line === "" || line.startsWith("# "))).toBe(true);
  });
});

describe("the names of tutorials", () => {
  it.each([
    [
      "AUTH0",
      {
        AUTH0_DOMAIN: "a.auth0.com",
        AUTH0_API_IDENTIFIER: "api",
        AUTH0_CLIENT_ID: "c",
        AUTH0_BASE_URL: "https://m.example",
      },
      ["CONFIG_URL", "AUDIENCE", "CLIENT_ID", "BASE_URL"],
    ],
    [
      "AUTH0",
      { ISSUER_BASE_URL: "https://a.auth0.com", CLIENT_ID: "c", CLIENT_SECRET: "s", BASE_URL: "https://m.example" },
      ["CONFIG_URL", "CLIENT_ID", "CLIENT_SECRET", "BASE_URL"],
    ],
    ["AUTH0", { NEXT_PUBLIC_AUTH0_DOMAIN: "a.auth0.com", VITE_AUTH0_CLIENT_ID: "c" }, ["CONFIG_URL", "CLIENT_ID"]],
    ["GITHUB", { GITHUB_ID: "c", GITHUB_SECRET: "s" }, ["CLIENT_ID", "CLIENT_SECRET"]],
    ["GITHUB", { AUTH_GITHUB_ID: "c", AUTH_GITHUB_SECRET: "s" }, ["CLIENT_ID", "CLIENT_SECRET"]],
    ["GOOGLE", { GOOGLE_OAUTH_CLIENT_ID: "c", GOOGLE_CLIENT_SECRET: "s" }, ["CLIENT_ID", "CLIENT_SECRET"]],
    ["AZURE", { AZURE_AD_CLIENT_ID: "c", AZURE_AD_TENANT_ID: "t" }, ["CLIENT_ID", "TENANT_ID"]],
    ["AZURE", { ENTRA_CLIENT_ID: "c", ENTRA_CLIENT_SECRET: "s" }, ["CLIENT_ID", "CLIENT_SECRET"]],
    [
      "AWS_COGNITO",
      { COGNITO_USER_POOL_ID: "p", COGNITO_CLIENT_ID: "c", COGNITO_REGION: "eu-west-1" },
      ["USER_POOL_ID", "CLIENT_ID", "AWS_REGION"],
    ],
    ["OKTA", { OKTA_ISSUER: "https://a.okta.com/oauth2/default", OKTA_CLIENT_ID: "c" }, ["CONFIG_URL", "CLIENT_ID"]],
    ["KEYCLOAK", { KEYCLOAK_ISSUER: "https://k.example/realms/a" }, ["REALM_URL"]],
    ["SUPABASE", { SUPABASE_URL: "https://a.supabase.co" }, ["PROJECT_URL"]],
    ["CLERK", { CLERK_FRONTEND_API: "clerk.a.example", CLERK_CLIENT_ID: "c" }, ["DOMAIN", "CLIENT_ID"]],
    ["AUTHKITPROVIDER", { AUTHKIT_DOMAIN: "https://a.authkit.app" }, ["AUTHKIT_DOMAIN"]],
    ["SCALEKITPROVIDER", { SCALEKIT_ENVIRONMENT_URL: "https://a.scalekit.com" }, ["ENVIRONMENT_URL"]],
    ["DISCORD", { DISCORD_CLIENT_ID: "c", DISCORD_CLIENT_SECRET: "s" }, ["CLIENT_ID", "CLIENT_SECRET"]],
    ["HUGGINGFACE", { HF_CLIENT_ID: "c" }, ["CLIENT_ID"]],
    ["ZITADEL", { ZITADEL_DOMAIN: "a.zitadel.cloud", ZITADEL_CLIENT_ID: "c" }, ["CONFIG_URL", "CLIENT_ID"]],
    [
      "LOGTO",
      { LOGTO_ENDPOINT: "https://a.logto.app/", LOGTO_APP_ID: "c", LOGTO_APP_SECRET: "s" },
      ["CONFIG_URL", "CLIENT_ID", "CLIENT_SECRET"],
    ],
  ] as const)("%s: %j", async (stem, variables, settings) => {
    const source = Object.entries(variables)
      .map(([name, value]) => `${name}=${value}\n`)
      .join("");
    const { read } = await migrate(folderWith(source), "--write", "new.env");
    const { values } = parseDotenv(read("new.env"));
    const prefix = `FASTMCP_SERVER_AUTH_${stem}_`;
    const provider = builtInProviders.find(({ declaration }) => declaration.prefix === prefix);
    expect(values.get("FASTMCP_SERVER_AUTH")).toBe(provider?.declaration.classPath);
    expect([...values.keys()].filter((name) => name.startsWith(prefix)).sort()).toEqual(
      settings.map((name) => `${prefix}${name}`).sort(),
    );
  });

  it("are no reason to choose a provider where they are of something else, or of several", async () => {
    for (const source of ["GITHUB_TOKEN=x\nGOOGLE_API_KEY=y\n", "GITHUB_CLIENT_ID=a\nGOOGLE_CLIENT_ID=b\n"]) {
      const { output, exitCode } = await migrate(folderWith(source));
      expect(exitCode).toBe(1);
      expect(output.replace(/\s+/g, " ")).toContain("its variables do not show which provider it is for");
    }
  });

  it.each([
    ["FASTMCP_SERVER_AUTH_AUTHKITPROVIDER_BASE_URL=https://mcp.example.com", "workos.AuthKitProvider"],
    ["FASTMCP_SERVER_AUTH_JWT_ISSUER=https://idp.example.com/", "jwt.JWTVerifier"],
  ])("leave FASTMCP_SERVER_AUTH_JWT_AUDIENCE to the provider that the rest is of: %s", async (line, provider) => {
    const { read } = await migrate(folderWith(`FASTMCP_SERVER_AUTH_JWT_AUDIENCE=api\n${line}\n`), "--write", "new.env");
    expect(read("new.env")).toContain(`FASTMCP_SERVER_AUTH=fastmcp.server.auth.providers.${provider}\n`);
  });

  it("give way to the variable that counts", async () => {
    const source = `${TUTORIAL}${AUTH0}CLIENT_ID=other\n`;
    const { output, read } = await migrate(folderWith(source), "--write", "new.env");
    expect(output.replace(/\s+/g, " ")).toContain(
      `AUTH0_CLIENT_ID ${AUTH0}CLIENT_ID is also set, and takes precedence.`,
    );
    expect(parseDotenv(read("new.env")).values.get(`${AUTH0}CLIENT_ID`)).toBe("other");
  });
});

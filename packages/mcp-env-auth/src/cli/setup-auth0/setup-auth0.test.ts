import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { parseDotenv } from "../../env/dotenv.ts";
import { callCli, dotenv } from "../testing/call-cli.ts";
import { quoteForShell } from "./auth0-commands.ts";
import { quoteForTerraform } from "./terraform.ts";

const AUTH0 = "FASTMCP_SERVER_AUTH_AUTH0_";

const env = {
  [`${AUTH0}CONFIG_URL`]: "https://acme.eu.auth0.com/.well-known/openid-configuration",
  [`${AUTH0}AUDIENCE`]: "https://weather.example.com/api",
  [`${AUTH0}BASE_URL`]: "https://mcp.example.com/base/",
  [`${AUTH0}REQUIRED_SCOPES`]: "openid profile weather:read",
  [`${AUTH0}VALID_SCOPES`]: "weather:write offline_access",
};

const AWKWARD = `it's "quoted" $(touch x) \${var} %{if} \\ end`;

const named = (values: ReadonlyMap<string, string | undefined>) =>
  [...values].filter((entry): entry is [string, string] => entry[0].startsWith("FASTMCP_") && entry[1] !== undefined);

/** The JSON documents that the commands send, read by a real shell in which `auth0` prints its last argument. */
function sentBy(commands: string): Record<string, unknown>[] {
  const script = `auth0() { for last; do :; done; printf '%s\\0' "$last"; }\n${commands}`;
  const output = execFileSync("sh", ["-c", script], { encoding: "utf8" });
  return output
    .split("\0")
    .filter((text) => text !== "")
    .map((text) => JSON.parse(text) as Record<string, unknown>);
}

describe("setup auth0", () => {
  it("takes the permissions of a policy along, and says how roles get into tokens", async () => {
    const policy = { tools: { save: { scopes: ["weather:audit"], permissions: ["weather:approve"] } } };
    const files = { "authorization.json": JSON.stringify(policy) };
    const more = {
      FASTMCP_AUTHORIZATION_FILE: "authorization.json",
      [`${AUTH0}ROLES_CLAIM`]: "https://example.com/roles",
    };
    const { stdout } = await callCli(["setup", "auth0"], { env: { ...env, ...more }, files });
    const text = stdout.replace(/\s+/g, " ");
    expect(text).toContain("Permissions: weather:read, weather:write, weather:audit, weather:approve;");
    expect(text).toContain('setCustomClaim("https://example.com/roles"');
  });

  it("lists what to create: API, permissions, application, callback URL, rotation and offline access", async () => {
    const { exitCode, stdout } = await callCli(["setup", "auth0", "--scope", "weather:admin"], { env });
    expect(exitCode).toBe(0);
    const text = stdout.replace(/\s+/g, " ");
    for (const words of [
      "acme.eu.auth0.com",
      "Identifier: https://weather.example.com/api",
      "Permissions: weather:read, weather:write, weather:admin;",
      "Allowed Callback URLs: https://mcp.example.com/base/auth/callback",
      "Regular Web Application",
      "Rotation Overlap Period of 60 seconds",
      "Allow Offline Access: on",
      "RBAC",
    ]) {
      expect(text).toContain(words);
    }
  });

  it.each([
    ["ORGANIZATION", "org_acme", "no_prompt", "No Prompt"],
    ["ALLOWED_ORGANIZATIONS", "org_acme org_globex", "pre_login_prompt", "Prompt for Organization"],
  ])("sets the application up for organizations where the server has %s", async (variable, value, behavior, words) => {
    const withOrganizations = { ...env, [`${AUTH0}${variable}`]: value };
    const run = async (...format: string[]) =>
      (await callCli(["setup", "auth0", ...format], { env: withOrganizations })).stdout;
    expect((await run()).replace(/\s+/g, " ")).toContain(`Business Users, ${words}`);
    const [, client] = sentBy(await run("--cli"));
    expect(client).toMatchObject({ organization_usage: "require", organization_require_behavior: behavior });
    const terraform = (await run("--terraform")).replace(/ +/g, " ");
    expect(terraform).toContain(`organization_usage = "require"\n organization_require_behavior = "${behavior}"`);
    const [, plain] = sentBy((await callCli(["setup", "auth0", "--cli"], { env })).stdout);
    expect(plain).not.toHaveProperty("organization_usage");
  });

  it("names the machines that Auth0 must authorize for the API", async () => {
    const { stdout } = await callCli(["setup", "auth0"], { env: { ...env, [`${AUTH0}MACHINE_CLIENTS`]: "nightly" } });
    expect(stdout.replace(/\s+/g, " ")).toContain("Machine to Machine applications (nightly)");
  });

  it("needs BASE_URL only, and proposes the MCP URL as the API's identifier", async () => {
    const { exitCode, stdout } = await callCli(["setup", "auth0"], {
      env: { [`${AUTH0}BASE_URL`]: "https://mcp.example.com" },
    });
    expect(exitCode).toBe(0);
    expect(stdout.replace(/\s+/g, " ")).toContain("Identifier: https://mcp.example.com/mcp (proposed");
    const without = await callCli(["setup", "auth0"]);
    expect(without.exitCode).toBe(1);
    expect(without.stderr).toContain(`${AUTH0}BASE_URL`);
  });

  it("prints a .env that names the provider and needs nothing more than what Auth0 gives", async () => {
    const { stdout } = await callCli(["setup", "auth0"], { env });
    const printed = stdout.slice(stdout.indexOf("The .env")).replace(/(CLIENT_(?:ID|SECRET))=$/gm, "$1=given-by-auth0");
    const { values } = parseDotenv(printed);
    const checked = await callCli(["doctor", "--offline"], {
      files: { ".env": dotenv(Object.fromEntries(named(values))) },
    });
    expect(checked.stdout).toContain("Auth0 protects https://mcp.example.com/base/mcp");
  });

  it("refuses a value that can't be right", async () => {
    const { exitCode, stderr } = await callCli(["setup", "auth0"], { env: { ...env, FASTMCP_SESSION_TTL: "long" } });
    expect(exitCode).toBe(1);
    expect(stderr).toContain("FASTMCP_SESSION_TTL");
  });
});

describe("setup auth0 --cli", () => {
  it("names the tenant by its own domain, and not by a custom one, which the Auth0 CLI does not know", async () => {
    const own = await callCli(["setup", "auth0", "--cli"], { env });
    expect(own.stdout).toContain("--tenant acme.eu.auth0.com");
    const custom = "https://login.example.com/.well-known/openid-configuration";
    const { stdout } = await callCli(["setup", "auth0", "--cli"], { env: { ...env, [`${AUTH0}CONFIG_URL`]: custom } });
    expect(stdout).not.toContain("--tenant");
  });

  it("prints commands that a shell hands to the Auth0 CLI as the Management API takes them", async () => {
    const { stdout } = await callCli(["setup", "auth0", "--cli", "--name", AWKWARD], { env });
    const [api, application] = sentBy(stdout);
    expect(api).toMatchObject({
      name: AWKWARD,
      identifier: "https://weather.example.com/api",
      signing_alg: "RS256",
      allow_offline_access: true,
      enforce_policies: true,
      token_dialect: "access_token_authz",
    });
    expect(api?.scopes).toMatchObject([{ value: "weather:read" }, { value: "weather:write" }]);
    expect(application).toMatchObject({
      name: AWKWARD,
      app_type: "regular_web",
      callbacks: ["https://mcp.example.com/base/auth/callback"],
      grant_types: ["authorization_code", "refresh_token"],
      refresh_token: { rotation_type: "rotating", expiration_type: "expiring", leeway: 60, token_lifetime: 2_592_000 },
    });
  });

  it.each(["plain", "", "it's", "a b", '"$HOME" `id` \\', "two\nlines", "-n", "*"])("quotes %j as one word", (text) => {
    expect(execFileSync("sh", ["-c", `printf '%s' ${quoteForShell(text)}`], { encoding: "utf8" })).toBe(text);
  });
});

describe("setup auth0 --terraform", () => {
  it("prints the same as Terraform", async () => {
    const { stdout } = await callCli(["setup", "auth0", "--terraform"], { env });
    for (const line of [
      'identifier           = "https://weather.example.com/api"',
      "allow_offline_access = true",
      'callbacks       = ["https://mcp.example.com/base/auth/callback"]',
      'grant_types     = ["authorization_code", "refresh_token"]',
      "leeway                       = 60",
      'name        = "weather:write"',
    ]) {
      expect(stdout).toContain(line);
    }
  });

  it("leaves out the permissions where there are none: a resource of them must not be empty", async () => {
    const { stdout } = await callCli(["setup", "auth0", "--terraform"], {
      env: { [`${AUTH0}BASE_URL`]: "https://mcp.example.com" },
    });
    expect(stdout).not.toContain("auth0_resource_server_scopes");
  });

  it.each([
    ["plain", '"plain"'],
    ['say "hi"', '"say \\"hi\\""'],
    ["back\\slash", '"back\\\\slash"'],
    [`a$\{b`, `"a$$\{b"`],
    ["%{ if true }", '"%%{ if true }"'],
    ["two\nlines", '"two\\nlines"'],
  ])("quotes %j so that nothing in it is interpolated", (text, quoted) => {
    expect(quoteForTerraform(text)).toBe(quoted);
  });
});

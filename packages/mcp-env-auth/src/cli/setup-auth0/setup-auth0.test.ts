import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

/** A command of the Auth0 CLI, as a real shell runs it. */
interface Command {
  /** Such as `api post clients`. */
  readonly name: string;
  readonly args: readonly string[];
  /** What it sends, where it sends JSON. */
  readonly data: Record<string, unknown>;
}

/** The commands of the Auth0 CLI that a real shell runs. Each answers as Auth0 does, with ids and a secret. */
function ranBy(
  commands: string,
  answers: Readonly<Record<string, object>> = {},
): { readonly ran: readonly Command[]; readonly printed: string } {
  const log = join(mkdtempSync(join(tmpdir(), "auth0-")), "log");
  const answer = '{\n  "client_id": "the-client",\n  "client_secret": "the-secret",\n  "id": "the-id"\n}';
  const cases = Object.entries(answers).map(
    ([name, json]) => `${quoteForShell(name)}) printf '%s\\n' ${quoteForShell(JSON.stringify(json))};;`,
  );
  const reply = `case "$1 $2 $3" in ${cases.join(" ")} *) printf '%s\\n' '${answer}';; esac`;
  const script = `auth0() { printf '%s\\0' "$@" >> ${log}; printf '\\n\\0' >> ${log}; ${reply}; }\n${commands}`;
  const printed = execFileSync("sh", ["-eu", "-c", script], { encoding: "utf8" });
  const ran = readFileSync(log, "utf8")
    .split("\n\0")
    .filter((line) => line !== "")
    .map((line) => line.split("\0").slice(0, -1))
    .map((args) => {
      const data = args[args.indexOf("--data") + 1] ?? "";
      return { name: args.slice(0, 3).join(" "), args, data: args.includes("--data") ? JSON.parse(data) : {} };
    });
  return { ran, printed };
}

/** What the command `name` sends. */
function sentBy(commands: string, name: string): Record<string, unknown> | undefined {
  return ranBy(commands).ran.find((command) => command.name === name)?.data;
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
      "Allow Skipping User Consent: on",
      "Refresh Token Revocation Deletes Grant: off",
      "make one (MCP server user) with weather:read, weather:write, weather:admin",
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
    const client = sentBy(await run("--cli"), "api post clients");
    expect(client).toMatchObject({ organization_usage: "require", organization_require_behavior: behavior });
    const terraform = (await run("--terraform")).replace(/ +/g, " ");
    expect(terraform).toContain(`organization_usage = "require"\n organization_require_behavior = "${behavior}"`);
    expect(terraform).toContain('resource "auth0_organization_connection"');
    const plain = sentBy((await callCli(["setup", "auth0", "--cli"], { env })).stdout, "api post clients");
    expect(plain).not.toHaveProperty("organization_usage");
  });

  it("names the machines that Auth0 must authorize for the API, and authorizes them", async () => {
    const withMachine = { ...env, [`${AUTH0}MACHINE_CLIENTS`]: "nightly" };
    const run = async (more: Record<string, string>, ...format: string[]) =>
      (await callCli(["setup", "auth0", ...format], { env: { ...withMachine, ...more } })).stdout;
    expect((await run({})).replace(/\s+/g, " ")).toContain("Machine to Machine applications (nightly)");
    const grant = {
      client_id: "nightly",
      audience: "https://weather.example.com/api",
      scope: ["weather:read", "weather:write"],
    };
    expect(sentBy(await run({}, "--cli"), "api post client-grants")).toEqual(grant);
    expect(await run({}, "--terraform")).toMatch(/"auth0_client_grant" "machine_1" \{\n {2}client_id = "nightly"/);

    const organization = { [`${AUTH0}ORGANIZATION`]: "org_acme" };
    expect((await run(organization)).replace(/\s+/g, " ")).toContain("Organization Support: Required");
    expect(sentBy(await run(organization, "--cli"), "api post client-grants")).toEqual({
      ...grant,
      organization_usage: "require",
    });
    expect(await run(organization, "--terraform")).toContain('organization_usage = "require"');
    expect(await run({ [`${AUTH0}MACHINE_CLIENTS`]: "*" }, "--cli")).not.toContain("client-grants");
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

  it.each(["", "--cli"])("puts what the .env requires into the new one (%s)", async (format) => {
    const roles = { [`${AUTH0}ROLES_CLAIM`]: "https://example.com/roles", [`${AUTH0}JWT_SIGNING_KEY`]: "the old key" };
    const { stdout } = await callCli(["setup", "auth0", ...[format].filter(Boolean)], { env: { ...env, ...roles } });
    expect(stdout).toContain(`${AUTH0}REQUIRED_SCOPES='openid profile weather:read'`);
    expect(stdout).toContain(`${AUTH0}ROLES_CLAIM=https://example.com/roles`);
    expect(stdout).toMatch(/openssl rand -base64 32.*\n.*JWT_SIGNING_KEY=\n/);
    expect(stdout).not.toContain("the old key");
  });

  it("keeps what the .env says of organizations and machines", async () => {
    const kept = {
      [`${AUTH0}ALLOWED_ORGANIZATIONS`]: "org_1 org_2",
      [`${AUTH0}ORGANIZATION`]: "org_1",
      [`${AUTH0}MACHINE_CLIENTS`]: "nightly other",
    };
    const { stdout } = await callCli(["setup", "auth0"], { env: { ...env, ...kept } });
    for (const line of ["ALLOWED_ORGANIZATIONS=org_1,org_2", "ORGANIZATION=org_1", "MACHINE_CLIENTS=nightly,other"]) {
      expect(stdout).toContain(`${AUTH0}${line}\n`);
    }
    expect((await callCli(["setup", "auth0"], { env })).stdout).not.toMatch(/ORGANIZATION|MACHINE_CLIENTS/);
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
    const { ran, printed } = ranBy(stdout);
    const sent = (name: string) => ran.find((command) => command.name === name)?.data;
    expect(printed).toContain('"client_secret": "the-secret"');
    const [api, application] = [sent("api post resource-servers"), sent("api post clients")];
    expect(api).toMatchObject({
      name: AWKWARD,
      identifier: "https://weather.example.com/api",
      signing_alg: "RS256",
      allow_offline_access: true,
      enforce_policies: true,
      token_dialect: "access_token_authz",
      token_lifetime: 3600,
      token_lifetime_for_web: 3600,
      skip_consent_for_verifiable_first_party_clients: true,
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

  it("creates a role with all permissions, and the Action that puts roles into tokens", async () => {
    const roles = { [`${AUTH0}ROLES_CLAIM`]: "https://example.com/roles" };
    const { stdout } = await callCli(["setup", "auth0", "--cli"], { env: { ...env, ...roles } });
    const { ran } = ranBy(stdout);
    expect(ran.map(({ name }) => name)).toEqual([
      "api post resource-servers",
      "api post clients",
      "api post roles",
      "roles permissions add",
      "api post actions/actions",
      "actions deploy the-id",
      "api get actions/triggers/post-login/bindings",
      "api patch actions/triggers/post-login/bindings",
      "api patch tenants/settings",
    ]);
    expect(ran[2]?.data.name).toBe("MCP server user");
    expect(ran[3]?.args).toEqual([
      ...["roles", "permissions", "add", "the-id", "--tenant", "acme.eu.auth0.com"],
      ...["--api-id", "https://weather.example.com/api", "--permissions", "weather:read,weather:write"],
    ]);
    expect(ran[4]?.data.code).toContain('setCustomClaim("https://example.com/roles"');
    expect(ran[7]?.data).toEqual({
      bindings: [{ ref: { type: "action_id", value: "the-id" }, display_name: "Roles in access tokens" }],
    });
    expect(ran[8]?.data).toEqual({ flags: { revoke_refresh_token_grant: false } });
  });

  it("keeps the Actions that the login flow has", async () => {
    const roles = { [`${AUTH0}ROLES_CLAIM`]: "https://example.com/roles" };
    const { stdout } = await callCli(["setup", "auth0", "--cli"], { env: { ...env, ...roles } });
    const bindings = { bindings: [{ id: "b1", display_name: "It's first", action: { id: "a1" } }] };
    const { ran } = ranBy(stdout, { "api get actions/triggers/post-login/bindings": bindings });
    expect(ran.find(({ name }) => name === "api patch actions/triggers/post-login/bindings")?.data).toEqual({
      bindings: [
        { ref: { type: "binding_id", value: "b1" }, display_name: "It's first" },
        { ref: { type: "action_id", value: "the-id" }, display_name: "Roles in access tokens" },
      ],
    });
  });

  it("sets up connections, users, organizations and their machines, once their ids are filled in", async () => {
    const more = { [`${AUTH0}ALLOWED_ORGANIZATIONS`]: "org_1 org_2", [`${AUTH0}MACHINE_CLIENTS`]: "nightly" };
    const { stdout } = await callCli(["setup", "auth0", "--cli"], { env: { ...env, ...more } });
    const ids = {
      CONNECTIONS: "con_1 con_2",
      USERS: "auth0|a",
      ORGANIZATIONS: "org_1",
      MEMBERS: "org_1/auth0|a org_2/samlp|x/y:z",
      MACHINE_ORGANIZATIONS: "org_2",
    };
    const filled = Object.entries(ids).reduce(
      (text, [name, value]) => text.replace(`${name}=''`, `${name}='${value}'`),
      stdout,
    );
    const { ran } = ranBy(filled);
    const sent = (name: string) => ran.filter((command) => command.name === name).map(({ data }) => data);
    const client = { client_id: "the-client", status: true };
    expect(sent("api patch connections/con_1/clients")).toEqual([[client]]);
    expect(sent("api patch connections/con_2/clients")).toEqual([[client]]);
    expect(ran.find(({ name }) => name === "users roles assign")?.args).toEqual([
      ...["users", "roles", "assign", "auth0|a", "--tenant", "acme.eu.auth0.com", "--roles", "the-id"],
    ]);
    expect(sent("api post organizations/org_1/enabled_connections")).toEqual([
      { connection_id: "con_1" },
      { connection_id: "con_2" },
    ]);
    expect(sent("api post organizations/org_1/members")).toEqual([{ members: ["auth0|a"] }]);
    expect(sent("api post organizations/org_2/members")).toEqual([{ members: ["samlp|x/y:z"] }]);
    expect(sent("api post organizations/org_2/client-grants")).toEqual([{ grant_id: "the-id" }]);
  });

  it("makes no role where there are no permissions", async () => {
    const { stdout } = await callCli(["setup", "auth0", "--cli"], {
      env: { [`${AUTH0}BASE_URL`]: "https://mcp.example.com" },
    });
    expect(ranBy(stdout).ran.map(({ name }) => name)).not.toContain("api post roles");
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
      "token_lifetime_for_web = 3600",
      "skip_consent_for_verifiable_first_party_clients = true",
      'resource "auth0_role" "mcp" {\n  name        = "MCP server user"',
      'resource "auth0_role_permissions" "mcp"',
      'resource "auth0_user_role" "mcp"',
      'resource "auth0_connection_client" "mcp"',
      "revoke_refresh_token_grant = false",
      "read:client_keys",
    ]) {
      expect(stdout).toContain(line);
    }
  });

  it("leaves out the permissions where there are none: a resource of them must not be empty", async () => {
    const { stdout } = await callCli(["setup", "auth0", "--terraform"], {
      env: { [`${AUTH0}BASE_URL`]: "https://mcp.example.com" },
    });
    expect(stdout).not.toContain("auth0_resource_server_scopes");
    expect(stdout).not.toContain("auth0_role");
  });

  it("adds the Action that puts roles into tokens, in one text of HCL", async () => {
    const roles = { [`${AUTH0}ROLES_CLAIM`]: "https://example.com/roles" };
    const { stdout } = await callCli(["setup", "auth0", "--terraform"], { env: { ...env, ...roles } });
    expect(stdout).toContain('resource "auth0_trigger_action" "roles"');
    expect(stdout).toContain('api.accessToken.setCustomClaim(\\"https://example.com/roles\\"');
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

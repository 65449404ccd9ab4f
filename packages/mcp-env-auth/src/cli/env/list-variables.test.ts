import { describe, expect, it } from "vitest";
import { builtInProviders } from "../../configuration/built-in-providers.ts";
import { parseDotenv } from "../../env/dotenv.ts";
import { createEnvironment } from "../../env/environment.ts";
import { secretFileVariable, variableName } from "../../env/field.ts";
import { callCli, dotenv } from "../testing/call-cli.ts";
import { formatExample } from "./example.ts";
import type { VariableList } from "./variable-list.ts";

const AUTH0 = "FASTMCP_SERVER_AUTH_AUTH0_";
const SECRET = "a-client-secret-that-nobody-may-see";

const variables = {
  FASTMCP_SERVER_AUTH: "AUTH0",
  [`${AUTH0}CLIENT_ID`]: "from-the-file",
  [`${AUTH0}CLIENT_SECRET`]: SECRET,
  [`${AUTH0}BASE_URL`]: "https://mcp.example.com",
};

describe("env", () => {
  it("lists every variable of the provider and of the server, with its value and where it came from", async () => {
    const { exitCode, stdout, cwd } = await callCli(["env"], {
      files: { ".env": dotenv(variables) },
      env: { FASTMCP_PORT: "9000" },
    });
    expect(exitCode).toBe(0);
    const [provider] = builtInProviders;
    for (const field of Object.keys(provider?.declaration.fields ?? {})) {
      expect(stdout).toContain(variableName(AUTH0, field));
    }
    expect(stdout).toMatch(new RegExp(`${AUTH0}CLIENT_ID +from-the-file +${cwd}/.env`));
    expect(stdout).toMatch(/FASTMCP_PORT +9000 +process environment/);
    expect(stdout).toMatch(/FASTMCP_HOST +127\.0\.0\.1 +default/);
    expect(stdout).toMatch(new RegExp(`${AUTH0}AUDIENCE +- +not set, and required`));
    expect(stdout).toMatch(new RegExp(`${AUTH0}ISSUER_URL +- +not set\n`));
  });

  it("shows a value under the variable's own name where it was set by another", async () => {
    const { stdout } = await callCli(["env"], {
      env: {
        FASTMCP_SERVER_AUTH: "SCALEKIT",
        FASTMCP_SERVER_AUTH_SCALEKITPROVIDER_ENVIRONMENT_URL: "https://acme.scalekit.com",
        FASTMCP_SERVER_AUTH_SCALEKITPROVIDER_RESOURCE_ID: "res_1",
        FASTMCP_SERVER_AUTH_SCALEKITPROVIDER_MCP_URL: "https://mcp.example.com",
        FASTMCP_SERVER_AUTH_JWT_AUDIENCE: "https://api.example.com",
      },
    });
    expect(stdout).toMatch(/PROVIDER_BASE_URL +https:\/\/mcp\.example\.com +FASTMCP_\w+_MCP_URL, process environment/);
    expect(stdout).toMatch(/PROVIDER_AUDIENCE +https:\/\/api\.example\.com +FASTMCP_SERVER_AUTH_JWT_AUDIENCE, process/);
  });

  it("never prints a secret, not even one that can't be used", async () => {
    const password = "a-password-of-redis";
    const { stdout, stderr } = await callCli(["env"], {
      env: { ...variables, FASTMCP_STORAGE_URL: `redis://user:${password}@:6379` },
    });
    expect(stdout).toContain("[redacted]");
    expect(stdout + stderr).not.toContain(SECRET);
    expect(stdout + stderr).not.toContain(password);
  });

  it("says that a value can't be used, and who says why", async () => {
    const { stdout } = await callCli(["env"], { env: { FASTMCP_PORT: "many" } });
    expect(stdout).toMatch(/FASTMCP_PORT +many +process environment/);
    expect(stdout).toContain("mcp-env-auth doctor");
  });

  it("says that of no variable that is only missing, as all of another provider's are", async () => {
    const { stdout } = await callCli(["env", "--provider", "github"]);
    expect(stdout).toContain("not set, and required");
    expect(stdout).not.toContain("mcp-env-auth doctor");
  });

  it("lists another provider's variables, by short name in any case or by class path", async () => {
    for (const name of ["jwt", "fastmcp.server.auth.providers.jwt.JWTVerifier"]) {
      expect((await callCli(["env", "--provider", name], { env: variables })).stdout).toContain(
        "FASTMCP_SERVER_AUTH_JWT_JWKS_URI",
      );
    }
  });

  it("names what there is when a provider is unknown", async () => {
    const { exitCode, stderr } = await callCli(["env", "--provider", "auht0"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("auth0");
    expect(stderr).toContain("mcp-env-auth env can't go on");
    expect(stderr).toContain("--provider auht0");
    expect(stderr).not.toContain("FASTMCP_SERVER_AUTH\n");
  });

  it("steers no terminal with what a file holds", async () => {
    const { stdout } = await callCli(["env"], { env: { FASTMCP_TOKEN_EPOCH: "\u001b[2Jgone" } });
    expect(stdout).not.toContain("\u001b");
  });
});

describe("env --example", () => {
  it("needs a provider", async () => {
    const { exitCode, stderr } = await callCli(["env", "--example"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("--provider");
  });

  it("prints what FASTMCP_SERVER_AUTH names, and for a beginner what --provider names", async () => {
    const { stdout } = await callCli(["env", "--example", "--provider", "auth0"]);
    expect(stdout).toBe((await callCli(["env", "--example"], { env: { FASTMCP_SERVER_AUTH: "AUTH0" } })).stdout);
    expect(stdout).toContain("FASTMCP_SERVER_AUTH=fastmcp.server.auth.providers.auth0.Auth0Provider\n");
  });

  it("says of a variable that another may stand for that it is one of several", () => {
    const jwt = builtInProviders.find(({ declaration }) => declaration.prefix === "FASTMCP_SERVER_AUTH_JWT_");
    expect(formatExample(jwt)).toMatch(
      /Required, or another in its place.*\n(?:#.*\n)+FASTMCP_SERVER_AUTH_JWT_JWKS_URI=/,
    );
  });

  it("shows the default of a secret, which gives nothing away", () => {
    expect(formatExample(undefined)).toContain("# FASTMCP_STORAGE_URL=memory://\n");
  });

  it("asks for a client secret, which only a public application goes without", () => {
    const auth0 = builtInProviders.find(({ declaration }) => declaration.prefix === AUTH0);
    expect(formatExample(auth0)).toMatch(/^FASTMCP_SERVER_AUTH_AUTH0_CLIENT_SECRET=$/m);
  });

  it.each(builtInProviders.map((provider) => [provider.declaration.title, provider] as const))(
    "of %s describes every variable, leaves secrets blank, and asks for nothing more once they are filled in",
    (_title, provider) => {
      const { declaration } = provider;
      const example = formatExample(provider);
      const uncommented = parseDotenv(example.replace(/^# (FASTMCP_\w+=)/gm, "$1"));
      expect(uncommented.unreadableLines).toEqual([]);
      for (const [name, field] of Object.entries(declaration.fields)) {
        const variable = variableName(declaration.prefix, name);
        const value = uncommented.values.get(variable);
        expect(value, variable).toBeDefined();
        if (field.secret) {
          expect(value, variable).toBe("");
        } else {
          expect(() => field.parse(value ?? ""), variable).not.toThrow();
        }
        expect(example.replace(/\n# /g, " ")).toContain(field.description);
      }
      const filled = new Map(
        [...parseDotenv(example).values].map(([name, value]) => [
          name,
          value === "" ? "a-secret-of-the-right-length" : value,
        ]),
      );
      const secretFiles = [...filled.keys()].map(secretFileVariable);
      expect(secretFiles.filter((name) => filled.has(name))).toEqual([]);
      const environment = createEnvironment({ processEnv: {}, cwd: "/", file: { path: "/.env", values: filled } });
      const { problems } = provider.fromEnvironment(environment);
      expect(problems.filter(({ message }) => message.startsWith("is required."))).toEqual([]);
    },
  );
});

describe("env --json", () => {
  const list = async (env: Record<string, string>, files: Record<string, string> = {}) => {
    const { exitCode, stdout } = await callCli(["env", "--json"], { env, files });
    expect(exitCode).toBe(0);
    const { provider, variables: entries } = JSON.parse(stdout) as VariableList;
    return { stdout, provider, of: (name: string) => entries.find(({ variable }) => variable === name), entries };
  };

  it("has every variable once, with its status, value and source", async () => {
    const { provider, of, entries, stdout } = await list(
      { FASTMCP_PORT: "many", OTEL_SERVICE_NAME: "weather" },
      { ".env": dotenv(variables) },
    );
    expect(provider).toEqual({
      title: "Auth0",
      classPath: "fastmcp.server.auth.providers.auth0.Auth0Provider",
    });
    expect(new Set(entries.map(({ variable }) => variable)).size).toBe(entries.length);
    expect(of(`${AUTH0}CLIENT_ID`)).toMatchObject({
      group: "provider",
      status: "set",
      value: "from-the-file",
      source: { kind: "file", path: expect.stringMatching(/\.env$/) },
      required: true,
      secret: false,
    });
    expect(of(`${AUTH0}CLIENT_SECRET`)).toMatchObject({ status: "set", value: "[redacted]", secret: true });
    expect(of(`${AUTH0}AUDIENCE`)).toMatchObject({
      status: "missing",
      problem: expect.stringContaining("is required."),
    });
    expect(of(`${AUTH0}AUDIENCE`)).not.toHaveProperty("value");
    expect(of("FASTMCP_PORT")).toMatchObject({ status: "invalid", value: "many", source: { kind: "process" } });
    expect(of("FASTMCP_HOST")).toMatchObject({ status: "default", value: "127.0.0.1", source: { kind: "default" } });
    expect(of(`${AUTH0}ISSUER_URL`)).toMatchObject({ status: "unset" });
    expect(of("OTEL_SERVICE_NAME")).toMatchObject({ group: "standard", status: "set", value: "weather" });
    expect(of("HTTPS_PROXY")).toMatchObject({ group: "standard", status: "unset" });
    expect(stdout).not.toContain(SECRET);
  });

  it("shows no secret, whatever is wrong with it", async () => {
    const { stdout, of } = await list({
      ...variables,
      FASTMCP_STORAGE_URL: "redis://user:password-of-redis@:6379",
      HTTPS_PROXY: "http://user:password-of-proxy@proxy:3128",
      [`${AUTH0}EXTRA_TOKEN_PARAMS`]: '{"apikey":"a-key-of-the-gateway"}',
      [`${AUTH0}AUDIENCE`]: SECRET,
    });
    for (const secret of [SECRET, "password-of-redis", "password-of-proxy", "a-key-of-the-gateway"]) {
      expect(stdout).not.toContain(secret);
    }
    expect(of(`${AUTH0}AUDIENCE`)?.value).toBe("[redacted]");
  });

  it("names the variable by which a value was set", async () => {
    const { of } = await list({
      FASTMCP_SERVER_AUTH: "SCALEKIT",
      FASTMCP_SERVER_AUTH_SCALEKITPROVIDER_MCP_URL: "https://mcp.example.com",
    });
    expect(of("FASTMCP_SERVER_AUTH_SCALEKITPROVIDER_BASE_URL")).toMatchObject({
      status: "set",
      setAs: "FASTMCP_SERVER_AUTH_SCALEKITPROVIDER_MCP_URL",
    });
  });

  it("has no provider where there is none, and does not go with --example", async () => {
    expect((await list({ FASTMCP_SERVER_AUTH: "none" })).provider).toBeNull();
    expect((await callCli(["env", "--json", "--example"])).exitCode).toBe(2);
  });
});

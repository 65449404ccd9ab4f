import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { describeOrigin } from "../env/variable-origin.ts";
import { ConfigError, type ConfigProblem } from "../errors.ts";
import { Auth0Provider } from "../providers/auth0.ts";
import { loadConfiguration } from "./load-configuration.ts";

const CLASS_PATH = "fastmcp.server.auth.providers.auth0.Auth0Provider";
const auth0 = {
  FASTMCP_SERVER_AUTH_AUTH0_CONFIG_URL: "https://tenant.eu.auth0.com/.well-known/openid-configuration",
  FASTMCP_SERVER_AUTH_AUTH0_CLIENT_ID: "client-id",
  FASTMCP_SERVER_AUTH_AUTH0_CLIENT_SECRET: "hunter22hunter22",
  FASTMCP_SERVER_AUTH_AUTH0_AUDIENCE: "https://api.example.com",
  FASTMCP_SERVER_AUTH_AUTH0_BASE_URL: "https://mcp.example.com",
};
const complete = { FASTMCP_SERVER_AUTH: CLASS_PATH, ...auth0 };

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "configuration-"));
});
afterEach(() => rmSync(cwd, { recursive: true }));

const load = (processEnv: Readonly<Record<string, string>>, options = {}) =>
  loadConfiguration({ processEnv, cwd, ...options });

async function problemsOf(processEnv: Readonly<Record<string, string>>): Promise<readonly ConfigProblem[]> {
  const error = await load(processEnv).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ConfigError) {
    return error.problems;
  }
  throw new Error("The configuration was not refused", { cause: error });
}

describe("the configuration", () => {
  it("is a .env alone", async () => {
    const lines = Object.entries(complete).map(([name, value]) => `${name}="${value}"`);
    writeFileSync(join(cwd, ".env"), `${lines.join("\n")}\nFASTMCP_LOG_LEVEL=debug\n`);
    const { provider, settings, warnings } = await load({ FASTMCP_PORT: "9000" });
    expect(provider).toMatchObject({ baseUrl: new URL("https://mcp.example.com") });
    expect(settings).toMatchObject({ port: 9000, logLevel: "DEBUG", serverAuth: CLASS_PATH });
    expect(warnings).toEqual([]);
  });

  it("says where each value comes from, one line a variable, without secrets", async () => {
    writeFileSync(join(cwd, "secret"), auth0.FASTMCP_SERVER_AUTH_AUTH0_CLIENT_SECRET);
    writeFileSync(join(cwd, ".env"), "FASTMCP_HOST=0.0.0.0\nFASTMCP_TOKEN_EPOCH='a b'\n");
    const { FASTMCP_SERVER_AUTH_AUTH0_CLIENT_SECRET: _, ...rest } = complete;
    const { origins } = await load({ ...rest, FASTMCP_SERVER_AUTH_AUTH0_CLIENT_SECRET_FILE: "secret" });
    const lines = origins.map(describeOrigin);
    expect(lines).toContain(`FASTMCP_SERVER_AUTH=${CLASS_PATH} (process environment)`);
    expect(lines).toContain(`FASTMCP_HOST=0.0.0.0 (${join(cwd, ".env")})`);
    expect(lines).toContain(`FASTMCP_TOKEN_EPOCH="a b" (${join(cwd, ".env")})`);
    expect(lines).toContain("FASTMCP_PORT=8000 (default)");
    expect(lines).toContain(`FASTMCP_SERVER_AUTH_AUTH0_CLIENT_SECRET=[redacted] (${join(cwd, "secret")})`);
    expect(lines).toContain("FASTMCP_SERVER_AUTH_AUTH0_REDIRECT_PATH=/auth/callback (default)");
    expect(new Set(origins.map(({ variable }) => variable)).size).toBe(origins.length);
    expect(lines.join()).not.toContain("hunter22");
  });

  it("is refused where tokens are to be kept in a Redis that there is not, beside every other problem", async () => {
    const wrong = load({ ...complete, FASTMCP_TOKEN_FORMAT: "reference", FASTMCP_PORT: "x" });
    await expect(wrong).rejects.toMatchObject({
      problems: [{ variable: "FASTMCP_PORT" }, { variable: "FASTMCP_TOKEN_FORMAT" }],
    });
    const { settings } = await load({
      ...complete,
      FASTMCP_TOKEN_FORMAT: "reference",
      FASTMCP_STORAGE_URL: "redis://localhost",
    });
    expect(settings.tokenFormat).toBe("reference");
  });

  it("knows every secret of the run", async () => {
    const { redactor } = await load({ ...complete, FASTMCP_STORAGE_URL: "redis://:storage-password@h" });
    expect(redactor.redactText("a hunter22hunter22 b storage-password c")).toBe("a [redacted] b [redacted] c");
  });

  it("is not put into the process's environment", async () => {
    writeFileSync(join(cwd, ".env"), "FASTMCP_SERVER_AUTH=none\nSOMETHING_OF_MINE=1\n");
    const processEnv = {};
    await load(processEnv);
    expect(processEnv).toEqual({});
    expect(process.env.SOMETHING_OF_MINE).toBeUndefined();
  });

  it("warns of what is misspelt, of another provider's, and of lines that can't be read", async () => {
    writeFileSync(join(cwd, ".env"), "=\nFASTMCP_PROT=1\nFASTMCP_SERVER_AUTH_GITHUB_CLIENT_ID=x\nFASTMCP_HOME=/x\n");
    const { warnings } = await load({ ...complete, FASTMCP_SERVER_AUTH_AUTH0_CLIENTID: "x" });
    expect(warnings.map(({ variable, message }) => `${variable}: ${message}`)).toEqual([
      expect.stringContaining("Line 1 of"),
      expect.stringMatching(/^FASTMCP_PROT: .*Did you mean FASTMCP_PORT\?$/),
      expect.stringMatching(/^FASTMCP_SERVER_AUTH_GITHUB_CLIENT_ID: belongs to GitHub/),
      expect.stringMatching(
        /^FASTMCP_SERVER_AUTH_AUTH0_CLIENTID: .*Did you mean FASTMCP_SERVER_AUTH_AUTH0_CLIENT_ID\?$/,
      ),
    ]);
  });

  it("takes a module of the user's own", async () => {
    writeFileSync(join(cwd, "auth.mjs"), "export class Mine { authenticate() {} }");
    const { provider, warnings } = await load({
      FASTMCP_SERVER_AUTH: "./auth.mjs#Mine",
      FASTMCP_SERVER_AUTH_MINE_CLIENT_ID: "which the module may well read",
    });
    expect(provider).toHaveProperty("authenticate");
    expect(warnings).toEqual([]);
  });
});

describe("a provider from code", () => {
  it("goes over the environment, whose provider variables are not read", async () => {
    const auth = new Auth0Provider({
      configUrl: auth0.FASTMCP_SERVER_AUTH_AUTH0_CONFIG_URL,
      clientId: "other",
      clientSecret: "secret-from-code",
      audience: "a",
      baseUrl: "https://code.example.com",
    });
    const configuration = await load({ ...complete, FASTMCP_SERVER_AUTH: "nope" }, { auth });
    expect(configuration.provider).toBe(auth);
    expect(configuration.warnings).toEqual([]);
    expect(configuration.redactor.redactText("secret-from-code")).toBe("[redacted]");
  });

  it("may be null, for an open server", async () => {
    expect((await load({}, { auth: null })).provider).toBe("none");
  });

  it("leaves the server's own settings to the environment", async () => {
    await expect(load({ FASTMCP_PORT: "x" }, { auth: null })).rejects.toThrow("FASTMCP_PORT");
  });
});

describe("a server on stdio, where there is no token", () => {
  it("needs no provider, and reads none", async () => {
    const broken = { FASTMCP_SERVER_AUTH: "nope", FASTMCP_SERVER_AUTH_AUTH0_CLIENT_ID: "x" };
    expect(await load({ ...broken, FASTMCP_TRANSPORT: "stdio" })).toMatchObject({ provider: "none", warnings: [] });
    expect(await load({}, { transport: "stdio" })).toMatchObject({ provider: "none" });
  });

  it("is not what a server becomes whose transport is another in code", async () => {
    await expect(load({ FASTMCP_TRANSPORT: "stdio" }, { transport: "http" })).rejects.toThrow("FASTMCP_SERVER_AUTH");
  });

  it("still has its other settings checked", async () => {
    await expect(load({ FASTMCP_LOG_LEVEL: "loud" }, { transport: "stdio" })).rejects.toThrow("FASTMCP_LOG_LEVEL");
  });
});

describe("Security rule 15: fail closed", () => {
  it("there is no start without a provider, and none is a word to be written", async () => {
    expect(await problemsOf({})).toEqual([
      { variable: "FASTMCP_SERVER_AUTH", message: expect.stringMatching(/not set.*Auth0Provider, or to none/) },
    ]);
    expect((await load({ FASTMCP_SERVER_AUTH: "none" })).provider).toBe("none");
  });

  it("there is no start with an empty FASTMCP_SERVER_AUTH, even over one in the file", async () => {
    writeFileSync(join(cwd, ".env"), `FASTMCP_SERVER_AUTH=${CLASS_PATH}\n`);
    expect(await problemsOf({ ...auth0, FASTMCP_SERVER_AUTH: "" })).toEqual([
      { variable: "FASTMCP_SERVER_AUTH", message: expect.stringContaining("is empty") },
    ]);
  });

  it("a provider's variables without FASTMCP_SERVER_AUTH name the class path to set", async () => {
    expect(await problemsOf(auth0)).toEqual([
      {
        variable: "FASTMCP_SERVER_AUTH",
        message: `is not set, but FASTMCP_SERVER_AUTH_AUTH0_CONFIG_URL is. Set FASTMCP_SERVER_AUTH=${CLASS_PATH}`,
      },
    ]);
    expect((await problemsOf({ FASTMCP_SERVER_AUTH_GITHUB_CLIENT_ID: "x" }))[0]?.message).toContain(
      "github.GitHubProvider",
    );
  });

  it("every problem is reported together, of the server and of the provider", async () => {
    const names = (
      await problemsOf({ FASTMCP_SERVER_AUTH: "auth0", FASTMCP_PORT: "x", FASTMCP_LOG_LEVEL: "loud" })
    ).map(({ variable }) => variable);
    expect(names).toEqual([
      "FASTMCP_PORT",
      "FASTMCP_LOG_LEVEL",
      "FASTMCP_SERVER_AUTH_AUTH0_CONFIG_URL",
      "FASTMCP_SERVER_AUTH_AUTH0_AUDIENCE",
      "FASTMCP_SERVER_AUTH_AUTH0_CLIENT_ID",
      "FASTMCP_SERVER_AUTH_AUTH0_BASE_URL",
      "FASTMCP_SERVER_AUTH_AUTH0_CLIENT_SECRET",
    ]);
  });

  it("a misspelt variable is named beside the one that is missing", async () => {
    const { FASTMCP_SERVER_AUTH_AUTH0_CLIENT_ID: id, ...rest } = complete;
    const problems = await problemsOf({ ...rest, FASTMCP_SERVER_AUTH_AUTH0_CLIENTID: id, FASTMCP_PROT: "1" });
    expect(problems.map(({ variable }) => variable)).toEqual([
      "FASTMCP_SERVER_AUTH_AUTH0_CLIENT_ID",
      "FASTMCP_SERVER_AUTH_AUTH0_CLIENTID",
    ]);
  });

  it("an env file that is named and missing is the one problem", async () => {
    expect(await problemsOf({ ...complete, FASTMCP_ENV_FILE: "nope", FASTMCP_PORT: "x" })).toEqual([
      { variable: "FASTMCP_ENV_FILE", message: expect.stringContaining("does not exist") },
    ]);
  });

  it("no problem holds a secret, not even one in the wrong place or told by the user's own module", async () => {
    writeFileSync(join(cwd, "auth.mjs"), "throw new Error('could not log in with hunter22hunter22');");
    const misplaced = await problemsOf({
      ...complete,
      FASTMCP_SERVER_AUTH_AUTH0_CONFIG_URL: "hunter22hunter22",
      FASTMCP_SERVER_AUTH_AUTH0_REQUIRED_SCOPES: '{"a":"hunter22hunter22"}',
      FASTMCP_PORT: "hunter22hunter22",
    });
    expect(misplaced).toHaveLength(3);
    const thrown = await problemsOf({
      FASTMCP_SERVER_AUTH: "./auth.mjs#X",
      FASTMCP_STORAGE_URL: "redis://:hunter22hunter22@h",
    });
    expect(thrown[0]?.message).toContain("could not log in with [redacted]");
    expect(JSON.stringify([misplaced, thrown])).not.toContain("hunter22");
  });
});

describe("invisible characters at the ends of what chooses the rest", () => {
  it.each(["\r", "\t", "\u00a0", "\ufeff", "\u200b", "\u2060", "\u200e"])(
    "count for nothing, with a warning: %j",
    async (end) => {
      const folder = mkdtempSync(join(tmpdir(), "ends-"));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      const lines = [
        `FASTMCP_SERVER_AUTH=jwt${end}`,
        "FASTMCP_SERVER_AUTH_JWT_JWKS_URI=https://issuer.example/jwks.json",
        "FASTMCP_SERVER_AUTH_JWT_ISSUER=https://issuer.example",
        "FASTMCP_SERVER_AUTH_JWT_AUDIENCE=https://mcp.example.com/mcp",
      ];
      writeFileSync(join(folder, "some.env"), lines.join("\n"));
      const processEnv = { FASTMCP_ENV_FILE: `${join(folder, "some.env")}${end}` };
      const { provider, warnings } = await loadConfiguration({ processEnv, cwd: folder });
      expect(provider).not.toBe("none");
      expect(warnings.map(({ variable }) => variable)).toContain("FASTMCP_ENV_FILE");
    },
  );
});

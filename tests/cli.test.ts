import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { runCli } from "./support/cli.ts";
import { startInProcess } from "./support/in-process.ts";

const AUTH0 = "FASTMCP_SERVER_AUTH_AUTH0_";

/** Nothing listens there. */
const NOWHERE = "http://127.0.0.1:2";

interface Report {
  readonly ok: boolean;
  readonly findings: readonly { readonly check: string; readonly status: string; readonly message: string }[];
  readonly variables: readonly { readonly variable: string; readonly value: string }[];
}

let auth0: DevAuth0;
beforeAll(async () => {
  auth0 = await startDevAuth0();
});
afterEach(() => auth0.restore());
afterAll(() => auth0.close());

const dotenv = (env: Record<string, string>) =>
  Object.entries(env)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");

describe("mcp-env-auth doctor", () => {
  it("finds nothing wrong with a server that runs, and ends with 0", async () => {
    const { origin } = await startInProcess({ auth0 });
    const files = { ".env": dotenv(auth0.env(origin)) };
    const { code, stdout, stderr } = await runCli(["doctor"], { files });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^FASTMCP_SERVER_AUTH_AUTH0_CLIENT_SECRET=\[redacted\] \(.*\.env\)$/m);
    expect(stdout).not.toContain(auth0.clientSecret);
    expect(stdout).toContain("client_secret_basic");
    expect(stdout).toContain(`${origin}/auth/callback`);
    expect(stdout).toMatch(/\nNothing is wrong\.\n$/);
  });

  it("prints JSON for programs, with every check and where each value came from", async () => {
    const { origin } = await startInProcess({ auth0 });
    const { code, stdout } = await runCli(["doctor", "--json"], { env: auth0.env(origin) });
    const report = JSON.parse(stdout) as Report;
    expect(code).toBe(0);
    expect(report.ok).toBe(true);
    expect(new Set(report.findings.map(({ status }) => status))).toEqual(new Set(["ok"]));
    expect(report.findings.map(({ check }) => check)).toEqual([
      ...["env-file", "variables", "provider", "discovery", "keys", "credentials", "callback", "audience"],
      ...["offline-access", "base-url", "metadata", "metadata", "mcp-endpoint", "clock", "storage"],
    ]);
    expect(report.variables).toContainEqual(
      expect.objectContaining({ variable: `${AUTH0}CLIENT_SECRET`, value: "[redacted]" }),
    );
    expect(stdout).not.toContain(auth0.clientSecret);
  });

  it.each([
    ["a wrong client secret", { [`${AUTH0}CLIENT_SECRET`]: "not-the-secret-of-this-client" }, "credentials"],
    ["a wrong client id", { [`${AUTH0}CLIENT_ID`]: "nobody" }, "callback"],
    ["an unknown audience", { [`${AUTH0}AUDIENCE`]: "https://nobody.example" }, "audience"],
    [
      "another discovery address",
      { [`${AUTH0}CONFIG_URL`]: `${NOWHERE}/.well-known/openid-configuration` },
      "discovery",
    ],
    ["a misspelt variable", { [`${AUTH0}REQUIRED_SCOPE`]: "openid" }, "variables"],
    ["a storage that is not there", { FASTMCP_STORAGE_URL: "redis://127.0.0.1:2" }, "storage"],
  ])("ends with 1 for %s", async (_what, changes, check) => {
    const { code, stdout } = await runCli(["doctor", "--json"], { env: { ...auth0.env(NOWHERE), ...changes } });
    const report = JSON.parse(stdout) as Report;
    expect({ code, ok: report.ok }).toEqual({ code: 1, ok: false });
    const failed = report.findings.filter(({ status }) => status === "failure").map((finding) => finding.check);
    expect(failed).toContain(check);
    expect(stdout).not.toContain("not-the-secret-of-this-client");
  });

  it("does not start with a half-written file: it says all that is missing, and ends with 1", async () => {
    const { code, stdout } = await runCli(["doctor", "--offline"], {
      files: { ".env": "FASTMCP_SERVER_AUTH=auth0\n" },
    });
    expect(code).toBe(1);
    for (const name of ["CONFIG_URL", "CLIENT_ID", "CLIENT_SECRET", "AUDIENCE", "BASE_URL"]) {
      expect(stdout).toContain(`${AUTH0}${name}`);
    }
  });

  it("ends with 2 for an option that there is not", async () => {
    const { code, stderr } = await runCli(["doctor", "--fix"]);
    expect(code).toBe(2);
    expect(stderr).toContain("--fix");
  });
});

describe("mcp-env-auth doctor --token", () => {
  it("accepts the token that a client got at the login, and refuses another server's, without printing either", async () => {
    const [server, other] = [await startInProcess({ auth0 }), await startInProcess({ auth0 })];
    const { access_token: token = "" } = await server.getTokens("alice");
    const run = (origin: string) => runCli(["doctor", "--token"], { env: auth0.env(origin), stdin: token });
    const accepted = await run(server.origin);
    expect(accepted).toMatchObject({ code: 0, stderr: "" });
    expect(accepted.stdout).toContain("Accepted.");
    expect(accepted.stdout).toContain("auth0|alice");
    const refused = await run(other.origin);
    expect(refused).toMatchObject({ code: 1, stderr: "" });
    expect(refused.stdout).toContain("Refused.");
    for (const { stdout } of [accepted, refused]) {
      for (const part of token.split(".").filter((text) => text !== "")) {
        expect(stdout).not.toContain(part);
      }
    }
  });
});

describe("the other commands", () => {
  it("env, migrate and setup auth0 end with 0 where there is nothing to say against the file", async () => {
    const files = { ".env": dotenv(auth0.env("https://mcp.example.com")) };
    for (const args of [["env"], ["env", "--example"], ["migrate"], ["setup", "auth0"], ["setup", "auth0", "--cli"]]) {
      const { code, stdout, stderr } = await runCli(args, { files });
      expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: "" });
      expect(stdout).not.toContain(auth0.clientSecret);
    }
  });

  it("revoke ends with 1 without Redis, and says how all sessions are ended then", async () => {
    const { code, stderr } = await runCli(["revoke", "--subject", "auth0|alice"], { env: auth0.env(NOWHERE) });
    expect(code).toBe(1);
    expect(stderr).toContain("FASTMCP_TOKEN_EPOCH");
  });

  it("say no more than a sentence about an env file that is not there", async () => {
    for (const args of [["doctor"], ["env"], ["revoke", "--client", "x"]]) {
      const { code, stdout, stderr } = await runCli(args, { env: { FASTMCP_ENV_FILE: "missing.env" } });
      expect({ args, code }).toEqual({ args, code: 1 });
      expect(stdout + stderr).toContain("missing.env");
      expect(stdout + stderr).not.toMatch(/^\s+at /m);
    }
  });
});

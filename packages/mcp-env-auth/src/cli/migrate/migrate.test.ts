import { describe, expect, it } from "vitest";
import { callCli, dotenv } from "../testing/call-cli.ts";

const AUTH0 = "FASTMCP_SERVER_AUTH_AUTH0_";
const SECRET = "a-client-secret-that-nobody-may-see";

const file = {
  FASTMCP_SERVER_AUTH: "fastmcp.server.auth.providers.auth0.Auth0Provider",
  [`${AUTH0}CONFIG_URL`]: "https://acme.eu.auth0.com/.well-known/openid-configuration",
  [`${AUTH0}CLIENT_ID`]: "client",
  [`${AUTH0}CLIENT_SECRET`]: SECRET,
  [`${AUTH0}AUDIENCE`]: "https://weather.example.com/api",
  [`${AUTH0}BASE_URL`]: "https://mcp.example.com",
};

/** The variables under each heading, with their notes. */
function sections(stdout: string): Record<string, Record<string, string>> {
  const result: Record<string, Record<string, string>> = {};
  let heading = "";
  let variable = "";
  for (const line of stdout.split("\n")) {
    if (/^\S/.test(line)) {
      heading = line;
    } else if (/^ {2}\S/.test(line)) {
      variable = line.trim();
      result[heading] = { ...result[heading], [variable]: "" };
    } else if (/^ {6}\S/.test(line)) {
      const notes = result[heading] ?? {};
      notes[variable] = `${notes[variable]} ${line.trim()}`.trim();
    }
  }
  return result;
}

async function migrate(variables: Record<string, string>, env: Record<string, string> = {}) {
  const result = await callCli(["migrate"], { files: { ".env": dotenv(variables) }, env });
  return { ...result, sections: sections(result.stdout) };
}

describe("migrate", () => {
  it("says of a working file that it works, and what is safer", async () => {
    const { exitCode, stdout, sections } = await migrate(file);
    expect(exitCode).toBe(0);
    expect(sections["To change"]).toBeUndefined();
    expect(Object.keys(sections["The same here"] ?? {})).toContain(`${AUTH0}AUDIENCE`);
    expect(Object.keys(sections["The same, and safer here"] ?? {})).toEqual([
      `${AUTH0}CLIENT_SECRET`,
      `${AUTH0}BASE_URL`,
    ]);
    expect(stdout).toContain("CVE-2026-27124");
    expect(stdout).toContain("works here as it is");
    expect(stdout).not.toContain(SECRET);
  });

  it("names every FASTMCP_ variable of the file once, in any case, and no other", async () => {
    const { sections } = await migrate({ ...file, fastmcp_sse_path: "/sse", UNRELATED: "1" });
    const named = Object.values(sections).flatMap((section) => Object.keys(section));
    const listed = named.filter((name) => /^fastmcp_/i.test(name));
    expect(listed.sort()).toEqual([...Object.keys(file), "fastmcp_sse_path"].sort());
    expect(sections["No meaning here"]?.fastmcp_sse_path).toContain("gone from MCP");
  });

  it.each([
    ["FASTMCP_STATELESS_HTTP", "true"],
    ["FASTMCP_DOCKET__URL", "redis://localhost"],
    ["FASTMCP_SERVER_AUTH_GITHUB_CLIENT_ID", "github"],
  ])("says that %s has no meaning here, and that is no failure", async (name, value) => {
    const { exitCode, sections } = await migrate({ ...file, [name]: value });
    expect(exitCode).toBe(0);
    expect(sections["No meaning here"]?.[name]).not.toBe("");
  });

  it.each([
    ["a misspelt name", { ...file, [`${AUTH0}CLIENTID`]: "x" }, `${AUTH0}CLIENTID`, "Did you mean"],
    ["a missing variable", omit(file, `${AUTH0}AUDIENCE`), `${AUTH0}AUDIENCE`, "Is required"],
    [
      "a value that can't be used",
      { ...file, [`${AUTH0}BASE_URL`]: "http://mcp.example.com" },
      `${AUTH0}BASE_URL`,
      "https",
    ],
    ["a transport that is gone", { ...file, FASTMCP_TRANSPORT: "sse" }, "FASTMCP_TRANSPORT", "HTTP+SSE"],
    ["a spelling of older releases", { ...file, FASTMCP_SERVER_PORT: "8000" }, "FASTMCP_SERVER_PORT", "FASTMCP_PORT"],
    [
      "a file without FASTMCP_SERVER_AUTH",
      omit(file, "FASTMCP_SERVER_AUTH"),
      "FASTMCP_SERVER_AUTH",
      "process's environment",
    ],
    [
      "a pattern that could never match",
      { ...file, [`${AUTH0}ALLOWED_CLIENT_REDIRECT_URIS`]: '["client.example.com"]' },
      `${AUTH0}ALLOWED_CLIENT_REDIRECT_URIS`,
      "can't match",
    ],
    ["an unknown provider", { ...file, FASTMCP_SERVER_AUTH: "acme.Auth" }, "FASTMCP_SERVER_AUTH", "no provider"],
  ] as const)("%s has to be changed", async (_what, variables, name, words) => {
    const { exitCode, stdout, sections } = await migrate(variables);
    expect(exitCode).toBe(1);
    expect(sections["To change"]?.[name]).toContain(words);
    expect(stdout).not.toContain("works here as it is");
    expect(stdout).not.toContain(SECRET);
  });

  it("tells by its variables which provider a file of FastMCP 2.12 or 2.13 is about, where the choice was elsewhere", async () => {
    const { exitCode, sections } = await migrate(omit(file, "FASTMCP_SERVER_AUTH"));
    expect(exitCode).toBe(1);
    expect(Object.keys(sections["To change"] ?? {})).toEqual(["FASTMCP_SERVER_AUTH"]);
    expect(sections["To change"]?.FASTMCP_SERVER_AUTH).toContain(file.FASTMCP_SERVER_AUTH);
    expect(sections["No meaning here"]).toBeUndefined();
  });

  it("knows the variables by their other names", async () => {
    const { sections } = await migrate({
      FASTMCP_SERVER_AUTH: "SCALEKIT",
      FASTMCP_SERVER_AUTH_SCALEKITPROVIDER_ENVIRONMENT_URL: "https://acme.scalekit.com",
      FASTMCP_SERVER_AUTH_SCALEKITPROVIDER_RESOURCE_ID: "res_1",
      FASTMCP_SERVER_AUTH_SCALEKITPROVIDER_MCP_URL: "https://mcp.example.com",
      FASTMCP_SERVER_AUTH_JWT_AUDIENCE: "https://api.example.com",
    });
    expect(sections["No meaning here"]).toBeUndefined();
    expect(Object.keys(sections["The same here"] ?? {})).toContain("FASTMCP_SERVER_AUTH_JWT_AUDIENCE");
    const safer = Object.keys(sections["The same, and safer here"] ?? {});
    expect(safer).toContain("FASTMCP_SERVER_AUTH_SCALEKITPROVIDER_MCP_URL");
  });

  it("leaves the process's environment out", async () => {
    const { exitCode } = await migrate(file, { FASTMCP_PORT: "not a port" });
    expect(exitCode).toBe(0);
  });

  it("takes a path, and says when there is no such file", async () => {
    const found = await callCli(["migrate", "old.env"], { files: { "old.env": dotenv(file) } });
    expect(found.exitCode).toBe(0);
    const missing = await callCli(["migrate", "missing.env"]);
    expect(missing.exitCode).toBe(1);
    expect(missing.stderr).toMatch(/The env file \S*missing\.env does not exist\./);
    expect(missing.stderr).not.toContain("FASTMCP_ENV_FILE");
    expect(missing.stderr).not.toContain("server can't start");
    const none = await callCli(["migrate"]);
    expect(none.exitCode).toBe(1);
    expect(none.stderr).toContain("There is no .env");
  });
});

function omit(variables: Record<string, string>, name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).filter(([each]) => each !== name));
}

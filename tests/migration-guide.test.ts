import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { runCli } from "./support/cli.ts";
import { repository } from "./support/scaffolder.ts";

const GUIDE = readFileSync(path.join(repository, "docs/migrating-from-fastmcp.md"), "utf8");
const AUTH0 = "FASTMCP_SERVER_AUTH_AUTH0_";
const JWT = "FASTMCP_SERVER_AUTH_JWT_";
const PROVIDERS = "fastmcp.server.auth.providers";

const auth0 = {
  FASTMCP_SERVER_AUTH: `${PROVIDERS}.auth0.Auth0Provider`,
  [`${AUTH0}CONFIG_URL`]: "https://acme.eu.auth0.com/.well-known/openid-configuration",
  [`${AUTH0}CLIENT_ID`]: "client",
  [`${AUTH0}CLIENT_SECRET`]: "a-secret-of-the-python-server",
  [`${AUTH0}AUDIENCE`]: "https://weather.example.com/api",
  [`${AUTH0}BASE_URL`]: "https://mcp.example.com",
};
const jwt = {
  FASTMCP_SERVER_AUTH: `${PROVIDERS}.jwt.JWTVerifier`,
  [`${JWT}JWKS_URI`]: "https://idp.example.com/jwks.json",
  [`${JWT}ISSUER`]: "https://idp.example.com",
  [`${JWT}AUDIENCE`]: "https://mcp.example.com/mcp",
  [`${JWT}BASE_URL`]: "https://mcp.example.com",
};

const migrate = (variables: Record<string, string>) =>
  runCli(["migrate"], {
    files: {
      ".env": Object.entries(variables)
        .map(([name, value]) => `${name}='${value}'\n`)
        .join(""),
    },
  });

describe("the migration guide", () => {
  it.each([
    ["Auth0", auth0],
    ["a JWT verifier", jwt],
  ])("is right that a file for %s works as it is", async (_what, variables) => {
    const { code, stdout } = await migrate(variables);
    expect(code, stdout).toBe(0);
    expect(stdout).toContain("works here as it is");
  });

  it.each([
    ["http in BASE_URL", { ...auth0, [`${AUTH0}BASE_URL`]: "http://mcp.example.com" }],
    ["http in ISSUER_URL", { ...auth0, [`${AUTH0}ISSUER_URL`]: "http://mcp.example.com" }],
    ["http in CONFIG_URL", { ...auth0, [`${AUTH0}CONFIG_URL`]: "http://acme.example.com/openid-configuration" }],
    ["http in JWKS_URI", { ...jwt, [`${JWT}JWKS_URI`]: "http://idp.example.com/jwks.json" }],
    ["a user name", { ...auth0, [`${AUTH0}BASE_URL`]: "https://user@mcp.example.com" }],
    ["a fragment", { ...auth0, [`${AUTH0}CONFIG_URL`]: "https://acme.eu.auth0.com/openid-configuration#x" }],
    ["a query in BASE_URL", { ...auth0, [`${AUTH0}BASE_URL`]: "https://mcp.example.com/?x=1" }],
    ["a query in ISSUER_URL", { ...auth0, [`${AUTH0}ISSUER_URL`]: "https://mcp.example.com/?x=1" }],
    ["an empty secret", { ...auth0, [`${AUTH0}CLIENT_SECRET`]: "" }],
    ["an empty audience", { ...auth0, [`${AUTH0}AUDIENCE`]: "" }],
    ["an empty FASTMCP_SERVER_AUTH", { ...auth0, FASTMCP_SERVER_AUTH: "" }],
    ["DebugTokenVerifier", { FASTMCP_SERVER_AUTH: `${PROVIDERS}.debug.DebugTokenVerifier` }],
    ["StaticTokenVerifier", { FASTMCP_SERVER_AUTH: `${PROVIDERS}.jwt.StaticTokenVerifier` }],
    ["InMemoryOAuthProvider", { FASTMCP_SERVER_AUTH: `${PROVIDERS}.in_memory.InMemoryOAuthProvider` }],
    ["HS256 with JWKS_URI", { ...jwt, [`${JWT}ALGORITHM`]: "HS256" }],
    ["a pattern that matches nothing", { ...auth0, [`${AUTH0}ALLOWED_CLIENT_REDIRECT_URIS`]: '["localhost"]' }],
    ["FASTMCP_TRANSPORT=sse", { ...auth0, FASTMCP_TRANSPORT: "sse" }],
  ])("is right that %s is refused", async (_what, variables) => {
    const { code, stdout } = await migrate(variables);
    expect(code, stdout).toBe(1);
    expect(stdout).toContain("To change");
  });

  it("names variables that there are, but for those that it says mean nothing", () => {
    const reference = readFileSync(path.join(repository, "docs/environment.md"), "utf8");
    const rows = GUIDE.split("\n").filter((line) => !line.includes("no meaning"));
    const named = rows.join("\n").matchAll(/`(FASTMCP_\w+|…_\w+)(?:=[^`]*)?`/g);
    const unknown = [...named]
      .map(([, name = ""]) => name.replace("…", ""))
      .filter(
        (name) => !["FASTMCP_", "FASTMCP_ENV_FILE", "FASTMCP_INCLUDE_TAGS", "FASTMCP_EXCLUDE_TAGS"].includes(name),
      )
      .filter((name) => !reference.includes(`${name}\``));
    expect(unknown).toEqual([]);
  });
});

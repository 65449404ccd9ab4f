import { parseEnv } from "node:util";
import { describe, expect, it } from "vitest";
import type { Answers } from "./answers.ts";
import { answeredLines, renderEnvFiles, unansweredVariables } from "./settings.ts";
import { PROVIDER_SETTINGS } from "./testing/provider-settings.ts";

const LOCAL: Answers = {
  project: { directory: "/srv/app", packageName: "app" },
  auth: { kind: "local" },
  baseUrl: "http://localhost:8000",
  scopes: ["openid", "weather:read"],
  install: true,
  git: true,
  packageManager: { name: "npm" },
};
const TENANT: Answers = {
  ...LOCAL,
  auth: {
    kind: "tenant",
    domain: { host: "t.us.auth0.com", configUrl: "https://t.us.auth0.com/.well-known/openid-configuration" },
    clientId: "abc",
    clientSecret: "s#cret",
  },
};

function envOf(answers: Answers) {
  return parseEnv(renderEnvFiles(answers, PROVIDER_SETTINGS).env);
}

describe("the settings of a project", () => {
  it("are complete with a local stand-in", () => {
    expect(envOf(LOCAL)).toEqual({
      FASTMCP_SERVER_AUTH: "fastmcp.server.auth.providers.auth0.Auth0Provider",
      FASTMCP_SERVER_AUTH_AUTH0_CONFIG_URL: "http://localhost:4400/.well-known/openid-configuration",
      FASTMCP_SERVER_AUTH_AUTH0_AUDIENCE: "https://local.example.com",
      FASTMCP_SERVER_AUTH_AUTH0_CLIENT_ID: "local-client",
      FASTMCP_SERVER_AUTH_AUTH0_CLIENT_SECRET: "local-secret",
      FASTMCP_SERVER_AUTH_AUTH0_BASE_URL: "http://localhost:8000",
      FASTMCP_SERVER_AUTH_AUTH0_REQUIRED_SCOPES: "openid,weather:read",
      FASTMCP_SERVER_AUTH_AUTH0_JWT_SIGNING_KEY: expect.stringMatching(/^[\w-]{43}$/) as unknown,
    });
    expect(unansweredVariables(LOCAL, PROVIDER_SETTINGS)).toEqual([]);
  });

  it("are those of the tenant, empty where they are not known", () => {
    expect(envOf(TENANT)).toMatchObject({
      FASTMCP_SERVER_AUTH_AUTH0_CONFIG_URL: "https://t.us.auth0.com/.well-known/openid-configuration",
      FASTMCP_SERVER_AUTH_AUTH0_AUDIENCE: "",
      FASTMCP_SERVER_AUTH_AUTH0_CLIENT_ID: "abc",
      FASTMCP_SERVER_AUTH_AUTH0_CLIENT_SECRET: "s#cret",
    });
    expect(unansweredVariables(TENANT, PROVIDER_SETTINGS)).toEqual(["FASTMCP_SERVER_AUTH_AUTH0_AUDIENCE"]);
  });

  it("have a key of their own, 256 bits, in every project", () => {
    const keys = [LOCAL, LOCAL].map((answers) => envOf(answers).FASTMCP_SERVER_AUTH_AUTH0_JWT_SIGNING_KEY ?? "");
    expect(Buffer.from(keys[0] ?? "", "base64url")).toHaveLength(32);
    expect(keys[0]).not.toBe(keys[1]);
  });

  it("name the port that a loopback base URL says, and leave others to the proxy in front", () => {
    expect(envOf({ ...LOCAL, baseUrl: "http://localhost:9000" }).FASTMCP_PORT).toBe("9000");
    expect(envOf({ ...LOCAL, baseUrl: "https://mcp.example.com" })).not.toHaveProperty("FASTMCP_PORT");
  });
});

describe("the answers that a kept .env lacks", () => {
  it("are listed without secrets", () => {
    expect(answeredLines(TENANT, PROVIDER_SETTINGS)).toEqual([
      "FASTMCP_SERVER_AUTH=fastmcp.server.auth.providers.auth0.Auth0Provider",
      "FASTMCP_SERVER_AUTH_AUTH0_CONFIG_URL=https://t.us.auth0.com/.well-known/openid-configuration",
      "FASTMCP_SERVER_AUTH_AUTH0_CLIENT_ID=abc",
      "FASTMCP_SERVER_AUTH_AUTH0_CLIENT_SECRET (a secret, not shown)",
      "FASTMCP_SERVER_AUTH_AUTH0_BASE_URL=http://localhost:8000",
      "FASTMCP_SERVER_AUTH_AUTH0_REQUIRED_SCOPES=openid,weather:read",
    ]);
  });
});

describe(".env.example", () => {
  it("has no secret, and nothing that is this user's", () => {
    const { example } = renderEnvFiles(TENANT, PROVIDER_SETTINGS);
    expect(parseEnv(example)).toEqual({
      FASTMCP_SERVER_AUTH: "fastmcp.server.auth.providers.auth0.Auth0Provider",
      FASTMCP_SERVER_AUTH_AUTH0_CONFIG_URL: "",
      FASTMCP_SERVER_AUTH_AUTH0_AUDIENCE: "",
      FASTMCP_SERVER_AUTH_AUTH0_CLIENT_ID: "",
      FASTMCP_SERVER_AUTH_AUTH0_CLIENT_SECRET: "",
      FASTMCP_SERVER_AUTH_AUTH0_BASE_URL: "http://localhost:8000",
      FASTMCP_SERVER_AUTH_AUTH0_REQUIRED_SCOPES: "openid,weather:read",
    });
    expect(example).not.toContain("t.us.auth0.com");
  });
});

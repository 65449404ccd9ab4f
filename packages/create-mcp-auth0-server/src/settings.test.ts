import { parseEnv } from "node:util";
import { describe, expect, it } from "vitest";
import type { Answers } from "./answers.ts";
import { answeredLines, renderEnvFiles, unansweredVariables } from "./settings.ts";
import { KNOWN_SETTINGS } from "./testing/provider-settings.ts";

const LOCAL: Answers = {
  project: { directory: "/srv/app", packageName: "app" },
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
  auth: {
    kind: "tenant",
    domain: { host: "t.us.auth0.com", configUrl: "https://t.us.auth0.com/.well-known/openid-configuration" },
    clientId: "abc",
    clientSecret: "s#cret",
  },
};

function envOf(answers: Answers) {
  return parseEnv(renderEnvFiles(answers, KNOWN_SETTINGS).env);
}

describe("the settings of a project", () => {
  it("are complete with a local stand-in", () => {
    expect(envOf(LOCAL)).toEqual({
      FASTMCP_SERVER_AUTH: "fastmcp.server.auth.providers.auth0.Auth0Provider",
      FASTMCP_SERVER_AUTH_AUTH0_CONFIG_URL: "http://localhost:4400/.well-known/openid-configuration",
      FASTMCP_SERVER_AUTH_AUTH0_AUDIENCE: "https://weather.example.com/api",
      FASTMCP_SERVER_AUTH_AUTH0_CLIENT_ID: "local-client",
      FASTMCP_SERVER_AUTH_AUTH0_CLIENT_SECRET: "local-secret",
      FASTMCP_SERVER_AUTH_AUTH0_BASE_URL: "http://localhost:8000",
      FASTMCP_SERVER_AUTH_AUTH0_REQUIRED_SCOPES: "openid,weather:read",
      FASTMCP_SERVER_AUTH_AUTH0_JWT_SIGNING_KEY: expect.stringMatching(/^[\w-]{43}$/) as unknown,
    });
    expect(unansweredVariables(LOCAL, KNOWN_SETTINGS)).toEqual([]);
  });

  it("are those of the tenant, empty where they are not known", () => {
    expect(envOf(TENANT)).toMatchObject({
      FASTMCP_SERVER_AUTH_AUTH0_CONFIG_URL: "https://t.us.auth0.com/.well-known/openid-configuration",
      FASTMCP_SERVER_AUTH_AUTH0_AUDIENCE: "",
      FASTMCP_SERVER_AUTH_AUTH0_CLIENT_ID: "abc",
      FASTMCP_SERVER_AUTH_AUTH0_CLIENT_SECRET: "s#cret",
    });
    expect(unansweredVariables(TENANT, KNOWN_SETTINGS)).toEqual(["FASTMCP_SERVER_AUTH_AUTH0_AUDIENCE"]);
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
    expect(answeredLines(TENANT, KNOWN_SETTINGS)).toEqual([
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
    const { example } = renderEnvFiles(TENANT, KNOWN_SETTINGS);
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

  it("are those of another provider, with what was given", () => {
    const answers: Answers = {
      ...TENANT,
      template: "minimal",
      scopes: [],
      auth: { kind: "provider", provider: "google", clientId: "123.apps.googleusercontent.com" },
    };
    expect(envOf(answers)).toEqual({
      FASTMCP_SERVER_AUTH: "fastmcp.server.auth.providers.google.GoogleProvider",
      FASTMCP_SERVER_AUTH_GOOGLE_CLIENT_ID: "123.apps.googleusercontent.com",
      FASTMCP_SERVER_AUTH_GOOGLE_CLIENT_SECRET: "",
      FASTMCP_SERVER_AUTH_GOOGLE_BASE_URL: "http://localhost:8000",
      FASTMCP_SERVER_AUTH_GOOGLE_JWT_SIGNING_KEY: expect.stringMatching(/^[\w-]{43}$/) as unknown,
    });
    expect(unansweredVariables(answers, KNOWN_SETTINGS)).toEqual(["FASTMCP_SERVER_AUTH_GOOGLE_CLIENT_SECRET"]);
  });

  it("are also those that the template's own code reads", () => {
    const { env } = renderEnvFiles({ ...LOCAL, template: "api" }, KNOWN_SETTINGS);
    expect(env).toContain("# NOTES_API_URL=https://notes.example.com/");
  });
});

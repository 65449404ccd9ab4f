import { describe, expect, it } from "vitest";
import { findUnprefixed } from "./common-names.ts";
import { createEnvironment } from "./environment.ts";
import { secret, text } from "./plain-fields.ts";
import { serverFields } from "./server-settings.ts";
import { environmentOf } from "./testing/environment-of.ts";
import { findUnknownVariables } from "./unknown-variables.ts";

const field = text({ description: "A field", example: "x" });
const selected = {
  title: "Auth0",
  prefix: "FASTMCP_SERVER_AUTH_AUTH0_",
  fields: {
    ...{ configUrl: field, audience: field, clientId: field, baseUrl: field, requiredScopes: field },
    clientSecret: secret({ description: "The secret", example: "x" }),
  },
};
const AUTH0 = selected.prefix;

const meantBy = (name: string) =>
  findUnknownVariables(environmentOf({ [name]: "x" }), { selected, providers: [selected] })[0]?.meant;

describe("a FASTMCP_ name that people use elsewhere gets a suggestion", () => {
  it.each([
    ["FASTMCP_HTTP_PORT", "FASTMCP_PORT"],
    ["fastmcp_http_port", "FASTMCP_PORT"],
    ["FASTMCP_SERVER_PORT", "FASTMCP_PORT"],
    ["FASTMCP_LISTEN_PORT", "FASTMCP_PORT"],
    ["FASTMCP_HTTP_HOST", "FASTMCP_HOST"],
    ["FASTMCP_SERVER_HOST", "FASTMCP_HOST"],
    ["FASTMCP_BIND", "FASTMCP_HOST"],
    ["FASTMCP_PATH", "FASTMCP_STREAMABLE_HTTP_PATH"],
    ["FASTMCP_HTTP_PATH", "FASTMCP_STREAMABLE_HTTP_PATH"],
    ["FASTMCP_LOGLEVEL", "FASTMCP_LOG_LEVEL"],
    ["FASTMCP_SERVER_LOG_LEVEL", "FASTMCP_LOG_LEVEL"],
    ["FASTMCP_AUTH", "FASTMCP_SERVER_AUTH"],
    ["FASTMCP_AUTH_PROVIDER", "FASTMCP_SERVER_AUTH"],
    ["FASTMCP_SERVER_SERVER_AUTH", "FASTMCP_SERVER_AUTH"],
    ["FASTMCP_REDIS_URL", "FASTMCP_STORAGE_URL"],
    ["FASTMCP_ALLOWED_HOSTS", "FASTMCP_HTTP_ALLOWED_HOSTS"],
    ["FASTMCP_CORS_ORIGINS", "FASTMCP_HTTP_ALLOWED_ORIGINS"],
    ["FASTMCP_TRUSTED_PROXIES", "FASTMCP_TRUST_PROXY"],
    ["FASTMCP_BASE_URL", `${AUTH0}BASE_URL`],
    ["FASTMCP_PUBLIC_URL", `${AUTH0}BASE_URL`],
    ["FASTMCP_CLIENT_ID", `${AUTH0}CLIENT_ID`],
    ["FASTMCP_CLIENT_SECRET", `${AUTH0}CLIENT_SECRET`],
    ["FASTMCP_AUTH0_CLIENT_ID", `${AUTH0}CLIENT_ID`],
    ["FASTMCP_AUTH_AUTH0_CLIENT_SECRET", `${AUTH0}CLIENT_SECRET`],
    ["FASTMCP_SERVER_AUTH_CLIENT_ID", `${AUTH0}CLIENT_ID`],
    [`${AUTH0}API_IDENTIFIER`, `${AUTH0}AUDIENCE`],
    [`${AUTH0}DISCOVERY_URL`, `${AUTH0}CONFIG_URL`],
    [`${AUTH0}SCOPES`, `${AUTH0}REQUIRED_SCOPES`],
  ])("%s: %s", (name, meant) => {
    expect(meantBy(name)).toBe(meant);
  });

  it("is never about what the provider does not have", () => {
    expect(meantBy("FASTMCP_TENANT_NAME")).toBeUndefined();
  });
});

describe("a name without FASTMCP_", () => {
  const warned = (file: Record<string, string>, processEnv: Record<string, string> = {}, settled: string[] = []) =>
    findUnprefixed(
      createEnvironment({ processEnv, cwd: "/", file: { path: "/.env", values: new Map(Object.entries(file)) } }),
      new Set(settled),
    ).map(({ variable, message }) => `${variable} ${message}`);

  it.each([
    ["PORT", "FASTMCP_PORT"],
    ["MCP_PORT", "FASTMCP_PORT"],
    ["MCP_HOST", "FASTMCP_HOST"],
    ["MCP_LOG_LEVEL", "FASTMCP_LOG_LEVEL"],
  ])("is pointed out wherever it is set: %s", (name, meant) => {
    for (const found of [warned({ [name]: "9090" }), warned({}, { [name]: "9090" })]) {
      expect(found).toEqual([expect.stringContaining(`Set ${meant} instead`)]);
      expect(found.join()).not.toContain("9090");
    }
  });

  it.each(["HOST", "LOG_LEVEL", "SERVER_PORT", "SERVER_AUTH"])("is pointed out in a file only: %s", (name) => {
    expect(warned({ [name]: "x" })).toHaveLength(1);
    expect(warned({}, { [name]: "x" })).toEqual([]);
  });

  it("is not pointed out where the right one is set, where nothing would change, and where code says it", () => {
    expect(warned({ PORT: "9090", FASTMCP_PORT: "8000" })).toEqual([]);
    expect(warned({ PORT: "8000", HOST: "127.0.0.1" })).toEqual([]);
    expect(warned({ PORT: "9090" }, {}, ["PORT"])).toEqual([]);
    // Kubernetes sets these for Services that are called mcp and mcp-server.
    expect(warned({}, { MCP_PORT: "tcp://10.0.0.1:80", MCP_SERVER_PORT: "udp://10.0.0.2:80" })).toEqual([]);
    expect(warned({ DATABASE_PORT: "1", LOG_LEVEL_OF_MINE: "x" })).toEqual([]);
  });
});

describe("FASTMCP_PORT", () => {
  it("is refused with the reason where Kubernetes sets it for a Service that is called fastmcp", () => {
    expect(() => serverFields.port.parse("tcp://10.0.0.1:80")).toThrow("Set enableServiceLinks to false in the pod");
  });
});

describe("FASTMCP_LOG_LEVEL", () => {
  it.each([
    ["warn", "WARNING"],
    ["WARN", "WARNING"],
    ["warning", "WARNING"],
    [" Info ", "INFO"],
    ["err", "ERROR"],
    ["fatal", "CRITICAL"],
    ["crit", "CRITICAL"],
    ["trace", "DEBUG"],
    ["verbose", "DEBUG"],
    ["debug", "DEBUG"],
    ["notice", "INFO"],
  ])("%j means %s", (spelling, level) => {
    expect(serverFields.logLevel.parse(spelling)).toBe(level);
  });

  it.each(["off", "silent", "none"])("can't be %s, and says what is the least", (spelling) => {
    expect(() => serverFields.logLevel.parse(spelling)).toThrow("CRITICAL logs the least");
  });

  it.each(["", "loud", "30", "toString", "constructor"])("can't be %j", (spelling) => {
    expect(() => serverFields.logLevel.parse(spelling)).toThrow();
  });
});

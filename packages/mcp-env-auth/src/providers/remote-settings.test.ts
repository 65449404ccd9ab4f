import { describe, expect, it } from "vitest";
import { builtInProviders } from "../configuration/built-in-providers.ts";
import { environmentOf } from "../env/testing/environment-of.ts";
import { findUnknownVariables } from "../env/unknown-variables.ts";
import { Auth0MCPProvider } from "./auth0-mcp.ts";
import { AuthKitProvider } from "./authkit.ts";
import type { DeclaredProvider } from "./declaration.ts";
import { DescopeProvider } from "./descope.ts";
import { RemoteAuthProvider } from "./remote.ts";
import { ScalekitProvider } from "./scalekit.ts";
import { SupabaseProvider } from "./supabase.ts";

function read({ declaration, fromEnvironment }: DeclaredProvider, variables: Readonly<Record<string, string>>) {
  const named = Object.entries({ BASE_URL: "https://mcp.example.com", ...variables }).filter(
    ([, value]) => value !== "-",
  );
  const environment = environmentOf(
    Object.fromEntries(
      named.map(([name, value]) => [name.startsWith("FASTMCP_") ? name : declaration.prefix + name, value]),
    ),
  );
  const reading = fromEnvironment(environment);
  const problems = reading.problems.map(
    ({ variable, message }) => `${variable?.replace(declaration.prefix, "")} ${message}`,
  );
  const unknown = findUnknownVariables(environment, {
    selected: declaration,
    providers: builtInProviders.map((provider) => provider.declaration),
  });
  return { ...reading, problems, unknown };
}

describe("AuthKitProvider from the environment", () => {
  it("takes a bare domain", () => {
    const { problems, origins } = read(AuthKitProvider, { AUTHKIT_DOMAIN: "your-app.authkit.app" });
    expect(problems).toEqual([]);
    expect(origins.find(({ variable }) => variable.endsWith("AUTHKIT_DOMAIN"))?.value).toBe("your-app.authkit.app");
    expect(read(AuthKitProvider, { AUTHKIT_DOMAIN: "" }).problems).toEqual([expect.stringContaining("It is empty")]);
  });

  it("knows FastMCP's variable for the audience, and says where the value came from", () => {
    const { origins, unknown } = read(AuthKitProvider, {
      AUTHKIT_DOMAIN: "https://a.authkit.app",
      FASTMCP_SERVER_AUTH_JWT_AUDIENCE: "https://api.example.com",
    });
    expect(origins).toContainEqual(
      expect.objectContaining({ variable: "FASTMCP_SERVER_AUTH_JWT_AUDIENCE", value: "https://api.example.com" }),
    );
    expect(unknown).toEqual([]);
  });

  it("prefers its own variable", () => {
    const { origins } = read(AuthKitProvider, {
      AUTHKIT_DOMAIN: "https://a.authkit.app",
      AUDIENCE: "own",
      FASTMCP_SERVER_AUTH_JWT_AUDIENCE: "other",
    });
    expect(origins.map(({ value }) => value)).toContain("own");
    expect(origins.map(({ value }) => value)).not.toContain("other");
  });
});

describe("DescopeProvider from the environment", () => {
  it("needs the well-known URL, or the project and Descope's address", () => {
    expect(read(DescopeProvider, {}).problems).toEqual([
      expect.stringMatching(/^CONFIG_URL is required.*PROJECT_ID and/),
    ]);
    expect(read(DescopeProvider, { PROJECT_ID: "P2" }).problems).toEqual([
      expect.stringMatching(/^DESCOPE_BASE_URL is required.*goes with/),
    ]);
    expect(read(DescopeProvider, { PROJECT_ID: "P2", DESCOPE_BASE_URL: "api.descope.com" }).problems).toEqual([]);
    expect(read(DescopeProvider, { CONFIG_URL: "https://api.descope.com/P2/.well-known/x" }).problems).toEqual([
      expect.stringContaining("must hold /agentic/"),
    ]);
  });
});

describe("ScalekitProvider from the environment", () => {
  const minimal = { ENVIRONMENT_URL: "https://env.scalekit.com", RESOURCE_ID: "res_1" };

  it("takes MCP_URL for BASE_URL, and overlooks CLIENT_ID, as older files have them", () => {
    const { provider, problems, unknown } = read(ScalekitProvider, {
      ...minimal,
      BASE_URL: "-",
      MCP_URL: "https://old.example.com",
      CLIENT_ID: "skc_1",
    });
    expect(problems).toEqual([]);
    expect(unknown).toEqual([]);
    expect(provider?.baseUrl?.href).toBe("https://old.example.com/");
  });

  it("prefers BASE_URL, and needs one of them", () => {
    expect(read(ScalekitProvider, { ...minimal, MCP_URL: "https://old.example.com" }).provider?.baseUrl?.host).toBe(
      "mcp.example.com",
    );
    expect(read(ScalekitProvider, { ...minimal, BASE_URL: "-" }).problems).toEqual([
      expect.stringContaining("BASE_URL is required"),
    ]);
  });
});

describe("Security rule 8: never HS* with JWKS: SupabaseProvider", () => {
  it("refuses the legacy shared secret, and says what to do", () => {
    const { problems } = read(SupabaseProvider, { PROJECT_URL: "https://p.supabase.co", ALGORITHM: "HS256" });
    expect(problems).toEqual([expect.stringContaining("migrate to asymmetric signing keys")]);
  });
});

describe("Auth0MCPProvider from the environment", () => {
  it("needs the discovery document, not the tenant", () => {
    expect(read(Auth0MCPProvider, { CONFIG_URL: "https://tenant.eu.auth0.com" }).problems).toEqual([
      expect.stringContaining("must end in .well-known/openid-configuration"),
    ]);
  });
});

describe("RemoteAuthProvider from the environment", () => {
  const JWKS_URI = "https://auth.example.com/jwks.json";

  it("sends clients to addresses only: the issuer, or the authorization servers where that is none", () => {
    const [problem] = read(RemoteAuthProvider, { JWKS_URI, ISSUER: "auth.example.com" }).problems;
    expect(problem).toContain("ISSUER must be an https URL");
    expect(problem).toContain("FASTMCP_SERVER_AUTH_REMOTE_AUTHORIZATION_SERVERS");
    const servers = (value: string) =>
      read(RemoteAuthProvider, { JWKS_URI, ISSUER: "auth.example.com", AUTHORIZATION_SERVERS: value }).problems;
    expect(servers('["https://auth.example.com"]')).toEqual([]);
    expect(servers('["https://auth.example.com", "http://other.example.com"]')).toEqual([
      expect.stringContaining("An item is no https URL"),
    ]);
  });
});

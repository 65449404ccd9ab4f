import { describe, expect, it } from "vitest";
import { environmentOf } from "../env/testing/environment-of.ts";
import { ConfigError } from "../errors.ts";
import { Auth0Provider } from "./auth0.ts";
import { createTestContext } from "./testing/context.ts";

const PREFIX = "FASTMCP_SERVER_AUTH_AUTH0_";
const minimal = {
  CONFIG_URL: "https://tenant.eu.auth0.com/.well-known/openid-configuration",
  CLIENT_ID: "client-id",
  CLIENT_SECRET: "client-secret-of-the-application",
  AUDIENCE: "https://api.example.com",
  BASE_URL: "https://mcp.example.com",
};

function read(variables: Readonly<Record<string, string | undefined>>) {
  const set = Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Auth0Provider.fromEnvironment(environmentOf(Object.fromEntries(set.map(([k, v]) => [PREFIX + k, v]))));
}

const shown = (variables: Parameters<typeof read>[0]) =>
  Object.fromEntries(read(variables).origins.map(({ variable, value }) => [variable.slice(PREFIX.length), value]));

describe("Auth0Provider from the environment", () => {
  it("takes an empty JWT_SIGNING_KEY, as an old .env may have it, for none", () => {
    expect(read({ ...minimal, JWT_SIGNING_KEY: "" }).problems).toEqual([]);
  });

  it("needs the five variables of a FastMCP .env and nothing else", () => {
    const { provider, problems } = read(minimal);
    expect(problems).toEqual([]);
    expect(provider?.baseUrl?.href).toBe("https://mcp.example.com/");
  });

  it.each(Object.keys(minimal))(
    "names %s when it is missing or empty, with an example and where to find it",
    (name) => {
      for (const value of [undefined, ""]) {
        const { provider, problems } = read({ ...minimal, [name]: value });
        expect(provider).toBeUndefined();
        expect(problems).toEqual([
          { variable: `${PREFIX}${name}`, message: expect.stringMatching(/(is required|must be).*Example: .*Where: /) },
        ]);
      }
    },
  );

  it("names all that is missing at once", () => {
    const names = read({}).problems.map(({ variable }) => variable?.slice(PREFIX.length));
    expect(names.sort()).toEqual(Object.keys(minimal).sort());
  });

  it.each([
    ["REQUIRED_SCOPES", "", '["openid"]'],
    ["REQUIRED_SCOPES", "openid,weather:read", "openid,weather:read"],
    ["REDIRECT_PATH", undefined, "/auth/callback"],
    ["REDIRECT_PATH", "", "/auth/callback"],
  ])("reads %s=%s", (name, value, expected) => {
    expect(read({ ...minimal, [name]: value }).problems).toEqual([]);
    expect(shown({ ...minimal, [name]: value })[name]).toBe(expected);
  });

  it.each([
    ["CONFIG_URL", "tenant.eu.auth0.com", "no https://"],
    ["CONFIG_URL", "https://tenant.eu.auth0.com", ".well-known/openid-configuration"],
    ["CONFIG_URL", "http://tenant.eu.auth0.com/.well-known/openid-configuration", "use https"],
    ["BASE_URL", "http://mcp.example.com", "use https"],
    ["BASE_URL", "https://mcp.example.com/?a=b", "query"],
    ["ISSUER_URL", "", "It is empty"],
    ["REQUIRED_SCOPES", "123", "number"],
    ["ALLOWED_CLIENT_REDIRECT_URIS", "", "write [] for none"],
    ["TOKEN_ENDPOINT_AUTH_METHOD", "private_key_jwt", "client_secret_basic, client_secret_post, none"],
    ["EXTRA_AUTHORIZE_PARAMS", "state=x", "state is set by the server"],
    ["EXTRA_TOKEN_PARAMS", '{"client_secret":"x"}', "client_secret is set by the server"],
  ])("refuses %s=%s", (name, value, reason) => {
    expect(read({ ...minimal, [name]: value }).problems).toEqual([
      { variable: `${PREFIX}${name}`, message: expect.stringContaining(reason) },
    ]);
  });

  it("takes http on this machine, for development", () => {
    const local = {
      ...minimal,
      CONFIG_URL: "http://localhost:4455/.well-known/openid-configuration",
      BASE_URL: "http://localhost:8000",
    };
    expect(read(local).problems).toEqual([]);
  });

  it("can do without a secret only for a public application with a sealing key", () => {
    const { CLIENT_SECRET: _, ...open } = minimal;
    const publicApplication = { ...open, TOKEN_ENDPOINT_AUTH_METHOD: "none" };
    expect(read(publicApplication).problems).toEqual([
      { variable: `${PREFIX}JWT_SIGNING_KEY`, message: expect.stringContaining("no client secret to seal") },
    ]);
    expect(read({ ...publicApplication, JWT_SIGNING_KEY: "a key of its own, and long" }).problems).toEqual([]);
    expect(read({ ...open, JWT_SIGNING_KEY: "a key of its own, and long" }).problems).toEqual([
      { variable: `${PREFIX}CLIENT_SECRET`, message: expect.stringContaining(`${PREFIX}TOKEN_ENDPOINT_AUTH_METHOD`) },
    ]);
  });

  it("shows no secret among the origins", () => {
    const secrets = {
      CLIENT_SECRET: "hunter-one-1",
      JWT_SIGNING_KEY: "hunter-two-2",
      JWT_SIGNING_KEY_PREVIOUS: '["hunter-three-3"]',
      EXTRA_TOKEN_PARAMS: "api=hunter-four-4",
    };
    const reading = read({ ...minimal, ...secrets });
    expect(reading.problems).toEqual([]);
    expect(JSON.stringify(reading.origins)).not.toContain("hunter");
    expect(reading.secrets).toEqual(["hunter-one-1", "hunter-two-2", "hunter-three-3", "hunter-four-4"]);
  });

  it("makes a proxy with a callback under BASE_URL", async () => {
    const { provider } = read({ ...minimal, BASE_URL: "https://mcp.example.com/base", REDIRECT_PATH: "cb" });
    const authentication = await provider?.authenticate(createTestContext());
    expect(authentication?.resource).toBe("https://mcp.example.com/base/mcp");
    expect(authentication?.requiredScopes).toEqual(["openid"]);
    expect(authentication?.endpoints.map(({ path }) => path)).toContain("/cb");
    await authentication?.close();
  });
});

describe("Auth0Provider in code", () => {
  it("takes the options of FastMCP's constructor in camel case", () => {
    const provider = new Auth0Provider({
      configUrl: new URL(minimal.CONFIG_URL),
      clientId: minimal.CLIENT_ID,
      clientSecret: minimal.CLIENT_SECRET,
      audience: minimal.AUDIENCE,
      baseUrl: minimal.BASE_URL,
      requiredScopes: ["openid", "weather:read"],
      redirectPath: "/auth/callback",
      allowedClientRedirectUris: ["http://localhost:*"],
      extraAuthorizeParams: { prompt: "login" },
    });
    expect(provider.baseUrl?.href).toBe("https://mcp.example.com/");
  });

  it("names the options that are wrong", () => {
    expect(
      () => new Auth0Provider({ configUrl: "x", clientId: "", audience: "a", baseUrl: "https://x.example" }),
    ).toThrow(ConfigError);
    try {
      new Auth0Provider({ configUrl: "x", clientId: "", audience: "a", baseUrl: "https://x.example" });
    } catch (error) {
      expect((error as ConfigError).problems.map(({ variable }) => variable)).toEqual([
        "configUrl",
        "clientId",
        "clientSecret",
      ]);
    }
  });
});

import { describe, expect, it } from "vitest";
import { Auth0Provider } from "../providers/auth0.ts";
import { AzureProvider } from "../providers/azure.ts";
import { GoogleProvider } from "../providers/google.ts";
import { JWTVerifier } from "../providers/jwt.ts";
import { OIDCProxy } from "../providers/oidc.ts";
import { chooseLoginScopes, describeLoginScopes, type LoginScopes } from "./login-scopes.ts";

const application = { clientId: "c", clientSecret: "s".repeat(32), baseUrl: "https://mcp.example.com" };
const configUrl = "https://tenant.example.com/.well-known/openid-configuration";
const providers = {
  Auth0: new Auth0Provider({ ...application, configUrl, audience: "https://mcp.example.com/mcp" }),
  "Auth0 with machines": new Auth0Provider({ ...application, configUrl, audience: "api", machineClients: "nightly" }),
  Google: new GoogleProvider(application),
  Entra: new AzureProvider({
    ...application,
    tenantId: "8f1b4e70-0000-4000-8000-000000000000",
    requiredScopes: ["read"],
  }),
  OIDC: new OIDCProxy({ ...application, configUrl, audience: "api" }),
  JWT: new JWTVerifier({ jwksUri: "https://tenant.example.com/jwks", issuer: "https://tenant.example.com/" }),
};

function choose(name: keyof typeof providers, setting?: LoginScopes, askedScopes: readonly string[] = ["write"]) {
  return chooseLoginScopes({ setting, provider: providers[name], requiredScopes: ["read"], askedScopes });
}

describe("the scopes that a login asks for", () => {
  it.each([
    ["Auth0", "all", "Auth0 leaves out"],
    ["Auth0 with machines", "required", "refuses a machine"],
    ["Google", "required", "Google's own page"],
    ["Entra", "required", "Entra's own page"],
    ["OIDC", "required", "Nobody has tested"],
    ["JWT", "required", "Nobody has tested"],
  ] as const)("are at %s %s, unless the operator says", (name, chosen, reason) => {
    const choice = choose(name);
    expect(choice).toEqual({ chosen, reason: expect.stringContaining(reason) });
    expect(describeLoginScopes(choice)).toContain(`FASTMCP_LOGIN_SCOPES=${chosen}`);
    for (const setting of ["all", "required"] as const) {
      expect(choose(name, setting)).toEqual({ chosen: setting, reason: "FASTMCP_LOGIN_SCOPES says so." });
    }
  });

  it("are the required ones where a default could not be asked for in one login", () => {
    const many = Array.from({ length: 60 }, (_, index) => `a-scope-of-some-length:${index}`);
    expect(choose("Auth0", undefined, many)).toEqual({
      chosen: "required",
      reason: expect.stringMatching(/^All scopes together are \d+ characters long/),
    });
  });
});

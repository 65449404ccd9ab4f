import { describe, expect, it } from "vitest";
import { builtInProviders } from "../../configuration/built-in-providers.ts";
import { createEnvironment } from "../../env/environment.ts";
import { variableName } from "../../env/field.ts";
import type { AuthProvider } from "../auth-provider.ts";
import { Auth0Provider } from "../auth0.ts";

const read = (declared: (typeof builtInProviders)[number], more: Record<string, string> = {}) => {
  const { fields, prefix } = declared.declaration;
  const needed = Object.entries(fields).filter(([, { presence }]) => presence === "required");
  const processEnv = Object.fromEntries(needed.map(([name, { example }]) => [variableName(prefix, name), example]));
  const names = Object.keys(fields);
  const key = names.includes("jwksUri") ? { [`${prefix}JWKS_URI`]: "https://issuer.example.com/jwks.json" } : {};
  const secret = names.includes("clientSecret") ? { [`${prefix}CLIENT_SECRET`]: "a secret of the client" } : {};
  return declared.fromEnvironment(
    createEnvironment({ processEnv: { ...processEnv, ...secret, ...key, ...more }, cwd: "/" }),
  );
};

describe("the claim that lists a user's roles", () => {
  it.each(builtInProviders.map((declared) => [declared.declaration.title, declared] as const))(
    "is a setting of %s",
    (_title, declared) => {
      const { prefix } = declared.declaration;
      const variable = `${prefix}ROLES_CLAIM`;
      const { provider, problems } = read(declared, { [variable]: "https://example.com/roles" });
      // Some need more than one of several: what they object to has nothing to do with roles.
      if (provider === undefined) {
        expect(problems.map((problem) => problem.variable)).not.toContain(variable);
      } else {
        expect(provider.roles).toEqual({ claim: "https://example.com/roles", setting: variable });
      }
      expect(declared.declaration.fields.rolesClaim?.presence).toMatch(/optional|defaulted/);
    },
  );

  it.each([
    ["Microsoft Entra ID", "roles"],
    ["Amazon Cognito", "cognito:groups"],
    ["Keycloak", "realm_access.roles"],
    ["Okta", "groups"],
    ["Zitadel", "urn:zitadel:iam:org:project:roles"],
    ["authentik", "groups"],
    ["Logto", undefined],
    ["Auth0", undefined],
  ])("of %s is by default %s", (title, claim) => {
    const declared = builtInProviders.find(({ declaration }) => declaration.title === title);
    expect(declared && read(declared).provider?.roles?.claim).toBe(claim);
  });

  it("is an option in code", () => {
    const provider: AuthProvider = new Auth0Provider({
      configUrl: "https://tenant.example.com/.well-known/openid-configuration",
      clientId: "id",
      clientSecret: "secret",
      audience: "https://mcp.example.com",
      baseUrl: "https://mcp.example.com",
      rolesClaim: "https://example.com/roles",
    });
    expect(provider.roles).toEqual({ claim: "https://example.com/roles", setting: "rolesClaim" });
  });
});

import { describe, expect, it } from "vitest";
import { builtInProviders } from "../configuration/built-in-providers.ts";
import { environmentOf } from "../env/testing/environment-of.ts";
import { Auth0Provider } from "./auth0.ts";

const proxies = builtInProviders.filter(({ declaration }) => "redirectPath" in declaration.fields);

const options = {
  configUrl: "https://tenant.example.com/.well-known/openid-configuration",
  clientId: "id",
  clientSecret: "secret",
  audience: "https://mcp.example.com",
  baseUrl: "https://mcp.example.com",
};

describe.each(proxies)("Security rule 1: REQUIRE_AUTHORIZATION_CONSENT", ({ declaration, fromEnvironment }) => {
  const variable = `${declaration.prefix}REQUIRE_AUTHORIZATION_CONSENT`;
  const problemOf = (value: string) =>
    fromEnvironment(environmentOf({ [variable]: value })).problems.find((problem) => problem.variable === variable);

  it.each(["false", "False", "0", "off", "remember", "external", "", "never"])(
    `${declaration.title}: %j is refused, with the reason`,
    (value) => {
      expect(problemOf(value)?.message).toMatch(/^must be true: .*Anybody can register a client here/);
    },
  );

  it.each(["true", "True", "1", "yes"])(`${declaration.title}: %j is accepted`, (value) => {
    expect(problemOf(value)).toBeUndefined();
  });
});

describe("Security rule 1: requireAuthorizationConsent in code", () => {
  it("is true or refused", () => {
    expect(() => new Auth0Provider({ ...options, requireAuthorizationConsent: true })).not.toThrow();
    expect(() => new Auth0Provider({ ...options, requireAuthorizationConsent: false })).toThrow("confused deputy");
  });
});

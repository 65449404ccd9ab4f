import { describe, expect, it } from "vitest";
import { describeUnlistedScopes } from "./unlisted-scopes.ts";

const KEYCLOAK = ["openid", "profile", "roles", "weather:read", "weather:write"];

describe("scopes that the provider's metadata does not list", () => {
  it("are named, with what was probably meant", () => {
    expect(describeUnlistedScopes(KEYCLOAK, ["openid", "weather:read", "weather:wriet"])).toBe(
      "The provider's metadata does not list the scopes weather:wriet; it lists weather:read, weather:write. Did you mean weather:write? Check the spelling, or create the scopes at the provider.",
    );
    expect(describeUnlistedScopes(KEYCLOAK, ["a", "b"])).toContain("the scopes a, b;");
  });

  it("are no news where all are listed, or every provider knows them", () => {
    expect(describeUnlistedScopes(KEYCLOAK, ["weather:read", "email", "offline_access"])).toBeUndefined();
    expect(describeUnlistedScopes(KEYCLOAK, [])).toBeUndefined();
  });

  it.each([
    ["Auth0", ["openid", "profile", "offline_access", "name", "given_name", "email", "picture", "created_at", "phone"]],
    ["Google", ["openid", "email", "profile"]],
    ["nothing", []],
  ])("are no news at a provider that lists none of an API's: %s", (_provider, listed) => {
    expect(describeUnlistedScopes(listed, ["weather:raed"])).toBeUndefined();
  });

  it("are shown with ten others at most", () => {
    const listed = Array.from({ length: 30 }, (_, index) => `api:${index}`);
    expect(describeUnlistedScopes(listed, ["other"])).toMatch(/it lists api:0, .*api:9, …\./);
  });
});

import { describe, expect, it } from "vitest";
import type { AccessToken } from "../access-token.ts";
import { rolesIn, withRoles } from "./roles.ts";

const NAMESPACED = "https://example.com/roles";

describe("the roles of a token", () => {
  it.each([
    ["a list", ["editor", "Weather Admin"], ["editor", "Weather Admin"]],
    ["one text, which is one role", "Weather Admin", ["Weather Admin"]],
    ["a list with other things in it", ["editor", 1, null, "", { name: "admin" }, ["admin"]], ["editor"]],
    ["an object with objects, as at Zitadel", { admin: { "23": "acme" }, reader: {} }, ["admin", "reader"]],
    ["an object", { admin: true, owner: false, reader: null }, []],
    ["a number", 7, []],
    ["true", true, []],
    ["null", null, []],
    ["an empty text", "", []],
  ])("are read from %s", (_what, claim, roles) => {
    expect(rolesIn({ [NAMESPACED]: claim }, NAMESPACED)).toEqual(roles);
  });

  it("are found by a path through objects, where the token has no claim of that name", () => {
    const claims = { realm_access: { roles: ["editor"] } };
    expect(rolesIn(claims, "realm_access.roles")).toEqual(["editor"]);
    expect(rolesIn({ ...claims, "realm_access.roles": ["reader"] }, "realm_access.roles")).toEqual(["reader"]);
  });

  it.each(["constructor", "__proto__", "constructor.name", "__proto__.roles", "length", "0", "a.length", "toString"])(
    "are never what an object inherits or a list has: %s",
    (name) => {
      expect(rolesIn({ a: ["x"] }, name)).toEqual([]);
      expect(rolesIn(Object.create({ roles: ["admin"] }) as Record<string, unknown>, "roles")).toEqual([]);
    },
  );

  it("come with the token, the same object for the same token, and frozen", async () => {
    const token: AccessToken = {
      token: "t",
      clientId: "c",
      scopes: [],
      expiresAt: 2e9,
      claims: { [NAMESPACED]: ["editor"] },
      subject: "s",
    };
    const verifier = withRoles({ verify: async () => token }, NAMESPACED);
    const found = await verifier.verify("bearer");
    expect(found).toEqual({ ...token, roles: ["editor"] });
    expect(await verifier.verify("bearer")).toBe(found);
    expect(Object.isFrozen(found) && Object.isFrozen(found.roles)).toBe(true);
  });
});

import { ResourceTemplate } from "@modelcontextprotocol/server";
import { describe, expect, it } from "vitest";
import { ConfigError } from "../../errors.ts";
import { offerOf } from "../testing/offer.ts";
import { Registrations } from "./registrations.ts";

const nothing = async () => "nothing";

describe("registrations", () => {
  it("name every scope once, and what is protected by them", () => {
    const registrations = new Registrations();
    registrations.addTool("a", { requiredScopes: ["x", "y"] }, nothing);
    registrations.addTool("b", {}, nothing);
    registrations.addPrompt("p", { requiredScopes: ["y", "z"] }, nothing);
    const offer = offerOf(registrations);
    expect(offer.scopes).toEqual(["x", "y", "z"]);
    expect(offer.protectedNames).toEqual(["a", "p"]);
  });

  it("are public where they say so, unless nothing protects the server", () => {
    const registrations = new Registrations();
    registrations.addTool("a", { access: "public" }, nothing);
    registrations.addTool("b", {}, nothing);
    registrations.addResource("r", "r://one", { access: "public" }, nothing);
    const { publicNames, protectedNames } = offerOf(registrations);
    expect([publicNames, protectedNames]).toEqual([["a", "r://one"], []]);
    expect(offerOf(registrations, { needsTokens: false }).publicNames).toEqual([]);
  });

  it("let clients ask for the scopes of a hierarchy too", () => {
    const registrations = new Registrations();
    registrations.addTool("a", { requiredScopes: ["x"], anyScope: ["v", "w"] }, nothing);
    const offer = offerOf(registrations, { hierarchy: { "x:admin": ["x", "y"] } });
    expect(offer.scopes).toEqual(["x", "v", "w", "x:admin", "y"]);
    expect(offer.askedScopes).toEqual(["x", "v", "w"]);
  });

  it.each([
    [{ requiredScope: ["x"] }, "Did you mean requiredScopes?"],
    [{ requiredscopes: ["x"] }, "Did you mean requiredScopes?"],
    [{ scopes: ["x"] }, "Did you mean requiredScopes?"],
    [{ requiredScopes: "x" }, "no list"],
    [{ roles: ["x"] }, "Did you mean requiredRoles?"],
    [{ requiredRole: ["x"] }, "Did you mean requiredRoles?"],
    [{ requiredScopes: ["offline_access"] }, "no access token carries"],
    [{ requiredRoles: [""] }, "which is no name"],
    [{ requiredRoles: [" editor"] }, "which is no name"],
    [{ requiredRoles: [undefined] }, "which is no name"],
    [{ requiredPermissions: ["two words"] }, "which is no permission"],
    [{ requiredOrganizations: [] }, "one of none"],
    [{ anyScope: [] }, "one of none"],
    [{ visibility: "secret" }, 'There are "listed" and "hidden"'],
    [{ authorize: true }, "must be a function"],
    [{ authorise: () => true }, "Did you mean authorize?"],
    [{ needs: ["x"] }, "which is no field"],
    [{ requiredScopes: undefined }, "requiredScopes, which is undefined"],
    [{ authorize: undefined }, "authorize, which is undefined"],
    [{ access: "private" }, 'Write "public"'],
    [{ access: true }, 'Write "public"'],
    [{ access: undefined }, "access, which is undefined"],
    [{ public: true }, "Did you mean access?"],
    [{ access: "public", requiredScopes: ["x"] }, "remove requiredScopes"],
    [{ access: "public", requiredScopes: [] }, "remove requiredScopes"],
    [{ access: "public", anyScope: ["x"] }, "remove anyScope"],
    [{ access: "public", requiredPermissions: ["x"] }, "remove requiredPermissions"],
    [{ access: "public", requiredRoles: ["x"] }, "remove requiredRoles"],
    [{ access: "public", requiredOrganizations: ["x"] }, "remove requiredOrganizations"],
    [{ access: "public", visibility: "hidden" }, "remove visibility"],
    [{ access: "public", authorize: () => true }, "remove authorize"],
    [{ access: "public", scopeChallenge: {} }, "remove scopeChallenge"],
  ])("refuse %j, which would leave a tool open", (config, message) => {
    expect(() => new Registrations().addTool("a", config as object, nothing)).toThrow(message);
  });

  it("refuse a misspelt field of a resource too, whose metadata may have fields of any name", () => {
    const registrations = new Registrations();
    registrations.addResource("a", "a://b", { size: 5, "x-own": 1 } as object, nothing);
    expect(() => registrations.addResource("c", "c://d", { requiredScope: ["x"] } as object, nothing)).toThrow(
      "requiredScopes",
    );
    expect(() => registrations.addResource("e", "e://f", { roles: ["x"] } as object, nothing)).toThrow("requiredRoles");
  });

  it.each([
    "role",
    "permission",
    "organization",
    "tenants",
    "auth",
    "authorization",
    "scopesRequired",
    "allowedRoles",
    "hide",
  ])("refuse %s of a resource, which would be published and protect nothing", (field) => {
    const config = { [field]: ["x"] } as object;
    expect(() => new Registrations().addResource("a", "a://b", config, nothing)).toThrow(`${field}, which is no field`);
  });

  it("refuse a resource whose URI is none", () => {
    expect(() => new Registrations().addResource("a", "weather", {}, nothing)).toThrow(
      'The resource a is registered under "weather", which is no URI.',
    );
  });

  it("refuse what has no handler, and what comes after the start", () => {
    const registrations = new Registrations();
    expect(() => registrations.addTool("a", {}, undefined as never)).toThrow("handler");
    registrations.close();
    expect(() => registrations.addTool("late", {}, nothing)).toThrow("after the server started");
  });

  it("that the SDK does not take are reported at the start", () => {
    const registrations = new Registrations();
    registrations.addTool("a", { inputSchema: { type: "object" } } as object, nothing);
    expect(() => offerOf(registrations)).toThrow(ConfigError);
  });

  it("refuse a second registration of the same name, and a scope that is none", () => {
    const registrations = new Registrations();
    registrations.addTool("a", {}, nothing);
    expect(() => registrations.addTool("a", {}, nothing)).toThrow(ConfigError);
    expect(() => registrations.addTool("b", { requiredScopes: ["two words"] }, nothing)).toThrow("two words");
  });

  describe("find the rule of a resource as the SDK finds the resource", () => {
    const registrations = new Registrations();
    registrations.addResource("exact", "places://all", { requiredScopes: ["all"] }, nothing);
    registrations.addResource(
      "user",
      new ResourceTemplate("places://users/{id}", { list: undefined }),
      { requiredScopes: ["user"] },
      nothing,
    );
    const { rules } = offerOf(registrations);
    const scopesOf = (name: string) => rules({ kind: "resource", name })?.requiredScopes;

    it("which takes templates with numbers for names first", () => {
      const numbered = new Registrations();
      const list = { list: undefined };
      numbered.addResource("all", new ResourceTemplate("n://{+all}", list), {}, nothing);
      numbered.addResource("2", new ResourceTemplate("n://vault/{id}", list), { requiredRoles: ["admin"] }, nothing);
      expect(offerOf(numbered).rules({ kind: "resource", name: "n://vault/1" })?.requiredRoles).toEqual(["admin"]);
    });

    it("a template itself is found by its text", () => {
      expect(rules({ kind: "resource template", name: "places://users/{id}" })?.requiredScopes).toEqual(["user"]);
      expect(rules({ kind: "resource template", name: "places://users/7" })).toBeUndefined();
    });

    it.each([
      ["places://all", ["all"]],
      ["PLACES://all", ["all"]],
      ["places://users/7", ["user"]],
      ["PLACES://users/7", ["user"]],
      ["places://other", undefined],
      ["no uri", undefined],
    ])("%s", (uri, scopes) => {
      expect(scopesOf(uri)).toEqual(scopes);
    });
  });
});

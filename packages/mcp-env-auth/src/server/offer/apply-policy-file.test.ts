import { ResourceTemplate } from "@modelcontextprotocol/server";
import { describe, expect, it } from "vitest";
import { PUBLIC_RULE } from "../../authorization/access-rule.ts";
import type { PolicyFile } from "../../authorization/policy-file.ts";
import { applyPolicyFile } from "./apply-policy-file.ts";
import { Registrations } from "./registrations.ts";

const nothing = () => "nothing";

function apply(policy: PolicyFile | undefined) {
  const registrations = new Registrations();
  registrations.addTool("open", {}, nothing);
  registrations.addTool(
    "guarded",
    {
      requiredScopes: ["a"],
      anyScope: ["b", "c"],
      requiredRoles: ["editor"],
      requiredOrganizations: ["org_a", "org_b"],
    },
    nothing,
  );
  registrations.addTool("public", { access: "public" }, nothing);
  registrations.addPrompt("open", {}, nothing);
  registrations.addResource("one", "R://One", {}, nothing);
  registrations.addResource("many", new ResourceTemplate("r://{id}", { list: undefined }), {}, nothing);
  const all = registrations.close();
  const { rules, problems } = applyPolicyFile(all, policy);
  const ruleOf = (kind: string, name: string) => {
    const registration = all.find(({ operation }) => operation.kind === kind && operation.name === name);
    return registration && rules.get(registration);
  };
  return { ruleOf, problems };
}

describe("Security rule 19: a policy of the deployer's", () => {
  it("adds to what code asks for, and takes nothing away", () => {
    const { ruleOf, problems } = apply({
      tools: {
        guarded: { scopes: ["a", "d"], permissions: ["p"], roles: ["author"], organizations: ["org_b", "org_c"] },
      },
    });
    expect(problems).toEqual([]);
    expect(ruleOf("tool", "guarded")).toEqual({
      requiredScopes: ["a", "d"],
      anyScope: ["b", "c"],
      requiredPermissions: ["p"],
      requiredRoles: ["editor", "author"],
      requiredOrganizations: ["org_b"],
      hidden: false,
    });
    expect(ruleOf("tool", "guarded")).not.toEqual(apply(undefined).ruleOf("tool", "guarded"));
    expect(apply({ tools: { guarded: {} } }).ruleOf("tool", "guarded")).toEqual(
      apply(undefined).ruleOf("tool", "guarded"),
    );
  });

  it("protects what code made public, and makes nothing public", () => {
    expect(apply(undefined).ruleOf("tool", "public")).toBe(PUBLIC_RULE);
    expect(apply({ prompts: { "*": { scopes: ["x"] } } }).ruleOf("tool", "public")).toBe(PUBLIC_RULE);
    for (const name of ["public", "*"]) {
      const { ruleOf } = apply({ tools: { [name]: { scopes: ["x"] } } });
      expect(ruleOf("tool", "public")).not.toBe(PUBLIC_RULE);
      expect(ruleOf("tool", "public")).toMatchObject({ requiredScopes: ["x"] });
    }
    expect(apply({ tools: { "*": { visibility: "hidden" } } }).ruleOf("tool", "public")).not.toBe(PUBLIC_RULE);
    expect(apply({ tools: { open: {} } }).ruleOf("tool", "open")).not.toBe(PUBLIC_RULE);
  });

  it("says of organizations that leave nobody which rule it is that they don't fit", () => {
    const { problems } = apply({ tools: { "*": { organizations: ["org_a"] }, open: { organizations: ["org_c"] } } });
    expect(problems).toEqual([
      "$.tools.open.organizations leaves nobody who may use it. The tool open is for org_a by another rule, such as that of *, and both have to hold.",
    ]);
    const [problem] = apply({ tools: { guarded: { organizations: ["org_c"] } } }).problems;
    expect(problem).toContain("for org_a, org_b by the code");
  });

  it("refuses to hide by name what everybody may use, which would hide it from nobody", () => {
    const problem = "$.tools.open.visibility hides it from nobody";
    const hidden = { visibility: "hidden" } as const;
    expect(apply({ tools: { open: hidden } }).problems).toEqual([expect.stringContaining(problem)]);
    expect(apply({ tools: { guarded: hidden, "*": hidden } }).problems).toEqual([]);
    expect(apply({ tools: { open: hidden, "*": { roles: ["user"] } } }).problems).toEqual([]);
  });

  it("speaks of every one of a kind by *, and of one in particular beside it", () => {
    const { ruleOf } = apply({
      tools: { "*": { roles: ["user"] }, open: { roles: ["author"], visibility: "hidden" } },
    });
    expect(ruleOf("tool", "open")).toMatchObject({ requiredRoles: ["user", "author"], hidden: true });
    expect(ruleOf("tool", "guarded")).toMatchObject({ requiredRoles: ["editor", "user"], hidden: false });
    expect(ruleOf("prompt", "open")).toMatchObject({ requiredRoles: [] });
  });

  it("knows resources by URI in any spelling of it, and templates by their text", () => {
    const { ruleOf, problems } = apply({
      resources: { "r://One": { roles: ["x"] } },
      resourceTemplates: { "r://{id}": { roles: ["y"] } },
      prompts: { open: { roles: ["z"] } },
    });
    expect(problems).toEqual([]);
    expect(ruleOf("resource", "r://One")?.requiredRoles).toEqual(["x"]);
    expect(ruleOf("resource template", "r://{id}")?.requiredRoles).toEqual(["y"]);
    expect(ruleOf("prompt", "open")?.requiredRoles).toEqual(["z"]);
  });

  it("is refused for every name that nobody registered, with the nearest that somebody did", () => {
    const rule = { roles: ["x"] };
    expect(
      apply({
        tools: { gaurded: rule, constructor: rule },
        resources: { many: rule, "r://{id}": rule },
        resourceTemplates: { "r://7": rule },
        prompts: { guarded: rule },
      }).problems,
    ).toEqual([
      "$.tools.gaurded is no tool of this server. Did you mean guarded?",
      "$.tools.constructor is no tool of this server. There are: open, guarded, public",
      "$.resources.many is no resource of this server. There are: r://One",
      '$.resources["r://{id}"] is no resource of this server. There are: r://One',
      '$.resourceTemplates["r://7"] is no resource template of this server. There are: r://{id}',
      "$.prompts.guarded is no prompt of this server. There are: open",
    ]);
    expect(applyPolicyFile([], { tools: { "*": rule } }).problems).toEqual([
      '$.tools["*"] is no tool: this server registers none.',
    ]);
  });

  it("is refused when it leaves nobody who may use something", () => {
    expect(apply({ tools: { guarded: { organizations: ["org_c"] } } }).problems).toEqual([
      "$.tools.guarded.organizations leaves nobody who may use it. The tool guarded is for org_a, org_b by the code, and a policy can't open it to others.",
    ]);
  });
});

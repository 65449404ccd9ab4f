import { describe, expect, it } from "vitest";
import { parsePolicyFile } from "./parse-policy-file.ts";

const problemsOf = (document: unknown) =>
  parsePolicyFile(typeof document === "string" ? document : JSON.stringify(document)).problems;

describe("a policy", () => {
  it("may hold rules for every kind of registration", () => {
    const document = {
      $schema: "./node_modules/mcp-env-auth/authorization.schema.json",
      tools: {
        "*": { roles: ["Weather User"] },
        save_place: { scopes: ["weather:write"], permissions: ["weather:write"] },
      },
      resources: { "weather://saved-places": { organizations: ["org_acme"] } },
      resourceTemplates: { "weather://{city}": { visibility: "hidden" } },
      prompts: { daily_briefing: {} },
    };
    expect(parsePolicyFile(JSON.stringify(document))).toEqual({ policy: document, problems: [] });
    expect(parsePolicyFile("{}")).toEqual({ policy: {}, problems: [] });
  });

  it.each([
    ["", "$ is no JSON. The file is empty."],
    ["{tools:{}}", "$ is no JSON."],
    ['{\n  // a comment\n  "tools": {}\n}', "$ is no JSON. It seems to hold comments, which JSON has none of."],
    ["[]", "$ must be an object."],
    ["null", "$ must be an object."],
    [{ tools: [] }, "$.tools must be an object."],
    [{ tools: { a: "admin" } }, "$.tools.a must be an object."],
    [{ tools: { a: null } }, "$.tools.a must be an object."],
    [{ tools: { a: { roles: "admin" } } }, "$.tools.a.roles must be a list of texts."],
    [{ tools: { a: { roles: [] } } }, "$.tools.a.roles is an empty list, which asks for nothing; leave it out."],
    [{ tools: { a: { roles: [1] } } }, "$.tools.a.roles[0] must be a text."],
    [
      { tools: { a: { roles: [" x"] } } },
      "$.tools.a.roles[0] must be a text that is not empty, without spaces around it.",
    ],
    [
      { tools: { a: { scopes: ["a b"] } } },
      "$.tools.a.scopes[0] must be one word without quotes or backslashes (RFC 6749 section 3.3).",
    ],
    [
      { tools: { a: { scopes: ["offline_access"] } } },
      "$.tools.a.scopes[0] can't be offline_access, which no access token carries.",
    ],
    [{ tools: { a: { visibility: "listed" } } }, '$.tools.a.visibility must be "hidden", or be left out.'],
    [{ tools: { a: { role: ["x"] } } }, "$.tools.a.role is no field. Did you mean roles?"],
    [{ tools: { a: { requiredRoles: ["x"] } } }, "$.tools.a.requiredRoles is no field. Did you mean roles?"],
    [{ tools: { a: { anyScope: ["x"] } } }, "$.tools.a.anyScope is no field. Did you mean scopes?"],
    [
      { tools: { a: { allow: true } } },
      "$.tools.a.allow is no field. There are scopes, permissions, roles, organizations, visibility.",
    ],
    [{ tool: {} }, "$.tool is no field. Did you mean tools?"],
    [
      { constructor: {} },
      "$.constructor is no field. There are default, tools, resources, resourceTemplates, prompts, quotas.",
    ],
    [{ quota: {} }, "$.quota is no field. Did you mean quotas?"],
    [{ quotas: 60 }, "$.quotas must be an object."],
    [{ quotas: { perUsers: 60 } }, "$.quotas.perUsers is no field. Did you mean perUser?"],
    [{ quotas: { scopes: ["a"] } }, "$.quotas.scopes is no field. There are perUser, perClient."],
    [{ quotas: { perUser: "60" } }, "$.quotas.perUser must be a whole number."],
    [{ quotas: { perClient: 1.5 } }, "$.quotas.perClient must be a whole number."],
    [{ quotas: { perClient: null } }, "$.quotas.perClient must be a whole number."],
    [{ quotas: { perUser: 0 } }, "$.quotas.perUser must be 1 or more; leave it out for no limit."],
    [{ quotas: { perUser: 2e9 } }, "$.quotas.perUser must be 1000000000 or less."],
    [
      '{"quotas":{"perUser":60,"perUser":600}}',
      "$.quotas.perUser stands there more than once, and only one of them would count. Put all of it into one.",
    ],
    [
      '{"tools":{"a":{"roles":["x"]},"a":{}}}',
      "$.tools.a stands there more than once, and only one of them would count. Put all of it into one.",
    ],
    ['{"tools":{"__proto__":{"roles":["x"]}}}', "$.tools.__proto__ is a name that nothing can have."],
  ])("that is %j is refused with what is wrong", (document, problem) => {
    expect(problemsOf(document)).toEqual([problem]);
  });

  it("is told all that is wrong with it at once", () => {
    expect(problemsOf({ tools: { a: { roles: "x", scope: [] }, "b-c": { scopes: [""] } }, extra: 1 })).toEqual([
      "$.tools.a.roles must be a list of texts.",
      "$.tools.a.scope is no field. Did you mean scopes?",
      '$.tools["b-c"].scopes[0] must be one word without quotes or backslashes (RFC 6749 section 3.3).',
      "$.extra is no field. There are default, tools, resources, resourceTemplates, prompts, quotas.",
    ]);
  });
});

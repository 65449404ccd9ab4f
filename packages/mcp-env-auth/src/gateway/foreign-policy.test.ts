import { describe, expect, it } from "vitest";
import type { AccessToken } from "../access-token.ts";
import type { Operation } from "../authorization/operations.ts";
import type { PolicyFile } from "../authorization/policy-file.ts";
import { createForeignPolicy } from "./foreign-policy.ts";

const token = (more: Partial<AccessToken> = {}): AccessToken => ({
  ...{ token: "t", clientId: "c", scopes: [], expiresAt: 2e9, claims: {}, subject: "alice" },
  ...more,
});

/** How a caller stands to what is named. */
function standing(file: PolicyFile, kind: Operation["kind"], name: string, caller = token()): string {
  const policy = createForeignPolicy(file);
  const rule = policy.rules({ kind, name });
  return rule === undefined ? "unknown" : policy.access.standing(rule, caller).kind;
}

describe("a policy for tools that are not registered here", () => {
  it("denies what no rule names, unless the file says otherwise", () => {
    expect(standing({ tools: { read: {} } }, "tool", "read")).toBe("allowed");
    expect(standing({ tools: { read: {} } }, "tool", "write")).toBe("forbidden");
    expect(standing({ tools: { read: {} } }, "prompt", "read")).toBe("forbidden");
    expect(standing({ default: "deny" }, "tool", "read")).toBe("forbidden");
    expect(standing({ default: "allow", tools: { read: { scopes: ["a"] } } }, "tool", "write")).toBe("allowed");
    expect(standing({ default: "allow", tools: { read: { scopes: ["a"] } } }, "tool", "read")).toBe("scopes");
  });

  it("takes * in a name for any characters, and asks for what all matching entries ask for", () => {
    const file = { tools: { "*": { scopes: ["any"] }, "delete_*": { roles: ["admin"] }, delete_draft: {} } };
    expect(standing(file, "tool", "list", token({ scopes: ["any"] }))).toBe("allowed");
    expect(standing(file, "tool", "delete_draft", token({ scopes: ["any"] }))).toBe("forbidden");
    expect(standing(file, "tool", "delete_draft", token({ scopes: ["any"], roles: ["admin"] }))).toBe("allowed");
    expect(standing(file, "tool", "delete_\nall", token({ scopes: ["any"] }))).toBe("forbidden");
    expect(standing({ tools: { "a.c": {}, "d*f": {} } }, "tool", "abc")).toBe("forbidden");
    expect(standing({ tools: { "a.c": {}, "d*f": {} } }, "tool", "def\n")).toBe("forbidden");
  });

  it("leaves nobody where two entries name different organizations", () => {
    const file = { tools: { "*": { organizations: ["one"] }, a: { organizations: ["two"] } } };
    expect(standing(file, "tool", "a", token({ organization: "two" }))).toBe("forbidden");
    expect(standing(file, "tool", "b", token({ organization: "one" }))).toBe("allowed");
  });

  it.each([
    "notes://secret/1",
    "NOTES://secret/1",
    "notes://secret/%31",
    "notes://secret/./1",
    "notes://secret/x/../1",
    "notes://%73ecret/1",
  ])("reads the resource %s as an upstream may, and asks for what the rule asks for", (uri) => {
    const file: PolicyFile = { default: "allow", resources: { "notes://secret/1": { scopes: ["a"] } } };
    expect(standing(file, "resource", uri)).toBe("scopes");
    expect(standing({ ...file, default: "deny" }, "resource", uri)).not.toBe("allowed");
  });

  it("allows another spelling of a URI only where a rule names that", () => {
    const file: PolicyFile = { resources: { "notes://open": {} } };
    expect(standing(file, "resource", "notes://open")).toBe("allowed");
    expect(standing(file, "resource", "NOTES://open")).toBe("forbidden");
  });

  it("finds the template that a URI is of", () => {
    const file: PolicyFile = { resourceTemplates: { "weather://{city}": { scopes: ["a"] }, "files:///{+path}": {} } };
    expect(standing(file, "resource", "weather://Berlin")).toBe("scopes");
    expect(standing(file, "resource", "weather://Berlin/today")).toBe("forbidden");
    expect(standing(file, "resource", "files:///a/b")).toBe("allowed");
    expect(standing(file, "resource template", "weather://{city}")).toBe("scopes");
    expect(standing(file, "resource template", "other://{city}")).toBe("forbidden");
  });

  it("knows every scope that it asks for", () => {
    const file = { tools: { a: { scopes: ["one", "two"] } }, prompts: { b: { scopes: ["two", "three"] } } };
    expect(createForeignPolicy(file).askedScopes).toEqual(["one", "two", "three"]);
  });
});

import { describe, expect, it } from "vitest";
import type { AccessToken } from "../access-token.ts";
import { type AccessRules, createAccessPolicy } from "./access-policy.ts";
import { type AccessRule, OPEN_RULE } from "./access-rule.ts";
import { operationsIn } from "./operations.ts";

const TOOLS: Readonly<Record<string, Partial<AccessRule>>> = {
  open: OPEN_RULE,
  write: { requiredScopes: ["weather:read", "weather:write"] },
  delete: { requiredScopes: ["weather:delete"] },
  either: { requiredScopes: ["openid"], anyScope: ["weather:write", "weather:admin"] },
  permitted: { requiredPermissions: ["weather:approve"] },
  edited: { requiredScopes: ["weather:write"], requiredRoles: ["editor", "author"] },
  tenant: { requiredOrganizations: ["org_acme", "org_other"] },
  secret: { requiredScopes: ["weather:delete"], hidden: true },
};
const rules: AccessRules = ({ kind, name }) =>
  kind === "tool" && Object.hasOwn(TOOLS, name) ? { ...OPEN_RULE, ...TOOLS[name] } : undefined;
const policy = createAccessPolicy(rules, { "weather:admin": ["weather:write"], "weather:write": ["weather:read"] });

const call = (name: string, id = 1) => ({ jsonrpc: "2.0", id, method: "tools/call", params: { name } });

const holding = (scopes: readonly string[], more: Partial<AccessToken> = {}): AccessToken => ({
  token: "t",
  clientId: "c",
  scopes,
  expiresAt: 2e9,
  claims: {},
  subject: "s",
  ...more,
});

describe("judging a request body", () => {
  it("allows an operation whose scopes are all granted", () => {
    expect(policy.judge(call("write"), holding(["weather:read", "weather:write"]))).toBeUndefined();
  });

  it("asks for every scope that the operation needs, the granted ones included", () => {
    expect(policy.judge(call("write"), holding(["weather:read"]))).toEqual({
      kind: "scopes",
      scopes: ["weather:read", "weather:write"],
      description: "The tool write needs the scope weather:write.",
    });
  });

  it("judges every message of a batch, and asks for all refused ones in one denial", () => {
    const denial = policy.judge([call("open"), call("write", 2), call("delete", 3)], holding([]));
    expect(denial).toMatchObject({ scopes: ["weather:read", "weather:write", "weather:delete"] });
  });

  it("takes one of several scopes where any will do, and asks for the first where there is none", () => {
    expect(policy.judge(call("either"), holding(["openid", "weather:admin"]))).toBeUndefined();
    expect(policy.judge(call("either"), holding(["openid"]))).toEqual({
      kind: "scopes",
      scopes: ["openid", "weather:write"],
      description: "The tool either needs the scope weather:write.",
    });
    expect(policy.judge(call("either"), holding(["weather:admin"]))).toMatchObject({
      scopes: ["openid", "weather:write"],
    });
  });

  it("lets a scope stand for all that it implies, through others too", () => {
    expect(policy.judge(call("write"), holding(["weather:admin"]))).toBeUndefined();
    expect(policy.judge(call("write"), holding(["weather:write"]))).toBeUndefined();
    expect(policy.judge(call("delete"), holding(["weather:admin"]))).toMatchObject({ scopes: ["weather:delete"] });
    expect(policy.missing(["weather:read", "openid"], holding(["weather:admin"]))).toEqual(["openid"]);
  });

  it("asks for no scope that the provider did not grant when it was asked for", () => {
    const withheldScopes = ["weather:write"];
    expect(policy.judge(call("write"), holding(["weather:read"], { withheldScopes }))).toEqual({
      kind: "forbidden",
      description:
        "The tool write needs the scope weather:write, which the identity provider did not grant to this login. Ask whoever manages the account for it, then log in again.",
    });
    expect(policy.judge([call("delete"), call("write", 2)], holding([], { withheldScopes }))?.kind).toBe("forbidden");
    expect(policy.judge(call("delete"), holding([], { withheldScopes }))).toMatchObject({
      kind: "scopes",
      scopes: ["weather:delete"],
    });
    expect(policy.judge(call("write"), holding(["weather:admin"], { withheldScopes }))).toBeUndefined();
  });

  it("asks for one of several scopes that a login may still give, while there is one", () => {
    const ask = (withheldScopes: readonly string[]) =>
      policy.judge(call("either"), holding(["openid"], { withheldScopes }));
    expect(ask(["weather:write"])).toMatchObject({ kind: "scopes", scopes: ["openid", "weather:admin"] });
    expect(ask(["weather:write", "weather:admin"])?.kind).toBe("forbidden");
  });

  it("is not led astray by a hierarchy that goes in circles, or by names of Object's own", () => {
    const circular = createAccessPolicy(rules, { a: ["b"], b: ["a", "weather:delete"] });
    expect(circular.judge(call("delete"), holding(["a"]))).toBeUndefined();
    expect(circular.judge(call("delete"), holding(["constructor", "__proto__"]))).toMatchObject({
      scopes: ["weather:delete"],
    });
  });

  it("leaves a name that nobody registered to the protocol layer", () => {
    expect(policy.judge(call("unknown"), holding([]))).toBeUndefined();
  });

  it.each([null, 1, "text", [], {}, [null], { method: "tools/call" }, { method: "tools/call", params: { name: 5 } }])(
    "finds nothing to judge in %j",
    (body) => {
      expect(policy.judge(body, holding([]))).toBeUndefined();
    },
  );
});

describe("Security rule 19: what no login for more scopes can give", () => {
  it("is a permission, by the raw claim: consent does not decide what a user may do", () => {
    expect(
      policy.judge(call("permitted"), holding([], { claims: { permissions: ["weather:approve"] } })),
    ).toBeUndefined();
    expect(policy.judge(call("permitted"), holding(["weather:approve"]))).toEqual({
      kind: "forbidden",
      description: expect.stringMatching(/^The tool permitted needs the permission weather:approve, /),
    });
  });

  it("never stands in for a scope: what the user may do is no grant to the client", () => {
    const claims = { permissions: ["weather:delete"] };
    expect(policy.judge(call("delete"), holding([], { claims }))).toMatchObject({ scopes: ["weather:delete"] });
  });

  it("is a role: all of them are needed, and those that are missing are named", () => {
    expect(policy.judge(call("edited"), holding(["weather:write"], { roles: ["editor", "author"] }))).toBeUndefined();
    expect(policy.judge(call("edited"), holding(["weather:write"], { roles: ["editor"] }))).toMatchObject({
      description: expect.stringContaining("needs the role author, "),
    });
    expect(policy.judge(call("edited"), holding(["weather:write"]))).toMatchObject({
      description: expect.stringContaining("needs the roles editor, author, "),
    });
  });

  it("is an organization: one of them is enough, and none is named to those of another", () => {
    expect(policy.judge(call("tenant"), holding([], { organization: "org_acme" }))).toBeUndefined();
    for (const more of [{}, { organization: "org_evil" }, { claims: { org_id: "org_acme" } }]) {
      const denial = policy.judge(call("tenant"), holding([], more));
      expect(denial?.kind).toBe("forbidden");
      expect(denial?.description).not.toContain("org_");
    }
  });

  it("is told before any scope is asked for, in a batch too", () => {
    expect(policy.judge(call("edited"), holding([]))?.kind).toBe("forbidden");
    expect(policy.judge([call("write"), call("edited", 2)], holding([]))?.kind).toBe("forbidden");
    const denial = policy.judge([call("write"), call("edited", 2)], holding([], { withheldScopes: ["weather:write"] }));
    expect(denial?.description).toMatch(/^The tool edited needs the roles editor, author, /);
  });

  it.each([["editor author"], "editor author", { editor: true, author: true }, [["editor", "author"]]])(
    "is not met by permissions written as %j",
    (permissions) => {
      const claims = { permissions: permissions === "editor author" ? ["editor author"] : permissions };
      const needing = createAccessPolicy(() => ({ ...OPEN_RULE, requiredPermissions: ["editor", "author"] }));
      expect(needing.judge(call("any"), holding([], { claims }))?.kind).toBe("forbidden");
    },
  );

  it("is not met by what an object inherits", () => {
    const needing = createAccessPolicy(() => ({ ...OPEN_RULE, requiredPermissions: ["x"] }));
    const claims = Object.create({ permissions: ["x"] }) as Record<string, unknown>;
    expect(needing.judge(call("any"), holding([], { claims }))?.kind).toBe("forbidden");
  });
});

describe("what is hidden", () => {
  it("is left to the protocol layer, which does not know it, unless the caller may use it", () => {
    expect(policy.judge(call("secret"), holding([]))).toBeUndefined();
    expect(policy.judge([call("secret"), call("delete", 2)], holding([]))).toMatchObject({
      scopes: ["weather:delete"],
    });
  });
});

describe("finding the operations of a message", () => {
  it.each([
    ["tools/call", { name: "t" }, { kind: "tool", name: "t" }],
    ["prompts/get", { name: "p" }, { kind: "prompt", name: "p" }],
    ["resources/read", { uri: "a://b" }, { kind: "resource", name: "a://b" }],
    ["resources/subscribe", { uri: "a://b" }, { kind: "resource", name: "a://b" }],
    ["completion/complete", { ref: { type: "ref/prompt", name: "p" } }, { kind: "prompt", name: "p" }],
    [
      "completion/complete",
      { ref: { type: "ref/resource", uri: "a://{b}" } },
      { kind: "resource template", name: "a://{b}" },
    ],
    [
      "subscriptions/listen",
      { notifications: { resourceSubscriptions: ["a://b"] } },
      { kind: "resource", name: "a://b" },
    ],
  ])("sees what %s with %j uses", (method, params, operation) => {
    expect(operationsIn({ jsonrpc: "2.0", id: 1, method, params })).toEqual([operation]);
  });

  it.each(["tools/list", "initialize", "ping", "server/discover"])("sees none in %s", (method) => {
    expect(operationsIn({ jsonrpc: "2.0", id: 1, method, params: { name: "t", uri: "a://b" } })).toEqual([]);
  });
});

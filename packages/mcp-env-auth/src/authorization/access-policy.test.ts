import { describe, expect, it } from "vitest";
import { type AccessRules, createAccessPolicy } from "./access-policy.ts";
import { operationsIn } from "./operations.ts";

const rules: AccessRules = ({ kind, name }) => {
  if (kind === "tool" && name === "write") return { requiredScopes: ["weather:read", "weather:write"], anyScope: [] };
  if (kind === "tool" && name === "delete") return { requiredScopes: ["weather:delete"], anyScope: [] };
  if (kind === "tool" && name === "open") return { requiredScopes: [], anyScope: [] };
  if (kind === "tool" && name === "either")
    return { requiredScopes: ["openid"], anyScope: ["weather:write", "weather:admin"] };
  return undefined;
};
const policy = createAccessPolicy(rules, { "weather:admin": ["weather:write"], "weather:write": ["weather:read"] });

const call = (name: string, id = 1) => ({ jsonrpc: "2.0", id, method: "tools/call", params: { name } });

describe("judging a request body", () => {
  it("allows an operation whose scopes are all granted", () => {
    expect(policy.judge(call("write"), ["weather:read", "weather:write"])).toBeUndefined();
  });

  it("asks for every scope that the operation needs, the granted ones included", () => {
    expect(policy.judge(call("write"), ["weather:read"])).toEqual({
      scopes: ["weather:read", "weather:write"],
      description: "The tool write needs the scope weather:write.",
    });
  });

  it("judges every message of a batch, and asks for all refused ones in one denial", () => {
    const denial = policy.judge([call("open"), call("write", 2), call("delete", 3)], []);
    expect(denial?.scopes).toEqual(["weather:read", "weather:write", "weather:delete"]);
  });

  it("takes one of several scopes where any will do, and asks for the first where there is none", () => {
    expect(policy.judge(call("either"), ["openid", "weather:admin"])).toBeUndefined();
    expect(policy.judge(call("either"), ["openid"])).toEqual({
      scopes: ["openid", "weather:write"],
      description: "The tool either needs the scope weather:write.",
    });
    expect(policy.judge(call("either"), ["weather:admin"])?.scopes).toEqual(["openid", "weather:write"]);
  });

  it("lets a scope stand for all that it implies, through others too", () => {
    expect(policy.judge(call("write"), ["weather:admin"])).toBeUndefined();
    expect(policy.judge(call("write"), ["weather:write"])).toBeUndefined();
    expect(policy.judge(call("delete"), ["weather:admin"])?.scopes).toEqual(["weather:delete"]);
    expect(policy.missing({ requiredScopes: ["weather:read", "openid"], anyScope: [] }, ["weather:admin"])).toEqual([
      "openid",
    ]);
  });

  it("is not led astray by a hierarchy that goes in circles, or by names of Object's own", () => {
    const circular = createAccessPolicy(rules, { a: ["b"], b: ["a", "weather:delete"] });
    expect(circular.judge(call("delete"), ["a"])).toBeUndefined();
    expect(circular.judge(call("delete"), ["constructor", "__proto__"])?.scopes).toEqual(["weather:delete"]);
  });

  it("leaves a name that nobody registered to the protocol layer", () => {
    expect(policy.judge(call("unknown"), [])).toBeUndefined();
  });

  it.each([null, 1, "text", [], {}, [null], { method: "tools/call" }, { method: "tools/call", params: { name: 5 } }])(
    "finds nothing to judge in %j",
    (body) => {
      expect(policy.judge(body, [])).toBeUndefined();
    },
  );
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

import { describe, expect, it } from "vitest";
import { type AccessRules, judge } from "./access-rules.ts";
import { operationsIn } from "./operations.ts";

const rules: AccessRules = ({ kind, name }) => {
  if (kind === "tool" && name === "write") return { requiredScopes: ["weather:read", "weather:write"] };
  if (kind === "tool" && name === "delete") return { requiredScopes: ["weather:delete"] };
  if (kind === "tool" && name === "open") return { requiredScopes: [] };
  return undefined;
};

const call = (name: string, id = 1) => ({ jsonrpc: "2.0", id, method: "tools/call", params: { name } });

describe("judging a request body", () => {
  it("allows an operation whose scopes are all granted", () => {
    expect(judge(call("write"), rules, ["weather:read", "weather:write"])).toBeUndefined();
  });

  it("asks for every scope that the operation needs, the granted ones included", () => {
    expect(judge(call("write"), rules, ["weather:read"])).toEqual({
      scopes: ["weather:read", "weather:write"],
      description: "The tool write needs the scope weather:write.",
    });
  });

  it("judges every message of a batch, and asks for all refused ones in one denial", () => {
    const denial = judge([call("open"), call("write", 2), call("delete", 3)], rules, []);
    expect(denial?.scopes).toEqual(["weather:read", "weather:write", "weather:delete"]);
  });

  it("leaves a name that nobody registered to the protocol layer", () => {
    expect(judge(call("unknown"), rules, [])).toBeUndefined();
  });

  it.each([null, 1, "text", [], {}, [null], { method: "tools/call" }, { method: "tools/call", params: { name: 5 } }])(
    "finds nothing to judge in %j",
    (body) => {
      expect(judge(body, rules, [])).toBeUndefined();
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
    ["completion/complete", { ref: { type: "ref/resource", uri: "a://{b}" } }, { kind: "resource", name: "a://{b}" }],
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

import { describe, expect, it } from "vitest";
import { type RefusedCall, refusalResult } from "./refusal-result.ts";
import { toolCall } from "./testing/tool-call.ts";

const refused = (kind: RefusedCall["kind"]): RefusedCall => ({ kind, text: "Why.", challenges: ["Bearer a"] });
const { body } = toolCall("2025-11-25", "write");

describe("a refused call of a tool", () => {
  it("is a result with the challenge to ChatGPT, where a login helps", () => {
    for (const kind of ["login", "scopes"] as const) {
      expect(refusalResult(body, "chatgpt", refused(kind))).toEqual({
        jsonrpc: "2.0",
        id: 1,
        result: {
          isError: true,
          content: [{ type: "text", text: "Why." }],
          _meta: { "mcp/www_authenticate": ["Bearer a"] },
        },
      });
    }
    expect(refusalResult(body, "chatgpt", refused("account"))).toBeUndefined();
  });

  it("is a result without a challenge to Claude, where a login does not help", () => {
    for (const kind of ["scopes", "account"] as const) {
      expect(refusalResult(body, "claude", refused(kind))).toEqual({
        jsonrpc: "2.0",
        id: 1,
        result: { isError: true, content: [{ type: "text", text: "Why." }] },
      });
    }
    expect(refusalResult(body, "claude", refused("login"))).toBeUndefined();
  });

  it("is said by the HTTP response to all others", () => {
    for (const kind of ["login", "scopes", "account"] as const) {
      expect(refusalResult(body, "sdk", refused(kind))).toBeUndefined();
    }
  });

  it("is whole in 2026-07-28", () => {
    const answer = refusalResult(toolCall("2026-07-28", "write").body, "chatgpt", refused("scopes"));
    expect(answer).toMatchObject({ result: { resultType: "complete", isError: true } });
  });

  it.each([
    ["a batch", [body]],
    ["a notification", { ...body, id: undefined }],
    ["an id that is no id", { ...body, id: null }],
    ["an id that is an object", { ...body, id: {} }],
    ["another request", { ...body, method: "resources/read" }],
    ["no JSON-RPC", { ...body, jsonrpc: "1.0" }],
    ["nothing", undefined],
    ["a number", 1],
  ])("of %s is said by the HTTP response", (_what, other) => {
    expect(refusalResult(other, "chatgpt", refused("scopes"))).toBeUndefined();
  });
});

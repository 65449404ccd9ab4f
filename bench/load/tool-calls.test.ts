import { expect, it } from "vitest";
import { toolCalls } from "./tool-calls.mjs";

const calls = toolCalls("2026-07-28", { tool: "greet_10", token: "abc" });

it("takes only the right answer to the same number", () => {
  const answer = JSON.stringify({ result: { content: [{ type: "text", text: "Hello, caller 12!" }] } });
  expect(calls.isAnswered(200, answer, 12)).toBe(true);
  expect(calls.isAnswered(200, answer, 1)).toBe(false);
  expect(calls.isAnswered(200, answer, 120)).toBe(false);
  expect(calls.isAnswered(401, answer, 12)).toBe(false);
  expect(calls.isAnswered(200, JSON.stringify({ isError: true, text: "Hello, caller 12!" }), 12)).toBe(false);
});

it("speaks the era's protocol, with the caller's token", () => {
  expect(calls.headers).toMatchObject({
    authorization: "Bearer abc",
    "mcp-protocol-version": "2026-07-28",
    "mcp-name": "greet_10",
  });
  expect(JSON.parse(calls.body(7))).toMatchObject({ id: 7, params: { arguments: { text: "caller 7" } } });
  const legacy = toolCalls("2025-11-25", { tool: "greet_10", token: undefined });
  expect(legacy.headers).not.toHaveProperty("authorization");
  expect(legacy.headers).not.toHaveProperty("mcp-name");
  expect(JSON.parse(legacy.body(7)).params).not.toHaveProperty("_meta");
});

import { describe, expect, it } from "vitest";
import { OPEN_RULE, PUBLIC_RULE } from "./access-rule.ts";
import type { Operation } from "./operations.ts";
import { isForStrangers } from "./stranger-requests.ts";

const RULES: Readonly<Record<string, typeof OPEN_RULE>> = {
  "tool open": PUBLIC_RULE,
  "tool member": OPEN_RULE,
  // As a policy file makes it of a public one.
  "tool narrowed": { ...PUBLIC_RULE },
  "prompt open": PUBLIC_RULE,
  "resource city://lisbon": PUBLIC_RULE,
  "resource template city://{name}": PUBLIC_RULE,
};
const rules = ({ kind, name }: Operation) => RULES[`${kind} ${name}`];
const may = (body: unknown) => isForStrangers(body, rules);
const message = (method: unknown, params?: unknown) => ({ jsonrpc: "2.0", id: 1, method, params });

describe("what may come without a token", () => {
  it.each([
    message("initialize", { capabilities: {} }),
    message("ping"),
    message("tools/list"),
    { jsonrpc: "2.0", method: "notifications/initialized" },
    message("tools/call", { name: "open" }),
    message("prompts/get", { name: "open" }),
    message("resources/read", { uri: "city://lisbon" }),
    message("completion/complete", { ref: { type: "ref/prompt", name: "open" } }),
    message("completion/complete", { ref: { type: "ref/resource", uri: "city://{name}" } }),
    [message("ping"), message("tools/call", { name: "open" })],
  ])("is what everybody may ask: %j", (body) => {
    expect(may(body)).toBe(true);
  });

  it.each([
    message("tools/call", { name: "member" }),
    message("tools/call", { name: "narrowed" }),
    message("tools/call", { name: "unknown" }),
    message("tools/call", { name: "toString" }),
    message("tools/call", { name: ["open"] }),
    message("tools/call", { uri: "city://lisbon" }),
    message("tools/call"),
    message("tools/call", ["open"]),
    message("Tools/call", { name: "open" }),
    message("tools/call ", { name: "open" }),
    message(["tools/call"], { name: "open" }),
    message("resources/read", { name: "open" }),
    message("resources/subscribe", { uri: "city://lisbon" }),
    message("subscriptions/listen", { notifications: { resourceSubscriptions: ["city://lisbon"] } }),
    message("subscriptions/listen", { notifications: {} }),
    message("logging/setLevel", { level: "debug" }),
    message("tasks/get", { taskId: "1" }),
    message("notifications/other"),
    message(undefined),
    message("tools/call", { name: "open", inputResponses: {} }),
    message("tools/call", { name: "open", requestState: "" }),
    message("tools/list", { inputResponses: {} }),
    { jsonrpc: "2.0", id: 1, result: {} },
    [],
    [message("ping"), message("tools/call", { name: "member" })],
    [[message("ping")]],
    null,
    "ping",
    1,
    undefined,
  ])("is nothing else: %j", (body) => {
    expect(may(body)).toBe(false);
  });
});

import { describe, expect, it } from "vitest";
import { turnFor } from "./turn-kinds.ts";

const message = (method: string) => ({ jsonrpc: "2.0", id: 1, method });
const notification = { jsonrpc: "2.0", method: "tools/call" };
const answer = { jsonrpc: "2.0", id: 1, result: {} };

describe("the turn of a body", () => {
  it.each(["tools/call", "prompts/get", "resources/read", "completion/complete", "somebody/elses", "list", "toString"])(
    "is that of a call: %s",
    (method) => expect(turnFor(message(method))).toEqual({ kind: "call", messages: 1 }),
  );

  it.each(["tools/list", "prompts/list", "resources/list", "resources/templates/list"])(
    "is that of a list: %s",
    (method) => expect(turnFor(message(method))).toEqual({ kind: "list", messages: 1 }),
  );

  it.each(["initialize", "ping", "server/discover", "subscriptions/listen"])("is none: %s", (method) => {
    expect(turnFor(message(method))).toBeUndefined();
    expect(turnFor([message(method)])).toBeUndefined();
  });

  it.each([
    [notification],
    [answer],
    [undefined],
    [null],
    ["text"],
    [7],
    [[]],
    [{ id: 1, method: 7 }],
    [[null, notification]],
  ])("is none where nothing is to be answered: %j", (body) => expect(turnFor(body)).toBeUndefined());

  it("is that of a call for an id that the protocol does not allow", () => {
    expect(turnFor({ ...message("tools/call"), id: null })).toEqual({ kind: "call", messages: 1 });
  });

  it("is one for a batch, for all of its messages that take turns", () => {
    const others = [notification, answer, message("ping"), message("tools/list")];
    expect(turnFor(others)).toEqual({ kind: "list", messages: 1 });
    expect(turnFor([...others, message("tools/call"), message("tools/call")])).toEqual({ kind: "call", messages: 3 });
  });
});

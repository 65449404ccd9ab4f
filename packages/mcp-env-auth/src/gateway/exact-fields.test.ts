import { describe, expect, it } from "vitest";
import { InvalidMessage } from "../http/mcp-refusals.ts";
import { checkFieldNames } from "./exact-fields.ts";

const message = (more: object) => ({ jsonrpc: "2.0", id: 1, method: "tools/call", ...more });

describe("checkFieldNames()", () => {
  it.each([
    message({ params: { name: "a", arguments: { Name: "b", METHOD: "c" }, _meta: { Uri: 1 } } }),
    message({ params: { ref: { type: "ref/prompt", name: "a" }, argument: { name: "b" } } }),
    [message({}), { jsonrpc: "2.0", id: 1, result: { Name: 1 } }],
    null,
    undefined,
    "text",
    [null, 1],
    message({ params: [] }),
  ])("passes %j", (body) => {
    expect(() => checkFieldNames(body)).not.toThrow();
  });

  it.each([
    message({ Method: "tools/list" }),
    message({ PARAMS: {} }),
    message({ paramſ: {} }),
    message({ params: { name: "a", Name: "b" } }),
    message({ params: { URI: "b" } }),
    message({ params: { ref: { Name: "b" } } }),
    [message({}), message({ params: { Arguments: {} } })],
  ])("refuses %j, which Go reads as another field", (body) => {
    expect(() => checkFieldNames(body)).toThrow(InvalidMessage);
  });

  it("names the field", () => {
    expect(() => checkFieldNames(message({ params: { NAME: 1 } }))).toThrow('Unknown field "params.NAME".');
  });
});

import { describe, expect, it } from "vitest";
import { deepFreeze } from "./deep-freeze.ts";

describe("deepFreeze", () => {
  it("lets nothing inside be changed, and gives the same object", () => {
    const value = { list: [{ name: "a" }], nested: { deeper: { text: "b" } }, nothing: null, number: 1 };
    expect(deepFreeze(value)).toBe(value);
    expect(() => value.list.push({ name: "c" })).toThrow(TypeError);
    expect(() => Object.assign(value.list[0] ?? {}, { name: "c" })).toThrow(TypeError);
    expect(() => Object.assign(value.nested.deeper, { text: "c" })).toThrow(TypeError);
  });

  it("ends at an object that holds itself", () => {
    const value: Record<string, unknown> = {};
    value.self = value;
    expect(Object.isFrozen(deepFreeze(value))).toBe(true);
  });

  it.each([undefined, null, "text", 1])("leaves %s as it is", (value) => {
    expect(deepFreeze(value)).toBe(value);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonPath, lostMembers } from "./json-text.ts";

describe("what JSON.parse loses", () => {
  it.each([
    ['{"a":1,"a":2}', ["$.a"]],
    ['{"tools":{"x":{"roles":["r"]},"x":{}}}', ["$.tools.x"]],
    ['{"a":[{"b":1},{"b":1,"c":2,"b":3}]}', ["$.a[1].b"]],
    ['{"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]}', []],
    ['{"a":"a\\":1,\\"a","b":1}', []],
    ['{"a\\u0062":1,"ab":2}', ["$.ab"]],
    ['{"x y":1, "x y":2}', ['$["x y"]']],
    ['{"a":{"__proto__":{}}}', ["$.a.__proto__"]],
    ['{"\\u005f_proto__":{}}', ["$.__proto__"]],
    ['"{\\"a\\":1,\\"a\\":2}"', []],
    ["[]", []],
    ["7", []],
  ])("of %s is %j", (text, paths) => {
    expect(lostMembers(text).map(({ path }) => path)).toEqual(paths);
  });

  it("is nothing of what JSON.stringify writes", () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const text = JSON.stringify(value);
        fc.pre(!text.includes("__proto__"));
        expect(lostMembers(text)).toEqual([]);
      }),
    );
  });
});

it("a path is written as people write it", () => {
  expect(jsonPath(["tools", "save-place", "roles", 0])).toBe('$.tools["save-place"].roles[0]');
  expect(jsonPath([])).toBe("$");
});

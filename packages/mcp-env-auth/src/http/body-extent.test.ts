import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BodyExtent, extentOf, extentOfValue, MAX_NESTING } from "./body-extent.ts";

const extentOfText = (json: string) => extentOf(Buffer.from(json));
const isNestedTooDeep = (json: string) => extentOfText(json).isTooDeep;
const isValueNestedTooDeep = (value: unknown) => extentOfValue(value).isTooDeep;

/** In an array that would be as deep as may be, if it were not for `text`. */
const around = (levels: number, text: string) => `${"[".repeat(levels)}${text}${"]".repeat(levels)}`;

const shapes: Readonly<Record<string, (levels: number) => string>> = {
  arrays: (levels) => around(levels, " ".repeat(2000)),
  objects: (levels) => `${'{"a[":'.repeat(levels)}1${"}".repeat(levels)}`,
  "both, behind others": (levels) =>
    `[${"[{}],".repeat(2000)}${'[{"a":'.repeat((levels - 1) / 2)}${around((levels - 1) % 2, "1")}${"}]".repeat((levels - 1) / 2)}]`,
};

describe("what is nested too deep", () => {
  it.each(Object.keys(shapes))("is told from what is not: %s", (shape) => {
    const json = (levels: number) => shapes[shape]?.(levels) ?? "";
    for (const tell of [isNestedTooDeep, (text: string) => isValueNestedTooDeep(JSON.parse(text))]) {
      expect([tell(json(MAX_NESTING)), tell(json(MAX_NESTING + 1))]).toEqual([false, true]);
    }
  });

  it("is not what strings hold, whatever else they do", () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom("[", "{", "]", "}", '"', "\\", "x") }));
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), text, (value, held) => {
        const level = JSON.stringify([held, { [held]: value }, `${held}${"[".repeat(MAX_NESTING)}${held}`]);
        expect(isNestedTooDeep(around(MAX_NESTING - 10, level))).toBe(false);
        expect(isNestedTooDeep(around(MAX_NESTING - 1, level))).toBe(true);
      }),
    );
  });

  it("is found at once, and so is text that never ends", () => {
    expect(isNestedTooDeep("[".repeat(4e6))).toBe(true);
    for (const text of [`"${"[".repeat(2000)}`, `"${"\\".repeat(2001)}"`, `"${'\\"'.repeat(2000)}`]) {
      expect(isNestedTooDeep(text)).toBe(false);
    }
  });

  it("is found in values without an end of the stack", () => {
    let value: unknown = 1;
    for (let level = 0; level < 1e6; level += 1) {
      value = level % 2 === 0 ? [value] : { value };
    }
    expect(isValueNestedTooDeep(value)).toBe(true);
    expect(isValueNestedTooDeep(null)).toBe(false);
  });
});

describe("the values of a body", () => {
  it.each([
    ["1", 0],
    ["[]", 1],
    ["[1,2,3]", 3],
    ["[{},{},{}]", 6],
    ['{"a":1,"b":{"c":[null,false]}}', 8],
    ['{"a,b":"[,]:{}"}', 2],
    ['["\\\\",","]', 2],
  ])("of %s are %i", (json, values) => {
    expect([extentOfText(json).values, extentOfValue(JSON.parse(json)).values]).toEqual([values, values]);
  });

  it("are the same in text and in what was parsed of it", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const json = JSON.stringify(value, undefined, 2);
        expect(extentOfText(json)).toEqual(extentOfValue(JSON.parse(json)));
      }),
    );
  });
});

describe("the scan", () => {
  /** The same, one character after the other. */
  function plainExtentOf(json: string): BodyExtent {
    let [depth, values, isInString, isEscaped] = [0, 0, false, false];
    for (const character of json) {
      if (isInString) {
        isInString = isEscaped || character !== '"';
        isEscaped = !isEscaped && character === "\\";
      } else if (character === '"') {
        isInString = true;
      } else if ("[{".includes(character)) {
        depth += 1;
        values += 1;
        if (depth > MAX_NESTING) {
          return { isTooDeep: true, values };
        }
      } else if ("]}".includes(character)) {
        depth -= 1;
      } else if (",:".includes(character)) {
        values += 1;
      }
    }
    return { isTooDeep: false, values };
  }

  const token = fc.constantFrom(
    ...['"', "\\", '\\"', "\\\\", "[", "]", "{", "}", ",", ":", " ", "é", "語", "💡"],
    ...["x", "\\", '\\"', "[", "é"].map((one) => one.repeat(70)),
  );

  it("finds the end of each string, however long it is and whatever it escapes", () => {
    fc.assert(
      fc.property(fc.array(token, { maxLength: 60 }), (tokens) => {
        const json = tokens.join("");
        expect(extentOfText(json)).toEqual(plainExtentOf(json));
      }),
      { numRuns: 2000 },
    );
  });

  it("sees what JSON.parse does of bytes that are not UTF-8", () => {
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 8 }), fc.constantFrom(...['"', "\\", "[", ","].map(Buffer.from)));
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 40 }), (parts) => {
        const json = Buffer.concat(parts);
        expect(extentOf(json)).toEqual(plainExtentOf(json.toString("utf8")));
      }),
      { numRuns: 2000 },
    );
  });
});

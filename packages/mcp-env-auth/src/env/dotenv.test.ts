import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDotenv } from "./dotenv.ts";

interface Recording {
  readonly outer: Readonly<Record<string, string>>;
  /** Text of the file, what python-dotenv reads from it, and how many lines it can't parse. */
  readonly cases: readonly (readonly [string, readonly (readonly [string, string | null])[], number])[];
}

const recording: Recording = JSON.parse(readFileSync(new URL("./testing/python-dotenv.json", import.meta.url), "utf8"));

it(`reads ${recording.cases.length} files as python-dotenv reads them`, () => {
  const read = recording.cases.map(([text]) => {
    const { values, unreadableLines } = parseDotenv(text, recording.outer);
    return [text, Array.from(values, ([name, value]) => [name, value ?? null]), unreadableLines.length];
  });
  expect(read).toEqual(recording.cases);
});

describe("the .env parser", () => {
  const name = fc.stringMatching(/^[A-Z][A-Z0-9_]{0,12}$/);
  // What is replaced can't be quoted: `${` has no escape in this dialect.
  const anyValue = fc
    .string({ unit: "binary", maxLength: 40 })
    .filter((value) => !/\$\{[^}:]*(:-[^}]*)?\}|\r/.test(value));

  it("never throws, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."AB='\"#\\ \n\r\t$:{-}"), maxLength: 60 }), (text) => {
        parseDotenv(text);
      }),
    );
  });

  it("gives back every value in single quotes", () => {
    fc.assert(
      fc.property(name, anyValue, (key, value) => {
        const quoted = value.replaceAll("\\", "\\\\").replaceAll("'", "\\'");
        expect(parseDotenv(`${key}='${quoted}'\n`).values.get(key)).toBe(value);
      }),
    );
  });

  it("gives back every value in double quotes, line breaks written out", () => {
    fc.assert(
      fc.property(name, anyValue, (key, value) => {
        const quoted = value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
        expect(parseDotenv(`export ${key}="${quoted}" # note`).values.get(key)).toBe(value);
      }),
    );
  });

  it("reads each assignment of a file as it reads it alone", () => {
    const word = fc.stringMatching(/^[a-z#$'"\\]{0,10}$/);
    const line = fc.record({ key: name, value: word.filter((value) => !/^['"]/.test(value)) });
    fc.assert(
      fc.property(fc.uniqueArray(line, { selector: ({ key }) => key }), (lines) => {
        const text = lines.map(({ key, value }) => `${key}=${value}`).join("\r\n");
        expect([...parseDotenv(text).values]).toEqual(lines.map(({ key, value }) => [key, value]));
      }),
    );
  });

  it("names the lines that it skips", () => {
    expect(parseDotenv("A=1\n=oops\n\nB='x' y\nC=\"\nz\"!\nD=4\n")).toMatchObject({
      values: new Map([
        ["A", "1"],
        ["D", "4"],
      ]),
      unreadableLines: [2, 4, 5],
    });
  });

  it("does not take a name of Object.prototype for a variable", () => {
    expect(parseDotenv(`A=\${constructor}\${toString:-x}`).values.get("A")).toBe("x");
  });
});

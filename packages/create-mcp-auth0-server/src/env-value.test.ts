import { parseEnv } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDotenv } from "../../mcp-env-auth/src/env/dotenv.ts";
import { quoteEnvValue } from "./env-value.ts";

function quoted(value: string): string {
  const parsed = quoteEnvValue(value);
  if (!parsed.ok) {
    throw new Error(parsed.problem);
  }
  return parsed.value;
}

const EVERYDAY = [
  "",
  "https://tenant.us.auth0.com/.well-known/openid-configuration",
  "https://api.example.com/?a=1&b=2",
  "openid,weather:read weather:write",
  "aZ09_-aZ09_-aZ09_-",
  "a=b==",
  "Grüße 天気",
  "(x) [y] {z} <w> | ; ! * ? ~ ^ %",
];
const SPECIAL = [
  "a#b",
  "a #b",
  "$HOME",
  "pa$word",
  'say "hi"',
  "back`tick",
  "C:\\new\\table",
  " lead",
  "trail ",
  '"x"',
];

describe("a value in .env", () => {
  it.each(EVERYDAY)("stands bare, for docker run too: %j", (value) => {
    expect(quoted(value)).toBe(value);
  });

  it.each(SPECIAL)("stands in single quotes where it could be taken for syntax: %j", (value) => {
    expect(quoted(value)).toBe(`'${value}'`);
  });

  it.each([...EVERYDAY, ...SPECIAL])("is read back by Node as it was: %j", (value) => {
    expect(parseEnv(`BEFORE=1\nVALUE=${quoted(value)}\nAFTER=2\n`)).toEqual({ BEFORE: "1", VALUE: value, AFTER: "2" });
  });

  it.each(["a\nEVIL=1", "a\rb", "a\u0000b", "a\u2028b", "\u0024{HOME}", "x\u0024{Y:-z}", "it's", "a\\\\b", "ends\\"])(
    "is refused where loaders disagree about it: %j",
    (value) => {
      expect(quoteEnvValue(value)).toEqual({ ok: false, problem: expect.stringMatching(/^has /) });
    },
  );

  it("is read back as it was by Node and by this project's loader, whatever is in it", () => {
    const character = fc.constantFrom(..."ab #$'\"`\\={},(;&!%:~ä\u00a0\u2003");
    fc.assert(
      fc.property(fc.string({ unit: character, maxLength: 8 }), (value) => {
        const parsed = quoteEnvValue(value);
        if (!parsed.ok) {
          return;
        }
        const file = `# before\nVALUE=${parsed.value}\n\n# after\nAFTER=1\n`;
        expect(parseEnv(file)).toEqual({ VALUE: value, AFTER: "1" });
        expect(Object.fromEntries(parseDotenv(file).values)).toEqual({ VALUE: value, AFTER: "1" });
      }),
      { numRuns: 500 },
    );
  });
});

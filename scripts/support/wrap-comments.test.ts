import { describe, expect, it } from "vitest";
import { WIDTH, wrapComments } from "./wrap-comments.mjs";

const words = (count: number) => Array.from({ length: count }, (_, index) => `word${index}`).join(" ");

describe("wrapComments", () => {
  it("joins lines that were broken early, and breaks those that are too long", () => {
    expect(wrapComments("/**\n * Says\n * this.\n */\nlet a;\n")).toBe("/** Says this. */\nlet a;\n");
    expect(wrapComments("  // Says\n  // this.\n  let a;\n")).toBe("  // Says this.\n  let a;\n");
    const wrapped = wrapComments(`  /** ${words(40)} */\n  let a;\n`);
    const lines = wrapped.split("\n");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(WIDTH);
    expect(lines[0]).toBe("  /**");
    expect(wrapped.match(/word\d+/g)).toHaveLength(40);
  });

  it.each([
    ["paragraphs", "/**\n * One.\n *\n * Two.\n */\n"],
    [
      "lists",
      "/**\n * These:\n * - one\n * - two,\n *   and its rest\n * 1. three\n */\n".replace(",\n *   and", ", and"),
    ],
    ["tags", "/**\n * Reads it.\n *\n * @param a one\n * @throws Error always\n */\n"],
    ["tables", "// | a | b |\n// |---|---|\n"],
    ["code", "/**\n * ```ts\n * const a = 1;\n * const b = 2;\n * ```\n */\n"],
    ["examples", "/**\n * Reads it.\n *\n * @example\n * const a = 1;\n * const b = 2;\n */\n"],
    ["directives", `// biome-ignore lint/a/b: ${words(30)}\nlet a;\n`],
    ["a comment behind code", `let a; // ${words(30)}\n`],
    ["types", `/** @typedef {{ a: string }} A ${words(30)} */\n`],
  ])("leaves %s as they are", (_what, source) => expect(wrapComments(source)).toBe(source));

  it.each([
    ["a string", `const a = "// ${words(30)}";\n`],
    [
      "a template literal",
      "const a = `\n// Says\n// this.\n$" + "{b({ c: `\n/**\n * x\n */` })}\n// Says\n// this.\n`;\n",
    ],
    ["a regular expression", "const a = /[/`\"']\\/\\/ `/;\nconst b = `\n// Says\n// this.\n`;\n"],
  ])("takes nothing in %s for a comment", (_where, source) => expect(wrapComments(source)).toBe(source));

  it("knows a division from a regular expression", () => {
    expect(wrapComments("const a = (b) / 2; // `\n// Says\n// this.\nconst c = d / e;\n")).toContain("// Says this.\n");
  });

  it("changes nothing the second time, and never makes a word an item or a tag", () => {
    for (let count = 15; count < 60; count++) {
      const once = wrapComments(`/** ${words(count)} - 1. @a | # b ${words(20)} */\nlet a;\n`);
      expect(wrapComments(once)).toBe(once);
    }
  });
});

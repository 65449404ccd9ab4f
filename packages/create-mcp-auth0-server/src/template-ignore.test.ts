import { describe, expect, it } from "vitest";
import { createIgnore } from "../build/ignore.mjs";

describe("the patterns of a template's .gitignore", () => {
  const isIgnored = createIgnore(
    "# comment\nnode_modules/\n.env\n*.log\n!keep.log\n/dist\ndata/tokens.json\n.env.*\n!.env.example\n",
  );

  it.each([
    ["node_modules", true, true],
    ["src/node_modules", true, true],
    ["node_modules", false, false],
    [".env", false, true],
    ["x/.env", false, true],
    [".env.local", false, true],
    [".env.example", false, false],
    ["a.log", false, true],
    ["x/keep.log", false, false],
    ["dist", true, true],
    ["src/dist", true, false],
    ["data/tokens.json", false, true],
    ["x/data/tokens.json", false, false],
    ["xenv", false, false],
  ])("%s (folder: %s): %s", (path, isDirectory, ignored) => {
    expect(isIgnored(path, isDirectory)).toBe(ignored);
  });

  it.each(["a/**/b", "[ab].txt", "wh?t"])("are refused rather than misread: %s", (pattern) => {
    expect(() => createIgnore(pattern)).toThrow("not understood");
  });
});

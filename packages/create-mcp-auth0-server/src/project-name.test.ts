import path from "node:path";
import { describe, expect, it } from "vitest";
import { parseProject } from "./project-name.ts";

const cwd = path.resolve("/home/jo/projects");

function targetOf(input: string) {
  const parsed = parseProject(input, cwd);
  if (!parsed.ok) {
    throw new Error(parsed.problem);
  }
  return parsed.value;
}

describe("the project argument", () => {
  it.each([
    ["my-app", "my-app", "my-app"],
    ["./my-app/", "my-app", "my-app"],
    ["deep/er/v2", "deep/er/v2", "v2"],
    ["../other", "../other", "other"],
    [".", ".", "projects"],
    ["@acme/weather", "weather", "@acme/weather"],
    ["./@acme/weather", "@acme/weather", "weather"],
    ["--weather", "--weather", "weather"],
  ])("%j is the folder %j and the package %j", (input, directory, packageName) => {
    expect(targetOf(input)).toEqual({ directory: path.resolve(cwd, directory), packageName });
  });

  it("takes an absolute path", () => {
    expect(targetOf(path.resolve("/srv/mcp"))).toEqual({ directory: path.resolve("/srv/mcp"), packageName: "mcp" });
  });
});

describe("the package's name", () => {
  it.each([
    ["My App", "my-app"],
    ["Wetter Übersicht", "wetter-ubersicht"],
    ["app3", "app3"],
    ["_private", "private"],
    [".hidden", "hidden"],
    ["a & b; $(rm -rf x)", "a-b-rm-rf-x"],
    ["{{name}}", "name"],
    ["app (1)[x]", "app-1-x"],
    ["天気", "my-mcp-server"],
    ["x".repeat(255), "x".repeat(214)],
  ])("is made npm's way from the folder %j", (folder, packageName) => {
    expect(targetOf(folder).packageName).toBe(packageName);
  });
});

describe("what is no project", () => {
  it.each(["", "  ", "a\nb", "a\u0000b", "a\u001b[31mb", "node_modules", "x/Node_Modules", "@!/x"])(
    "refuses %j with a sentence",
    (input) => {
      expect(parseProject(input, cwd)).toEqual({ ok: false, problem: expect.stringMatching(/\w+ .*[.:]/) });
    },
  );
});

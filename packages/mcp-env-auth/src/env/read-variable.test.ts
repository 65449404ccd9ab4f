import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { readVariable } from "./read-variable.ts";

function folderWith(name: string, content: string): string {
  const folder = mkdtempSync(join(tmpdir(), "read-variable-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, name), content);
  return folder;
}

describe("a variable of the application's own", () => {
  it("comes from the process, else from .env", () => {
    const cwd = folderWith(".env", "CITY=Berlin\nCOUNTRY='Germany' # by default\n");
    expect(readVariable("CITY", { CITY: "Paris" }, cwd)).toBe("Paris");
    expect(readVariable("COUNTRY", { CITY: "Paris" }, cwd)).toBe("Germany");
    expect(readVariable("RIVER", { CITY: "Paris" }, cwd)).toBeUndefined();
  });

  it("comes from the file that FASTMCP_ENV_FILE names, and from none where that is empty", () => {
    const cwd = folderWith("production.env", "CITY=Berlin\n");
    expect(readVariable("CITY", { FASTMCP_ENV_FILE: "production.env" }, cwd)).toBe("Berlin");
    expect(readVariable("CITY", { FASTMCP_ENV_FILE: "" }, cwd)).toBeUndefined();
  });

  it("has its name in any case, and an empty value of the process wins", () => {
    const cwd = folderWith(".env", "City=Berlin\n");
    expect(readVariable("CITY", {}, cwd)).toBe("Berlin");
    expect(readVariable("city", { CITY: "" }, cwd)).toBe("");
  });

  it("is the process's alone while the env file is named and missing: the server's start reports that", () => {
    const env = { FASTMCP_ENV_FILE: "missing.env", CITY: "Berlin" };
    expect(readVariable("CITY", env, tmpdir())).toBe("Berlin");
    expect(readVariable("TOWN", env, tmpdir())).toBeUndefined();
  });
});

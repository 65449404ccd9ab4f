import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readEnvFile } from "./env-file.ts";
import { expandPath } from "./text-file.ts";

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "env-file-"));
});
afterEach(() => rmSync(cwd, { recursive: true }));

const write = (name: string, content: string | Uint8Array) => writeFileSync(join(cwd, name), content);

describe("the env file", () => {
  it("is .env in the working directory", () => {
    write(".env", "A=1\n");
    const file = readEnvFile({}, cwd);
    expect(file).toEqual({
      path: join(cwd, ".env"),
      text: "A=1\n",
      values: new Map([["A", "1"]]),
      unset: new Map(),
      warnings: [],
      problems: [],
    });
  });

  it("may be missing when it is not named", () => {
    expect(readEnvFile({}, cwd)).toEqual({
      path: undefined,
      text: "",
      values: new Map(),
      unset: new Map(),
      warnings: [],
      problems: [],
    });
  });

  it("is not searched for in directories above", () => {
    write(".env", "A=1\n");
    mkdirSync(join(cwd, "inner"));
    expect(readEnvFile({}, join(cwd, "inner")).path).toBeUndefined();
  });

  it("is the one that FASTMCP_ENV_FILE names, relative to the working directory", () => {
    write(".env", "A=1\n");
    write("other.env", "A=2\n");
    expect(readEnvFile({ FASTMCP_ENV_FILE: "other.env" }, cwd).values.get("A")).toBe("2");
    expect(readEnvFile({ fastmcp_env_file: "other.env" }, cwd).values.get("A")).toBe("2");
  });

  it("may be named under the home directory", () => {
    expect(expandPath("~/x/.env", "/app")).toBe(join(homedir(), "x/.env"));
    expect(expandPath("~x/.env", "/app")).toBe("/app/~x/.env");
  });

  it("is none when FASTMCP_ENV_FILE is empty", () => {
    write(".env", "A=1\n");
    expect(readEnvFile({ FASTMCP_ENV_FILE: "" }, cwd).values.size).toBe(0);
  });

  it("stops the start when it is named and missing", () => {
    const [problem] = readEnvFile({ FASTMCP_ENV_FILE: "nope.env" }, cwd).problems;
    expect(problem).toEqual({
      variable: "FASTMCP_ENV_FILE",
      message: expect.stringContaining(`${join(cwd, "nope.env")}, which does not exist`),
    });
  });

  it("stops the start when it is a directory, as a container makes of a file that is missing", () => {
    mkdirSync(join(cwd, ".env"));
    expect(readEnvFile({}, cwd).problems[0]?.message).toContain("is a directory");
  });

  it("stops the start when it is not UTF-8, and does not tell what is in it", () => {
    write(".env", new Uint8Array([0x41, 0x3d, 0x73, 0x65, 0x63, 0xff, 0xfe]));
    const [problem] = readEnvFile({}, cwd).problems;
    expect(problem?.message).toContain("is not UTF-8");
    expect(problem?.message).not.toContain("sec");
  });

  it("stops the start when it is far too large", () => {
    write(".env", "#".repeat(1_048_577));
    expect(readEnvFile({}, cwd).problems[0]?.message).toContain("larger than 1048576 bytes");
  });

  it.skipIf(process.getuid?.() === 0)("stops the start when it may not be read", () => {
    write(".env", "A=1\n");
    chmodSync(join(cwd, ".env"), 0);
    expect(readEnvFile({}, cwd).problems[0]?.message).toContain("permissions");
  });

  it("may start with a byte order mark", () => {
    write(".env", "\uFEFFA=1\r\n");
    expect(readEnvFile({}, cwd).values.get("A")).toBe("1");
  });

  it("warns of a line that can't be read, by its number and not by its content", () => {
    write(".env", "A=1\nB='hunter22' x\n");
    const { warnings, values } = readEnvFile({}, cwd);
    expect(values).toEqual(new Map([["A", "1"]]));
    expect(warnings).toEqual([{ message: expect.stringContaining("Line 2 of ") }]);
    expect(JSON.stringify(warnings)).not.toContain("hunter22");
  });

  it("warns that it can't name another env file", () => {
    write(".env", "FASTMCP_ENV_FILE=x\n");
    expect(readEnvFile({}, cwd).warnings).toEqual([
      { variable: "FASTMCP_ENV_FILE", message: expect.stringContaining("no effect") },
    ]);
  });

  it("takes values of the process where the file refers to them, and puts nothing into the process", () => {
    write(".env", `A=\${OUTER}/x\n`);
    const processEnv = { OUTER: "outer" };
    expect(readEnvFile(processEnv, cwd).values.get("A")).toBe("outer/x");
    expect(processEnv).toEqual({ OUTER: "outer" });
  });
});

import { describe, expect, it } from "vitest";
import { createEnvironment } from "./environment.ts";
import { environmentOf } from "./testing/environment-of.ts";

describe("the environment", () => {
  it("takes the process over the file, and keeps what only the file has", () => {
    const environment = environmentOf({ A: "process" }, { A: "file", B: "file" });
    expect(environment.get("A")).toEqual({ name: "A", value: "process", source: { kind: "process" } });
    expect(environment.get("B")).toEqual({ name: "B", value: "file", source: { kind: "file", path: "/app/.env" } });
    expect(environment.get("C")).toBeUndefined();
  });

  it("takes an empty value of the process over the file's", () => {
    expect(environmentOf({ A: "" }, { A: "file" }).get("A")?.value).toBe("");
  });

  it("has names in any case, in the process and in the file", () => {
    const environment = environmentOf({ fastmcp_Port: "1" }, { Fastmcp_Host: "h", FASTMCP_PORT: "2" });
    expect(environment.get("FASTMCP_PORT")?.value).toBe("1");
    expect(environment.get("FASTMCP_HOST")?.value).toBe("h");
  });

  it("takes the last of spellings that differ in case", () => {
    expect(environmentOf({ a: "1", A: "2", b: "x" }).get("a")?.value).toBe("2");
    expect(environmentOf({ A: "2", a: "1" }).get("A")).toMatchObject({ name: "a", value: "1" });
  });

  it("leaves a name without a value unset, even after one with a value", () => {
    const values = new Map([
      ["A", "1"],
      ["a", undefined],
    ]);
    expect(createEnvironment({ processEnv: {}, cwd: "/", file: { path: "/.env", values } }).get("A")).toBeUndefined();
  });

  it("lists every variable that counts, once", () => {
    const names = Array.from(environmentOf({ A: "1", b: "2" }, { a: "0", C: "3" }).variables(), ({ name }) => name);
    expect(names.sort()).toEqual(["A", "C", "b"]);
  });
});

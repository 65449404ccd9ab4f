import { describe, expect, it } from "vitest";
import { callCli } from "../testing/call-cli.ts";

describe("doctor on a terminal", () => {
  const env = { FASTMCP_SERVER_AUTH: "none", FASTMCP_HOST: "0.0.0.0", FASTMCP_STORAGE_URL: "redis://127.0.0.1:2" };

  it("says where each value came from, then a line for each check and a fix below it", async () => {
    const { exitCode, stdout } = await callCli(["doctor"], { env, columns: 100 });
    expect(exitCode).toBe(1);
    expect(stdout).toContain("FASTMCP_HOST=0.0.0.0 (process environment)\n");
    expect(stdout).toMatch(/^warn {2}provider {8}THIS SERVER IS OPEN/m);
    expect(stdout).toMatch(/^FAIL {2}storage {9}Redis does not answer: the connection was refused/m);
    expect(stdout).toMatch(/^ {22}Fix: Check FASTMCP_STORAGE_URL/m);
    expect(stdout).toMatch(/\n1 thing is wrong \(1 to look at\)\.\n$/);
  });

  it("runs only the checks that are named", async () => {
    const { stdout } = await callCli(["doctor", "--only", "storage, variables"], { env, columns: 100 });
    expect([...stdout.matchAll(/^\w+ +(\S+)/gm)].map(([, name]) => name)).toEqual(["variables", "storage", "thing"]);
    const unknown = await callCli(["doctor", "--only", "storage,credential"], { env });
    expect(unknown.exitCode).toBe(2);
    expect(unknown.stderr).toContain('Unknown check "credential". Available checks: env-file, variables,');
    expect((await callCli(["doctor", "--only", "storage", "--token"], { env })).exitCode).toBe(2);
  });

  it("fits the terminal's width", async () => {
    const { stdout } = await callCli(["doctor", "--offline"], { env, columns: 72 });
    const [, checks = ""] = stdout.split("\n\n");
    expect(checks.split("\n").filter((line) => line.length > 72)).toEqual([]);
  });

  it("prints one JSON document and nothing else for programs", async () => {
    const { exitCode, stdout } = await callCli(["doctor", "--offline", "--json"], { env });
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      findings: [{ check: "env-file" }, { check: "variables" }, { check: "provider", status: "warning" }],
    });
  });
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { hadolint } from "../../scripts/support/programs.mjs";
import { repository } from "../support/scaffolder.ts";
import { readDeployFile } from "./support/deployed-proxy.ts";
import { runProgram } from "./support/program.ts";

it.each(["systemd-nginx", "systemd-caddy"])("systemd accepts the unit of %s", async (name) => {
  const unit = await readDeployFile(`${name}/deploy/mcp-server@.service`);
  const folder = mkdtempSync(path.join(tmpdir(), "unit-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const verify = (program: string) => {
    writeFileSync(path.join(folder, "mcp-server@.service"), unit.replace("/usr/bin/node", program));
    return runProgram("systemd-analyze", ["verify", path.join(folder, "mcp-server@8001.service")]);
  };
  expect(await verify(process.execPath)).toEqual({ exitCode: 0, output: "", errors: "" });
  expect((await verify("/nowhere/node")).exitCode).not.toBe(0);
});

it("hadolint has no warning about the Dockerfile", async () => {
  const file = path.join(repository, "templates/weather/Dockerfile");
  const { exitCode, output } = await runProgram(hadolint, ["--failure-threshold", "warning", file]);
  expect(exitCode, output).toBe(0);
});

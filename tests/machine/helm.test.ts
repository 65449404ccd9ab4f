import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { CHART, CHART_CASES, chartDigest, renderedFile } from "../support/helm-chart.ts";
import { repository } from "../support/scaffolder.ts";

const HELM = "helm.sh/helm/v4/cmd/helm@v4.3.1";
const BIN = path.join(repository, ".cache/programs/helm-4.3.1");
/** Compiling it takes eight minutes of CPU time. */
const COMPILE_TIMEOUT = 45 * 60_000;

const helm = (...args: string[]) => execFileSync(path.join(BIN, "helm"), args, { cwd: CHART, encoding: "utf8" });

beforeAll(() => {
  if (!existsSync(path.join(BIN, "helm"))) {
    execFileSync("go", ["install", HELM], { env: { ...process.env, GOBIN: BIN, CGO_ENABLED: "0" }, stdio: "inherit" });
  }
}, COMPILE_TIMEOUT);

describe.each(CHART_CASES)("Helm, with the values %s", (name) => {
  const values = ["--values", `ci/${name}-values.yaml`];

  it("has no objection to the chart", () => {
    expect(helm("lint", "--strict", ".", ...values)).toContain("0 chart(s) failed");
  });

  it("renders what is in tests/fixtures/helm", async () => {
    const rendered = helm("template", "weather", ".", ...values);
    await expect(`# chart: ${chartDigest()}\n${rendered}`).toMatchFileSnapshot(renderedFile(name));
  });
});

describe("the chart's schema", () => {
  it.each([
    ["a grace period that is shorter than a stop", "terminationGracePeriodSeconds=10"],
    ["a variable that the chart sets", "env.FASTMCP_PORT=9000"],
    ["no tag", "image.tag="],
    ["the server's own port for the upstream", "upstream.port=8000"],
  ])("refuses %s", (_what, value) => {
    expect(() => helm("template", "weather", ".", "--set", value)).toThrow("values don't meet the specifications");
  });
});

import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FASTMCP_VERSIONS, fastMcpPython } from "../../../scripts/support/programs.mjs";
import { startWeatherStack, type WeatherStack } from "../support/weather-stack.ts";
import { clientFolder, LOGGED_IN, takeJourney } from "./support/journey.ts";
import { pythonVersion } from "./support/python.ts";
import { testClient } from "./support/suite.ts";

const SCRIPT = join(clientFolder("fastmcp"), "client.py");

for (const major of FASTMCP_VERSIONS) {
  testClient(new URL(`fastmcp/cells-${major}.json`, import.meta.url), async () => {
    const program = fastMcpPython(major);
    // FastMCP 2 waits in silence after a refusal.
    return { program, args: [SCRIPT], timeout: 25_000, version: pythonVersion(program, "fastmcp") };
  });
}

describe("a step-up to a scope that the user may not have", () => {
  let stack: WeatherStack;
  beforeAll(async () => {
    stack = await startWeatherStack({ FASTMCP_LOGIN_SCOPES: "required" });
  });
  afterAll(() => stack?.close());

  it.each(FASTMCP_VERSIONS)("asks a user of FastMCP %s once, and does not log in forever", async (major) => {
    const args = [SCRIPT, stack.url, 'save_place={"city":"Lisbon"}'];
    const refused = await takeJourney(fastMcpPython(major), args, { username: "bob", timeout: 20_000 });
    expect(refused.exitCode).not.toBe(0);
    expect(refused.steps).toEqual([]);
    expect(refused.logins).toEqual([LOGGED_IN, LOGGED_IN]);
  });
});

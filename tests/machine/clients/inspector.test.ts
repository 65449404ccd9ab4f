import { join } from "node:path";
import { freePort } from "test-support/free-port";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nodeProgram, packageFile } from "../../../scripts/support/programs.mjs";
import { oauthSteps } from "../../support/oauth-steps.ts";
import { type Person, someone } from "../support/person.ts";
import { runProgram } from "../support/program.ts";
import { startWeatherStack, type WeatherStack } from "../support/weather-stack.ts";
import { clientFolder } from "./support/journey.ts";
import { readVersion } from "./support/npm.ts";
import { testClient } from "./support/suite.ts";

const NAME = "@modelcontextprotocol/inspector";
// It runs on Node.js 22.19 and later only.
const NODE = nodeProgram("22");
const LAUNCHER = packageFile(NAME, "clients/launcher/build/index.js");
const WEATHER = ["--method", "tools/call", "--tool-name", "current_weather", "--tool-arg", "city=Berlin"];

testClient(new URL("inspector/cells.json", import.meta.url), async () => ({
  program: process.execPath,
  args: [join(clientFolder("inspector"), "client.mjs"), NODE, LAUNCHER],
  version: await readVersion(packageFile(NAME, "package.json")),
}));

describe("the options of the Inspector's command line", () => {
  let stack: WeatherStack;
  beforeAll(async () => {
    stack = await startWeatherStack();
  });
  afterAll(() => stack?.close());

  async function inspect(person: Person, args: readonly string[]) {
    const callback = `http://127.0.0.1:${await freePort()}/oauth/callback`;
    const options = ["--transport", "http", "--format", "json", "--callback-url", callback];
    const { exitCode, output, errors } = await runProgram(NODE, [LAUNCHER, "--cli", stack.url, ...options, ...args], {
      env: { ...person.env, HOME: person.home, MCP_AUTO_OPEN_ENABLED: "true", MCP_INSPECTOR_SECRET_STORE: "file" },
    });
    return { exitCode, errors, result: output === "" ? undefined : JSON.parse(output).result };
  }

  it.each(["legacy", "modern"])("logs its user in and calls a tool as that user in the %s era", async (era) => {
    const alice = await someone("alice");
    const { result, errors } = await inspect(alice, ["--protocol-era", era, ...WEATHER]);
    expect(result?.structuredContent, errors).toMatchObject({ requested_by: "auth0|alice" });
    expect(await alice.logins()).toHaveLength(1);
  });

  it("takes an access token in a header", async () => {
    const { access_token } = await oauthSteps(new URL(stack.url).origin).getTokens("alice");
    const nobody = await someone("nobody");
    const { result, errors } = await inspect(nobody, ["--header", `Authorization: Bearer ${access_token}`, ...WEATHER]);
    expect(result?.structuredContent, errors).toMatchObject({ requested_by: "auth0|alice" });
    expect(await nobody.logins()).toEqual([]);
  });

  it("reports a header with a wrong token", async () => {
    const nobody = await someone("nobody");
    const wrong = ["--header", "Authorization: Bearer wrong", "--stored-auth-only", ...WEATHER];
    const { exitCode, errors } = await inspect(nobody, wrong);
    expect(exitCode).not.toBe(0);
    expect(errors).toMatch(/401|auth_required|unauthorized/i);
  });
});

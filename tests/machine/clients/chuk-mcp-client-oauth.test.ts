import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPerson, type Person } from "../support/person.ts";
import { runProgram } from "../support/program.ts";
import { startWeatherStack, type WeatherStack } from "../support/weather-stack.ts";
import { clientFolder, INSTALLING, LOGGED_IN, runAs } from "./support/journey.ts";
import { installPython, pythonVersion } from "./support/python.ts";
import { testClient } from "./support/suite.ts";

const NAME = "chuk-mcp-client-oauth";
const SCRIPT = join(clientFolder(NAME), "client.py");
const installed = () => installPython(NAME, new URL(`${NAME}/packages.txt`, import.meta.url));

testClient(new URL(`${NAME}/cells.json`, import.meta.url), async () => {
  const program = await installed();
  return { program, args: [SCRIPT], version: pythonVersion(program, NAME) };
});

describe("the command chuk-mcp-client-oauth", () => {
  let python: string;
  let program: string;
  let stack: WeatherStack;
  let alice: Person;
  beforeAll(async () => {
    python = await installed();
    program = join(dirname(python), NAME);
    [stack, alice] = await Promise.all([startWeatherStack(), createPerson("alice")]);
  }, INSTALLING);
  afterAll(async () => {
    await alice?.dispose();
    await stack?.close();
  });

  const run = (command: string) =>
    runProgram(program, [command, "weather", stack.url], {
      env: { ...alice.env, HOME: alice.home, MCP_CLI_ENCRYPTION_KEY: "a password" },
    });

  it("logs in with the scopes that it asks for by default, and lists the tools", async () => {
    const { exitCode, output, errors } = await run("auth");
    expect(exitCode, output + errors).toBe(0);
    expect(output).toContain("Scopes: read, write (default)");
    expect(await alice.logins()).toEqual([LOGGED_IN]);
    expect((await run("tools")).output).toContain("current_weather");
    const { steps } = await runAs(alice, python, [SCRIPT, stack.url, 'current_weather={"city":"Berlin"}']);
    // The server has none of them, so only those that every token needs are left.
    expect(steps[0]?.structuredContent).toMatchObject({ scopes: ["openid", "weather:read"] });
    expect(await alice.logins()).toEqual([LOGGED_IN]);
  });
});

import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { FASTMCP_VERSIONS, fastMcpPython } from "../../scripts/support/programs.mjs";
import { createPerson } from "./support/person.ts";
import { runProgram } from "./support/program.ts";
import { startWeatherStack, type WeatherStack } from "./support/weather-stack.ts";

const SCRIPT = fileURLToPath(new URL("fixtures/fastmcp_client.py", import.meta.url));
const WEATHER = 'current_weather={"city":"Berlin"}';
const SAVE = 'save_place={"city":"Lisbon"}';
const LOGGED_IN = "logged in, and the client answered 200";

interface Answer {
  readonly tool: string;
  readonly isError: boolean;
  readonly structured: Record<string, unknown> | null;
  readonly text: string | null;
}

let stack: WeatherStack;
let steppingUp: WeatherStack;
beforeAll(async () => {
  [stack, steppingUp] = await Promise.all([
    startWeatherStack(),
    startWeatherStack({ FASTMCP_LOGIN_SCOPES: "required" }),
  ]);
});
afterAll(() => Promise.all([stack?.close(), steppingUp?.close()]));

describe.each(FASTMCP_VERSIONS)("FastMCP %s's Python client, given nothing but the URL", (version) => {
  async function take(
    username: string,
    steps: readonly string[],
    { clients = 1, timeout = 45_000, server = stack } = {},
  ) {
    const person = await createPerson(username);
    onTestFinished(person.dispose);
    const args = [SCRIPT, server.url, String(clients), ...steps];
    const { exitCode, output, errors } = await runProgram(fastMcpPython(version), args, {
      env: { ...person.env, HOME: person.home },
      timeout,
    });
    const answers = output
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Answer);
    return { exitCode, answers, errors, logins: await person.logins() };
  }

  it("logs its user in and calls a tool as that user", async () => {
    const { answers, errors, logins } = await take("alice", [WEATHER]);
    expect(answers, errors).toHaveLength(1);
    expect(answers[0]?.structured).toMatchObject({
      city: "Berlin, Germany",
      requested_by: "auth0|alice",
      scopes: ["openid", "weather:read", "weather:write"],
    });
    expect(logins).toEqual([LOGGED_IN]);
  });

  it("logs in a second time for a tool that needs another scope, and keeps what it had", async () => {
    const { answers, errors, logins } = await take("alice", [WEATHER, SAVE, WEATHER], { server: steppingUp });
    expect(answers, errors).toHaveLength(3);
    expect(answers[1]?.structured).toEqual({ places: ["Lisbon, Portugal"] });
    expect(answers[2]?.structured?.scopes).toEqual(expect.arrayContaining(["weather:read", "weather:write"]));
    expect(logins).toEqual([LOGGED_IN, LOGGED_IN]);
  });

  it("asks a user who may not have the scope once, and does not log in for ever", async () => {
    // FastMCP 2 waits in silence after a refusal, so it is ended here.
    const refused = { timeout: 12_000, server: steppingUp };
    const { exitCode, answers, logins } = await take("bob", [SAVE], refused);
    expect(exitCode).not.toBe(0);
    expect(answers).toEqual([]);
    expect(logins).toEqual([LOGGED_IN, LOGGED_IN]);
  });

  it("does not ask again where the login asked for the scope and the user may not have it", async () => {
    const { exitCode, answers, logins } = await take("bob", [SAVE], { timeout: 12_000 });
    expect(exitCode).not.toBe(0);
    expect(answers).toEqual([]);
    expect(logins).toEqual([LOGGED_IN]);
  });

  it("needs no second login when it starts again with what it stored", async () => {
    const { answers, errors, logins } = await take("alice", [WEATHER], { clients: 2 });
    expect(
      answers.map(({ structured }) => structured?.requested_by),
      errors,
    ).toEqual(["auth0|alice", "auth0|alice"]);
    expect(logins).toEqual([LOGGED_IN]);
  });
});

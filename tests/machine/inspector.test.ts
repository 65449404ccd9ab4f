import { freePort } from "test-support/free-port";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nodeProgram, packageFile } from "../../scripts/support/programs.mjs";
import { oauthSteps } from "../support/oauth-steps.ts";
import { type Person, someone } from "./support/person.ts";
import { runProgram } from "./support/program.ts";
import { startWeatherStack, type WeatherStack } from "./support/weather-stack.ts";

// The Inspector runs on Node 22.19 and later only.
const NODE = nodeProgram("22");
const INSPECTOR = packageFile("@modelcontextprotocol/inspector", "clients/launcher/build/index.js");
const WEATHER = ["--method", "tools/call", "--tool-name", "current_weather", "--tool-arg", "city=Berlin"];
const SAVE = ["--method", "tools/call", "--tool-name", "save_place", "--tool-arg", "city=Lisbon"];

let stack: WeatherStack;
beforeAll(async () => {
  stack = await startWeatherStack();
});
afterAll(() => stack?.close());

async function inspect(person: Person, args: readonly string[]) {
  const callback = `http://127.0.0.1:${await freePort()}/oauth/callback`;
  const options = ["--transport", "http", "--format", "json", "--callback-url", callback];
  const { exitCode, output, errors } = await runProgram(NODE, [INSPECTOR, "--cli", stack.url, ...options, ...args], {
    env: { ...person.env, HOME: person.home, MCP_AUTO_OPEN_ENABLED: "true", MCP_INSPECTOR_SECRET_STORE: "file" },
  });
  return { exitCode, errors, result: output === "" ? undefined : JSON.parse(output).result };
}

describe("the Inspector's command line", () => {
  it.each(["legacy", "modern"])("logs its user in and calls a tool as that user in the %s era", async (era) => {
    const alice = await someone("alice");
    const { result, errors } = await inspect(alice, ["--protocol-era", era, ...WEATHER]);
    expect(result?.structuredContent, errors).toMatchObject({ requested_by: "auth0|alice" });
    expect(await alice.logins()).toHaveLength(1);
  });

  it("needs no second login when it starts again", async () => {
    const alice = await someone("alice");
    const first = await inspect(alice, ["--method", "tools/list"]);
    expect(
      first.result?.tools.map(({ name }: { name: string }) => name),
      first.errors,
    ).toContain("current_weather");
    const second = await inspect(alice, WEATHER);
    expect(second.result?.structuredContent, second.errors).toMatchObject({ requested_by: "auth0|alice" });
    expect(await alice.logins()).toHaveLength(1);
  });

  it("asks for the other scope and ends when a tool needs one", async () => {
    const bob = await someone("bob");
    const { exitCode } = await inspect(bob, SAVE);
    expect(exitCode).not.toBe(0);
    expect((await bob.logins()).length).toBeLessThanOrEqual(2);
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
    const { exitCode, errors } = await inspect(nobody, [
      "--header",
      "Authorization: Bearer wrong",
      "--stored-auth-only",
      ...WEATHER,
    ]);
    expect(exitCode).not.toBe(0);
    expect(errors).toMatch(/401|auth_required|unauthorized/i);
  });
});

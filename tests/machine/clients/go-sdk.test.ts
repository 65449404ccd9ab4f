import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { startWeatherStack, type WeatherStack } from "../support/weather-stack.ts";
import {
  ALICES_WEATHER,
  buildFolder,
  clientFolder,
  INSTALLING,
  install,
  LOGGED_IN,
  PAST_LIFE,
  refreshesAt,
  SHORT_LIFE,
  takeJourney,
} from "./support/journey.ts";

const WEATHER = 'current_weather={"city":"Berlin"}';
const SAVE = 'save_place={"city":"Lisbon"}';

let stack: WeatherStack;
let program: string;
beforeAll(async () => {
  program = join(await buildFolder("go-sdk"), "client");
  await install("go", ["build", "-o", program, "."], { cwd: clientFolder("go-sdk") });
  stack = await startWeatherStack(SHORT_LIFE);
}, INSTALLING);
afterAll(() => stack?.close());

describe("the official Go SDK, given nothing but the URL", () => {
  it.each(["", "/"])("connects, logs in, lists, calls and refreshes (URL with %j at its end)", async (slash) => {
    const before = refreshesAt(stack);
    const args = [`${stack.url}${slash}`, "list", WEATHER, `sleep=${PAST_LIFE}`, WEATHER];
    const { steps, errors, logins } = await takeJourney(program, args);
    expect(steps, errors).toHaveLength(4);
    const [list, first, , second] = steps;
    expect(list?.tools).toContainEqual(expect.objectContaining({ name: "current_weather" }));
    for (const call of [first, second]) {
      expect(call?.structuredContent).toEqual(ALICES_WEATHER);
    }
    expect(refreshesAt(stack)).toBeGreaterThan(before);
    expect(logins).toEqual([LOGGED_IN]);
  });

  it("logs in once more for a tool that needs another scope, and keeps what it had", async () => {
    const steppingUp = await startWeatherStack({ FASTMCP_LOGIN_SCOPES: "required" });
    onTestFinished(() => steppingUp.close());
    const { steps, errors, logins } = await takeJourney(program, [steppingUp.url, WEATHER, SAVE, WEATHER]);
    expect(steps, errors).toHaveLength(3);
    expect(steps[1]?.structuredContent).toEqual({ places: expect.arrayContaining(["Lisbon, Portugal"]) });
    expect(steps[2]?.structuredContent).toEqual(ALICES_WEATHER);
    expect(logins).toEqual([LOGGED_IN, LOGGED_IN]);
  });
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startWeatherStack, type WeatherStack } from "../support/weather-stack.ts";
import { buildGo, goVersion } from "./support/go.ts";
import {
  ALICES_WEATHER,
  INSTALLING,
  LOGGED_IN,
  PAST_LIFE,
  refreshesAt,
  SHORT_LIFE,
  takeJourney,
} from "./support/journey.ts";
import { testClient } from "./support/suite.ts";

const WEATHER = 'current_weather={"city":"Berlin"}';

testClient(new URL("go-sdk/cells.json", import.meta.url), async () => ({
  program: await buildGo("go-sdk"),
  args: [],
  version: await goVersion("go-sdk", "github.com/modelcontextprotocol/go-sdk"),
}));

let stack: WeatherStack;
let program: string;
beforeAll(async () => {
  program = await buildGo("go-sdk");
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
});

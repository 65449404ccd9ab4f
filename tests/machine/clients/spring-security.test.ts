import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startWeatherStack, type WeatherStack } from "../support/weather-stack.ts";
import {
  ALICES_WEATHER,
  buildFolder,
  clientFolder,
  INSTALLING,
  install,
  LOGGED_IN,
  refreshesAt,
  takeJourney,
} from "./support/journey.ts";

const WEATHER = 'current_weather={"city":"Berlin"}';

let stack: WeatherStack;
let classPath: string;
beforeAll(async () => {
  const folder = await buildFolder("spring-security");
  const goals = ["compiler:compile", "dependency:copy-dependencies"];
  await install("mvn", ["-B", "-q", `-Dbuild.folder=${folder}`, ...goals], { cwd: clientFolder("spring-security") });
  classPath = [join(folder, "classes"), join(folder, "lib", "*")].join(":");
  stack = await startWeatherStack();
}, INSTALLING);
afterAll(() => stack?.close());

describe("Spring Security, by ClientRegistrations.fromIssuerLocation", () => {
  it("connects, logs in, lists, calls and refreshes", async () => {
    const before = refreshesAt(stack);
    const args = ["-cp", classPath, "Journey", stack.url, "list", WEATHER, "refresh", WEATHER];
    const { steps, errors, logins } = await takeJourney("java", args);
    expect(steps, errors).toHaveLength(4);
    const [list, first, refreshed, second] = steps;
    expect(list?.tools).toContainEqual(expect.objectContaining({ name: "current_weather" }));
    for (const call of [first, second]) {
      expect(call?.structuredContent).toEqual(ALICES_WEATHER);
    }
    expect(refreshed).toEqual({ refreshed: true });
    expect(refreshesAt(stack)).toBe(before + 1);
    expect(logins).toEqual([LOGGED_IN]);
  });
});

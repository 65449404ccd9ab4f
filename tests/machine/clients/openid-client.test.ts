import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startWeatherStack, type WeatherStack } from "../support/weather-stack.ts";
import { ALICES_WEATHER, clientFolder, INSTALLING, LOGGED_IN, refreshesAt, takeJourney } from "./support/journey.ts";
import { installNpm } from "./support/npm.ts";

const SCRIPT = join(clientFolder("openid-client"), "client.mjs");
const WEATHER = 'current_weather={"city":"Berlin"}';

let stack: WeatherStack;
let folder: string;
beforeAll(async () => {
  folder = await installNpm("openid-client");
  stack = await startWeatherStack();
}, INSTALLING);
afterAll(() => stack?.close());

describe.each(["oidc", "oauth2"])("openid-client with %s discovery", (algorithm) => {
  it("connects, logs in, lists, calls, refreshes and logs out", async () => {
    const before = refreshesAt(stack);
    const args = [SCRIPT, stack.url, algorithm, folder, "list", WEATHER, "refresh", WEATHER, "revoke"];
    const { steps, errors, logins } = await takeJourney(process.execPath, args);
    expect(steps, errors).toHaveLength(5);
    const [list, first, refreshed, second, revoked] = steps;
    expect(list?.tools).toContainEqual(expect.objectContaining({ name: "current_weather" }));
    for (const call of [first, second]) {
      expect(call?.structuredContent).toEqual(ALICES_WEATHER);
    }
    expect([refreshed, revoked]).toEqual([{ refreshed: true }, { revoked: true }]);
    expect(refreshesAt(stack)).toBe(before + 1);
    expect(logins).toEqual([LOGGED_IN]);
  });
});

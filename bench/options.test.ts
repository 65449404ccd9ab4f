import { expect, it } from "vitest";
import { PARTS, readOptions } from "./options.mjs";

it("measures everything but the soak by default", () => {
  const { run, parts, tools, connections, rounds } = readOptions([]);
  expect({ run, tools, connections, rounds }).toEqual({
    run: "measure",
    tools: [1, 10, 50],
    connections: [1, 16, 256],
    rounds: 3,
  });
  expect(parts).toEqual(PARTS.filter((part) => part !== "soak"));
});

it("takes less when asked to be quick, and what is said over that", () => {
  expect(readOptions(["--quick"])).toMatchObject({ rounds: 2, tools: [10], connections: [16] });
  expect(readOptions(["--quick", "--tools", "1,50"])).toMatchObject({ rounds: 2, tools: [1, 50] });
});

it("soaks for ten minutes, or at least four", () => {
  expect(readOptions(["--soak"])).toMatchObject({ parts: ["soak"], soakMinutes: 10 });
  expect(readOptions(["--soak", "--soak-minutes", "1"])).toMatchObject({ soakMinutes: 4 });
});

it("names the option that it can't understand", () => {
  expect(() => readOptions(["--rounds", "many"])).toThrow("--rounds must be a number");
  expect(() => readOptions(["--seconds", "0"])).toThrow("--seconds must be a number");
  expect(() => readOptions(["--parts", "calls,tea"])).toThrow('not "tea"');
  expect(() => readOptions(["--eras", "2024-11-05"])).toThrow('not "2024-11-05"');
  expect(() => readOptions(["--fast"])).toThrow("--fast");
});

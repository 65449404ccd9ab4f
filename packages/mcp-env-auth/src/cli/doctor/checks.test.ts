import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { updateCommandPage, updateReplayPart } from "../../../../../scripts/support/documentation.mjs";
import { checks, offlineChecks } from "./checks.ts";
import { recordedClients } from "./replay/recorded-clients.ts";
import { stages } from "./replay/replay.ts";

const CLI_PAGE = new URL("../../../../../docs/cli.md", import.meta.url);

describe("the checks of doctor", () => {
  it("have names and titles of their own", () => {
    expect(new Set(checks.map(({ name }) => name)).size).toBe(checks.length);
    expect(new Set(checks.map(({ title }) => title)).size).toBe(checks.length);
  });

  it("that run offline are all among those that run online", () => {
    expect(offlineChecks.filter((check) => !checks.includes(check))).toEqual([]);
  });

  // What to do when this fails: npm run build, then node scripts/generate-docs.mjs
  it("are listed in docs/cli.md", () => {
    const page = readFileSync(CLI_PAGE, "utf8");
    expect(page).toBe(updateCommandPage(page, checks));
  });

  it("are listed there with those that replay a client", () => {
    const page = readFileSync(CLI_PAGE, "utf8");
    expect(page).toBe(updateReplayPart(page, stages, recordedClients));
  });
});

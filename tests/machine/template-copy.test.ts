import { execFileSync } from "node:child_process";
import { cpSync, existsSync } from "node:fs";
import path from "node:path";
import { Browser } from "test-support/browser";
import { freePort } from "test-support/free-port";
import { OAuthClient } from "test-support/oauth-client";
import { startOpenMeteoStandIn } from "test-support/open-meteo-stand-in";
import { startProcess } from "test-support/processes";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect } from "../support/clients.ts";
import { repository } from "../support/scaffolder.ts";
import { type Published, publish } from "./support/published.ts";

const TEMPLATE = path.join(repository, "templates/weather");

let published: Published;
let project: string;

beforeAll(async () => {
  published = await publish();
  project = path.join(published.home, "new");
  const tracked = execFileSync("git", ["ls-files"], { cwd: TEMPLATE, encoding: "utf8" }).trim().split("\n");
  for (const file of tracked) {
    cpSync(path.join(TEMPLATE, file), path.join(project, file));
  }
});

afterAll(() => published?.close());

describe("a copy of the template's folder", { timeout: 120_000 }, () => {
  it("is installed by npm, without a word about install scripts", async () => {
    const { code, stdout, stderr } = await published.npm(["install", "--no-audit", "--no-fund"], project);
    expect(code, stdout + stderr).toBe(0);
    expect(stdout + stderr).not.toMatch(/install.?script|deprecated|EBADENGINE/i);
    expect(existsSync(path.join(project, "node_modules/esbuild"))).toBe(false);
  });

  it("passes its tests", async () => {
    const { code, stdout, stderr } = await published.npm(["test"], project);
    expect(code, stdout + stderr).toBe(0);
    expect(stdout).toMatch(/Tests .*\d+ passed/);
  });

  it("is developed at once, with no .env and no tenant", async () => {
    const openMeteo = await startOpenMeteoStandIn();
    const port = await freePort();
    const dev = await startProcess({
      name: "npm run dev",
      script: path.join(project, "scripts/dev.mjs"),
      env: { FASTMCP_PORT: String(port), GEOCODING_API_URL: openMeteo.url, WEATHER_API_URL: openMeteo.url },
      readyUrl: `http://127.0.0.1:${port}/readyz`,
    });
    try {
      const oauth = new OAuthClient({ browser: new Browser(), username: "alice" });
      const session = await connect({ kind: "SDK v2, 2026-07-28", url: `http://localhost:${port}/mcp`, oauth });
      const { structuredContent } = await session.callTool("save_place", { city: "Lisbon" });
      expect(structuredContent).toEqual({ places: ["Lisbon, Portugal"] });
      await session.close();
    } finally {
      await dev.stop();
      await openMeteo.close();
    }
  });
});

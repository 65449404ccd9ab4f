import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Browser } from "test-support/browser";
import { freePort } from "test-support/free-port";
import { OAuthClient } from "test-support/oauth-client";
import { startOpenMeteoStandIn } from "test-support/open-meteo-stand-in";
import { type RunningProcess, startProcess } from "test-support/processes";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { scaffoldProject } from "../scripts/support/scaffold.mjs";
import { CLIENT_KINDS, type ClientKind, connect } from "./support/clients.ts";

const SCOPE = "weather:compare";

let project: ReturnType<typeof scaffoldProject>;
let openMeteo: Awaited<ReturnType<typeof startOpenMeteoStandIn>>;
let dev: RunningProcess;
let url: string;

function edit(file: string, change: (text: string) => string): void {
  const target = path.join(project.folder, file);
  const text = readFileSync(target, "utf8");
  const changed = change(text);
  expect(changed, file).not.toBe(text);
  writeFileSync(target, changed);
}

beforeAll(async () => {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  url = `${origin}/mcp`;
  project = scaffoldProject("weather", ["--local", "--base-url", origin]);
  const readme = readFileSync(path.join(project.folder, "README.md"), "utf8");
  const [, tool = ""] = /## Your first tool\n.*?```ts\n(.*?)```/s.exec(readme) ?? [];
  edit("src/server.ts", (text) => text.replace(/^await server\.run/m, (run) => `${tool}\n${run}`));
  openMeteo = await startOpenMeteoStandIn();
  dev = await startProcess({
    name: "npm run dev",
    script: path.join(project.folder, "scripts/dev.mjs"),
    env: {
      FASTMCP_SERVER_AUTH_AUTH0_CONFIG_URL: `http://localhost:${await freePort()}/.well-known/openid-configuration`,
      GEOCODING_API_URL: openMeteo.url,
      WEATHER_API_URL: openMeteo.url,
    },
    readyUrl: `${origin}/readyz`,
  });
}, 240_000);

afterAll(async () => {
  await dev?.stop();
  await openMeteo?.close();
  project?.remove();
});

async function compareAs(username: string, kind: ClientKind) {
  const oauth = new OAuthClient({ browser: new Browser(), username });
  const session = await connect({ kind, url, oauth });
  try {
    return await session.callTool("compare", { first: "Berlin", second: "Lisbon" });
  } finally {
    await session.close();
  }
}

describe("a new user's first tool, as the README of their project prints it", () => {
  it.each(CLIENT_KINDS)("answers alice, who has its scope, by %s", async (kind) => {
    expect(await compareAs("alice", kind)).toMatchObject({ content: [{ text: "Lisbon, Portugal is warmer." }] });
  });

  it.each(CLIENT_KINDS)("refuses bob, who has not, by %s", async (kind) => {
    await expect(compareAs("bob", kind)).rejects.toThrow(SCOPE);
  });
});

import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import { Browser } from "test-support/browser";
import { freePort } from "test-support/free-port";
import { OAuthClient } from "test-support/oauth-client";
import { startProcess } from "test-support/processes";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { connect } from "../support/clients.ts";
import { runNode, temporaryDirectory } from "../support/scaffolder.ts";
import { installOnce, runTool } from "./providers/support/programs.ts";
import { type Published, publish } from "./support/published.ts";
import { createRedisServer, type RedisServer } from "./support/redis-server.ts";

const BUNDLERS = ["esbuild", "webpack", "rolldown"] as const;
const FORMATS = ["esm", "cjs"] as const;
const CELLS = BUNDLERS.flatMap((bundler) => FORMATS.map((format) => [bundler, format] as const));

const file = (name: string) => fileURLToPath(new URL(`bundlers/${name}`, import.meta.url));

let published: Published;
let project: string;
let bundlers: string;
let auth0: DevAuth0;
let redis: RedisServer;

beforeAll(async () => {
  const pins = ["package.json", "package-lock.json"];
  bundlers = await installOnce("bundlers", pins.map(file), async (empty) => {
    await Promise.all(pins.map((pin) => copyFile(file(pin), join(empty, pin))));
    await runTool("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: empty });
  });
  published = await publish();
  project = join(published.home, "server");
  await mkdir(project);
  const dependencies = { "mcp-env-auth": "*", zod: "^4.6.7" };
  await writeFile(
    join(project, "package.json"),
    JSON.stringify({ name: "server", private: true, type: "module", dependencies }),
  );
  await copyFile(file("server.mjs"), join(project, "server.mjs"));
  const installed = await published.npm(["install", "--no-audit", "--no-fund"], project);
  expect(installed.code, installed.stdout + installed.stderr).toBe(0);
  auth0 = await startDevAuth0();
  redis = await createRedisServer();
  await redis.start();
}, 240_000);

afterAll(async () => {
  await redis?.dispose();
  await auth0?.close();
  await published?.close();
});

/** A bundle in a folder of its own, where no package can be found. */
async function bundle(bundler: string, format: string): Promise<{ folder: string; script: string }> {
  const folder = temporaryDirectory();
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const args = [bundlers, bundler, format, join(project, "server.mjs"), folder];
  const { code, stdout, stderr } = await runNode(file("bundle.mjs"), args, { cwd: project, env: published.env });
  expect(code, stdout + stderr).toBe(0);
  return { folder, script: join(folder, format === "esm" ? "server.mjs" : "server.cjs") };
}

/** Starts a bundle, at a port that `env` is told of. */
async function start(script: string, env: (origin: string) => Readonly<Record<string, string>>) {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const running = await startProcess({
    name: "The bundle",
    script,
    env: { FASTMCP_ENV_FILE: "", FASTMCP_PORT: String(port), ...env(origin) },
    readyUrl: `${origin}/readyz`,
  });
  onTestFinished(() => running.stop());
  return { url: `${origin}/mcp`, log: running.log };
}

describe("a server in a bundle, without OpenTelemetry and without node_modules", { timeout: 240_000 }, () => {
  it.each(CELLS)("logs a user in and answers calls: %s, %s", async (bundler, format) => {
    const { folder, script } = await bundle(bundler, format);
    await writeFile(
      join(folder, "policy.json"),
      JSON.stringify({ tools: { secret: { permissions: ["nobody:has"] } } }),
    );
    const { url, log } = await start(script, (origin) => ({
      ...auth0.env(origin),
      FASTMCP_AUTHORIZATION_FILE: "policy.json",
      FASTMCP_STORAGE_URL: `redis://127.0.0.1:${redis.port}`,
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9",
      // Loads the library for proxies, which nothing goes through.
      HTTPS_PROXY: "http://127.0.0.1:9",
    }));
    const oauth = new OAuthClient({ browser: new Browser(), username: "alice" });
    const session = await connect({ kind: "SDK v2, 2026-07-28", url, oauth });
    expect((await session.callTool("greet", { city: "Oslo" })).content[0]?.text).toBe("Hello Oslo, from auth0|alice");
    expect((await session.callTool("greet", { city: 7 })).content[0]?.text).toContain("Input validation error");
    expect((await session.callTool("fails")).content[0]?.text).toContain("Something went wrong in the server.");
    expect(await session.listTools()).toEqual(["greet", "fails"]);
    await session.close();
    expect(log()).toContain("Redis answers");
    expect(log()).toContain("OpenTelemetry is not installed");
    expect(log()).toContain("the database is gone");

    // A provider of one's own is a module beside the bundle.
    await writeFile(join(folder, "own.mjs"), "export const Other = 1;");
    const env = { ...published.env, FASTMCP_ENV_FILE: "", FASTMCP_SERVER_AUTH: "./own.mjs#Mine" };
    const refused = await runNode(script, [], { cwd: folder, env });
    expect(refused.stderr).toContain("It exports Other.");
    expect(refused.code).toBe(1);
  });
});

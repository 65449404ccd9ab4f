import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { startDevAuth0 } from "dev-auth0";
import { Browser } from "test-support/browser";
import { freePort } from "test-support/free-port";
import { OAuthClient } from "test-support/oauth-client";
import { startOpenMeteoStandIn } from "test-support/open-meteo-stand-in";
import { startProcess } from "test-support/processes";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect } from "../support/clients.ts";
import { type LocalRegistry, startLocalRegistry } from "../support/local-registry.ts";
import { repository, runNode, temporaryDirectory } from "../support/scaffolder.ts";

const NPM_MODULES = execFileSync("npm", ["root", "--global"], {
  encoding: "utf8",
  stdio: ["ignore", "pipe", "ignore"],
}).trim();
const NPM = path.join(NPM_MODULES, "npm/bin/npm-cli.js");
const NPX = path.join(NPM_MODULES, "npm/bin/npx-cli.js");

let home: string;
let registry: LocalRegistry;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  home = temporaryDirectory();
  const packages = ["mcp-env-auth", "dev-auth0", "create-mcp-auth0-server"];
  registry = await startLocalRegistry(
    packages.map((name) => path.join(repository, "packages", name)),
    home,
  );
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_(config_user_agent|lifecycle_|package_|command)|CI$|VITEST)/i.test(name),
  );
  env = {
    ...Object.fromEntries(kept),
    npm_config_registry: registry.url,
    npm_config_cache: path.join(home, "npm-cache"),
    XDG_CACHE_HOME: path.join(home, "cache"),
  };
});

afterAll(async () => {
  await registry?.close();
  rmSync(home, { recursive: true, force: true });
});

function folder(name: string): string {
  const created = path.join(home, name);
  mkdirSync(created);
  return created;
}

describe("npm create", { timeout: 240_000 }, () => {
  it("makes a project that builds, passes its tests, logs a user in and answers, by its own .env", async () => {
    const cwd = folder("with-npm");
    const auth0 = await startDevAuth0();
    const weather = await startOpenMeteoStandIn();
    const port = await freePort();
    const origin = `http://127.0.0.1:${port}`;
    const settings = auth0.env(origin);
    const setting = (name: string) => settings[`FASTMCP_SERVER_AUTH_AUTH0_${name}`] ?? "";
    writeFileSync(path.join(cwd, "secret"), setting("CLIENT_SECRET"));
    const created = await runNode(
      NPM,
      [
        ...["create", "--yes", "mcp-auth0-server@latest", "app", "--"],
        ...[
          "--domain",
          new URL(auth0.issuer).origin,
          "--client-id",
          setting("CLIENT_ID"),
          "--client-secret-file",
          "secret",
        ],
        ...["--audience", setting("AUDIENCE"), "--base-url", origin, "--no-git"],
      ],
      { cwd, env },
    );
    expect(created.code, created.stdout + created.stderr).toBe(0);
    expect(created.stdout).toContain(`Found ${auth0.issuer}: `);

    const project = path.join(cwd, "app");
    expect(readFileSync(path.join(project, "package.json"), "utf8")).not.toMatch(/"(file|link|workspace|catalog):/);
    for (const script of ["build", "test"]) {
      const { code, stdout, stderr } = await runNode(NPM, ["run", script], { cwd: project, env });
      expect(code, `npm run ${script}\n${stdout}${stderr}`).toBe(0);
    }

    const server = await startProcess({
      name: "The scaffolded server",
      script: path.join(project, "dist/server.js"),
      env: {
        FASTMCP_ENV_FILE: path.join(project, ".env"),
        GEOCODING_API_URL: weather.url,
        WEATHER_API_URL: weather.url,
      },
      readyUrl: `${origin}/readyz`,
    });
    const oauth = new OAuthClient({ browser: new Browser(), username: "alice" });
    const session = await connect({ kind: "SDK v2, 2026-07-28", url: `${origin}/mcp`, oauth });
    const { structuredContent } = await session.callTool("current_weather", { city: "Berlin" });
    expect(structuredContent).toMatchObject({ city: "Berlin, Germany", requested_by: "auth0|alice" });
    await session.close();
    await server.stop();
    await weather.close();
    await auth0.close();
  });
});

describe("pnpm create", { timeout: 240_000 }, () => {
  it("passes on options without a --, and installs with pnpm", async () => {
    const cwd = folder("with-pnpm");
    const { code, stdout, stderr } = await runNode(
      NPX,
      ["--yes", "pnpm@12", "create", "mcp-auth0-server", "app", "--local", "--no-git"],
      {
        cwd,
        env: { ...env, pnpm_config_registry: registry.url, pnpm_config_store_dir: path.join(home, "pnpm-store") },
      },
    );
    expect(code, stdout + stderr).toBe(0);
    expect(stdout).toContain("Run it:\n  cd app\n  pnpm dev\n");
    expect(existsSync(path.join(cwd, "app/pnpm-lock.yaml"))).toBe(true);
    expect(existsSync(path.join(cwd, "app/node_modules/mcp-env-auth/package.json"))).toBe(true);
  });
});

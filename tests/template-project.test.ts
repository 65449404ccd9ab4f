import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { startDevAuth0 } from "dev-auth0";
import { Browser } from "test-support/browser";
import { freePort } from "test-support/free-port";
import { OAuthClient } from "test-support/oauth-client";
import { SAMPLE_DATA_NOTICE, startOpenMeteoStandIn } from "test-support/open-meteo-stand-in";
import { startProcess } from "test-support/processes";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { scaffoldProject } from "../scripts/support/scaffold.mjs";
import { connect } from "./support/clients.ts";
import { repository, runNode } from "./support/scaffolder.ts";

let project: ReturnType<typeof scaffoldProject>;
let openMeteo: Awaited<ReturnType<typeof startOpenMeteoStandIn>>;
let port: number;
let env: Record<string, string>;

beforeAll(async () => {
  port = await freePort();
  project = scaffoldProject("weather", ["--local", "--base-url", `http://localhost:${port}`]);
  openMeteo = await startOpenMeteoStandIn();
  env = {
    FASTMCP_SERVER_AUTH_AUTH0_CONFIG_URL: `http://127.0.0.1:${await freePort()}/.well-known/openid-configuration`,
    GEOCODING_API_URL: openMeteo.url,
    WEATHER_API_URL: openMeteo.url,
  };
}, 240_000);

afterAll(async () => {
  await openMeteo?.close();
  project?.remove();
});

function startDev(
  changes: Record<string, string> = {},
  ready: "readyz" | "healthz" = "readyz",
  args: readonly string[] = [],
) {
  return startProcess({
    name: "npm run dev",
    args,
    script: join(project.folder, "scripts/dev.mjs"),
    env: { ...env, ...changes },
    readyUrl: `http://127.0.0.1:${port}/${ready}`,
  });
}

async function toolNames(): Promise<string[]> {
  const oauth = new OAuthClient({ browser: new Browser(), username: "alice" });
  const session = await connect({ kind: "SDK v2, 2026-07-28", url: `http://localhost:${port}/mcp`, oauth });
  const names = await session.listTools();
  await session.close();
  return names;
}

describe("npm run dev in a new project", () => {
  it("says who can log in, and serves them at once", async () => {
    const dev = await startDev();
    try {
      expect(dev.log()).toMatch(/Users log in at http:\/\/127\.0\.0\.1:\d+\/, a local stand-in for Auth0/);
      expect(dev.log()).toContain("alice   everything that a tool asks for");
      expect(dev.log()).toContain(`Clients connect to http://localhost:${port}/mcp`);
      expect(await toolNames()).toContain("current_weather");
    } finally {
      await dev.stop();
    }
    await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();
  });

  it("shows requests, logins and calls as they happen, and nothing that a login brings along", async () => {
    const dev = await startDev();
    try {
      const oauth = new OAuthClient({ browser: new Browser(), username: "alice" });
      const url = `http://localhost:${port}/mcp`;
      const session = await connect({ kind: "SDK v2, 2026-07-28", url, oauth });
      await session.callTool("current_weather", { city: "Oslo" });
      await session.close();
      const messages = () =>
        dev
          .log()
          .match(/"msg":"[^"]*"/g)
          ?.join("\n") ?? "";
      await expect.poll(messages).toContain("The tool current_weather: ok");
      for (const shown of ["POST /mcp: 401", "POST /register: 201", "GET /authorize: 200", "POST /token: 200"]) {
        expect(messages()).toContain(shown);
      }
      expect(messages()).toContain("The user came back from the identity provider");
      expect(dev.log()).not.toMatch(/[?&](?:code|state)=/);
    } finally {
      await dev.stop();
    }
  });

  it("has doctor look into a login that failed", async () => {
    const dev = await startDev();
    try {
      const oauth = new OAuthClient({ browser: new Browser(), username: "carol" });
      const login = connect({ kind: "SDK v2, 2026-07-28", url: `http://localhost:${port}/mcp`, oauth });
      await expect(login).rejects.toThrow();
      await expect
        .poll(dev.log)
        .toMatch(/The configuration may be the reason\. Running mcp-env-auth doctor --only [a-z,-]+/);
      await expect.poll(dev.log, { timeout: 40_000 }).toMatch(/(?:Nothing is|things? (?:is|are)) wrong/);
    } finally {
      await dev.stop();
    }
  });

  it("builds and starts again after a change, and stays with the last good build until then", async () => {
    const file = join(project.folder, "src/server.ts");
    const source = readFileSync(file, "utf8");
    const dev = await startDev();
    try {
      writeFileSync(file, `${source}\nconst broken: number = "text";\n`);
      await expect.poll(dev.log, { timeout: 40_000 }).toContain("is not assignable to type");
      await expect.poll(dev.log, { timeout: 40_000 }).toContain("after the next change");
      expect(await toolNames()).toContain("forecast");

      writeFileSync(file, source.replace('"forecast",', '"outlook",'));
      await expect.poll(() => toolNames().catch(() => []), { timeout: 40_000, interval: 250 }).toContain("outlook");
      expect(dev.log()).toContain("The build works again.");
    } finally {
      await dev.stop();
      writeFileSync(file, source);
    }
  });

  it("moves the stand-in to the next port where another program has its own, and tells the server", async () => {
    const taken = await startDevAuth0({ port: await freePort() });
    try {
      const dev = await startDev({ FASTMCP_SERVER_AUTH_AUTH0_CONFIG_URL: taken.configUrl });
      try {
        expect(dev.log()).not.toContain(`Users log in at ${taken.issuer}`);
        expect(await toolNames()).toContain("current_weather");
        expect(taken.requests.some(({ path }) => path === "/authorize")).toBe(false);
      } finally {
        await dev.stop();
      }
    } finally {
      await taken.close();
    }
  });

  it("answers with sample data when it is offline", async () => {
    const unreachable = "http://127.0.0.1:1";
    const dev = await startDev({ GEOCODING_API_URL: unreachable, WEATHER_API_URL: unreachable }, "readyz", [
      "--offline",
    ]);
    try {
      expect(dev.log()).toContain(SAMPLE_DATA_NOTICE);
      const oauth = new OAuthClient({ browser: new Browser(), username: "alice" });
      const session = await connect({ kind: "SDK v2, 2026-07-28", url: `http://localhost:${port}/mcp`, oauth });
      const { structuredContent } = await session.callTool("current_weather", { city: "Oslo" });
      expect(structuredContent).toMatchObject({ city: "Oslo, Norway", conditions: "Snow" });
      await session.close();
    } finally {
      await dev.stop();
    }
  });

  it("keeps logins beyond a restart, in a file that git ignores", async () => {
    const oauth = new OAuthClient({ browser: new Browser(), username: "alice" });
    const url = `http://localhost:${port}/mcp`;
    const call = async () => {
      const session = await connect({ kind: "SDK v2, 2026-07-28", url, oauth });
      const result = await session.callTool("current_weather", { city: "Oslo" });
      await session.close();
      return result;
    };
    const first = await startDev();
    await call().finally(first.stop);
    const logins = oauth.logins;
    const second = await startDev();
    expect(await call().finally(second.stop)).toMatchObject({ structuredContent: { requested_by: "auth0|alice" } });
    expect(oauth.logins).toBe(logins);
    expect(readFileSync(join(project.folder, ".gitignore"), "utf8").split("\n")).toContain(".dev-auth0.json");
  });

  it("starts no Auth0 where .env names a tenant", async () => {
    const configUrl = "https://tenant.invalid/.well-known/openid-configuration";
    const dev = await startDev({ FASTMCP_SERVER_AUTH_AUTH0_CONFIG_URL: configUrl }, "healthz");
    await dev.stop();
    const log = dev.log();
    expect(log).toContain(`Users log in at ${configUrl}, as configured.`);
    expect(log).not.toContain("stand-in");
  });

  it("ends the server with itself, even when it is killed", async () => {
    const dev = await startDev();
    await dev.kill();
    await expect
      .poll(() => fetch(`http://127.0.0.1:${port}/healthz`).catch(() => "gone"), { timeout: 20_000 })
      .toBe("gone");
  });
});

describe.skipIf(process.platform === "win32" || process.platform === "darwin")(
  "npm run client in a new project",
  () => {
    it("opens the browser without a shell, logs in, calls the tools, and remembers the login", async () => {
      const dev = await startDev();
      const home = join(project.folder, "home");
      const bin = join(home, "bin");
      mkdirSync(bin, { recursive: true });
      writeFileSync(join(bin, "xdg-open"), XDG_OPEN);
      chmodSync(join(bin, "xdg-open"), 0o755);
      const tsc = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc"], { cwd: project.folder });
      expect(tsc.status).toBe(0);
      const client = (...args: string[]) =>
        runNode(join(project.folder, "dist/client/main.js"), args, {
          cwd: project.folder,
          env: { PATH: `${bin}${delimiter}${process.env.PATH}`, HOME: home, OPENED: join(home, "opened") },
        });
      try {
        const first = await client("Oslo");
        expect(first, first.stderr).toMatchObject({ code: 0, stderr: "" });
        expect(first.stdout).toContain('"conditions": "Snow"');
        expect(first.stdout).toContain('"requested_by": "auth0|alice"');
        const opened = JSON.parse(readFileSync(join(home, "opened"), "utf8")) as string[];
        expect(opened).toHaveLength(1);
        expect(opened[0]).toMatch(new RegExp(`^http://localhost:${port}/authorize\\?.*&state=`));

        const second = await client("--save", "Lisbon");
        // At Auth0 the first login asks for all that the tools need.
        expect(second.stdout).not.toContain("Log in");
        expect(second.stdout).toContain("Lisbon, Portugal");

        const third = await client("Lisbon");
        expect(third.stdout).not.toContain("Log in");
        expect(third.stdout).toContain("Lisbon, Portugal");

        expect(await client("Atlantis")).toMatchObject({ code: 1, stdout: expect.stringContaining("No place found") });

        expect((await client("--logout")).stdout).toBe("Logged out.\n");
        expect((await client("--logout")).stdout).toBe("Nobody was logged in.\n");
      } finally {
        await dev.stop();
      }
    });

    it("says so when the server is not running, and refuses other URLs than web pages'", async () => {
      const main = join(project.folder, "dist/client/main.js");
      const run = (url: string) => runNode(main, ["--url", url], { cwd: project.folder });
      const closed = await freePort();
      expect(await run(`http://localhost:${closed}/mcp`)).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(
          new RegExp(
            `^localhost:${closed} can't be reached: connect ECONNREFUSED .*\\. Is it running\\? npm run dev starts the server\\.\n$`,
          ),
        ),
      });
      for (const url of ["file:///etc/passwd", "http://weather.example.com/mcp"]) {
        expect(await run(url)).toMatchObject({ code: 1, stderr: expect.stringContaining("is refused") });
      }
    });
  },
);

/** A person with a browser: logs in as alice where they are sent, and goes back to the client. */
const XDG_OPEN = `#!/usr/bin/env node
import("node:fs").then(({ writeFileSync }) => writeFileSync(process.env.OPENED, JSON.stringify(process.argv.slice(2))));
import(${JSON.stringify(new URL("../packages/test-support/src/browser.mjs", import.meta.url).href)}).then(async ({ Browser, logIn }) => {
  const redirectUri = new URL(process.argv[2]).searchParams.get("redirect_uri");
  await fetch(await logIn(new Browser(), process.argv[2], { redirectUri, username: "alice" }));
});
`;

describe("a new project", () => {
  it("refers to no path of the workspace", () => {
    expect(readFileSync(join(project.folder, "package.json"), "utf8")).not.toContain(repository);
    expect(readFileSync(join(project.folder, "package.json"), "utf8")).not.toMatch(/"(file|link|workspace):/);
  });
});

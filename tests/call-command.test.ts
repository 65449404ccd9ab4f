import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { startDevAuth0 } from "dev-auth0";
import { Browser, logIn } from "test-support/browser";
import { freePort } from "test-support/free-port";
import { startOpenMeteoStandIn } from "test-support/open-meteo-stand-in";
import { startWeatherServer, type WeatherServer } from "test-support/servers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { runCli } from "./support/cli.ts";
import { temporaryDirectory } from "./support/scaffolder.ts";

const BERLIN = '{"city":"Berlin"}';

let auth0: Awaited<ReturnType<typeof startDevAuth0>>;
let openMeteo: Awaited<ReturnType<typeof startOpenMeteoStandIn>>;
let server: WeatherServer;
let home: string;

beforeAll(async () => {
  auth0 = await startDevAuth0();
  openMeteo = await startOpenMeteoStandIn();
  server = await startWeatherServer({ port: await freePort(), authEnv: auth0.env, openMeteoUrl: openMeteo.url });
});

afterAll(async () => {
  await server?.stop();
  await openMeteo?.close();
  await auth0?.close();
});

beforeEach(() => {
  home = temporaryDirectory();
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

function cli(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return runCli(args, { env: { HOME: home, XDG_STATE_HOME: join(home, "state"), ...env } });
}

const as = (user: string) => ["--url", server.url, "--as", user];
const logins = () => auth0.requests.filter(({ method, path }) => method === "POST" && path === "/u/login").length;

describe("mcp-env-auth call", () => {
  it("logs in, calls a tool, and does not log in again the next time", async () => {
    const before = logins();
    for (const _time of [1, 2]) {
      const { code, stdout, stderr } = await cli(["call", "current_weather", BERLIN, ...as("alice")]);
      expect({ code, stderr }, stderr).toEqual({ code: 0, stderr: "" });
      expect(JSON.parse(stdout)).toMatchObject({ city: "Berlin, Germany", requested_by: "auth0|alice" });
    }
    expect(logins()).toBe(before + 1);
    if (process.platform !== "win32") {
      expect(statSync(join(home, "state/mcp-env-auth/credentials.json")).mode & 0o777).toBe(0o600);
    }
  });

  it("keeps two users apart, and says what one of them may not do", async () => {
    expect((await cli(["call", "save_place", BERLIN, ...as("alice")])).stdout).toContain("Berlin, Germany");
    const { code, stdout, stderr } = await cli(["call", "save_place", BERLIN, ...as("bob")]);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("weather:write");
    expect(JSON.parse((await cli(["call", "list_saved_places", ...as("bob")])).stdout)).toEqual({ places: [] });
  });

  it("ends with 1 and the tool's words when the tool answers an error", async () => {
    const { code, stdout } = await cli(["call", "current_weather", '{"city":"Atlantis"}', ...as("alice")]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: 'No place found for "Atlantis". Check the spelling.\n' });
    const json = await cli(["call", "current_weather", '{"city":"Atlantis"}', "--json", ...as("alice")]);
    expect(JSON.parse(json.stdout)).toMatchObject({ isError: true });
  });

  it.each([
    ["Berlin", "is not a JSON object"],
    ["[1]", "is not a JSON object"],
  ])("refuses the input %s before it asks for anything", async (input, words) => {
    const { code, stderr } = await cli(["call", "current_weather", input, ...as("alice")]);
    expect(code).toBe(2);
    expect(stderr).toContain(words);
  });

  it("names the host that can't be reached, and why", async () => {
    const port = await freePort();
    const { code, stderr } = await cli(["call", "x", "--url", `http://localhost:${port}/mcp`]);
    expect(code).toBe(1);
    expect(stderr).toBe(`localhost:${port} can't be reached: the connection was refused. Is the server running?\n`);
  });

  it("logs nobody in as somebody who may not log in", async () => {
    const { code, stderr } = await cli(["call", "current_weather", BERLIN, ...as("carol")]);
    expect([code, stderr.trim() === ""]).toEqual([1, false]);
  });

  it.skipIf(process.platform === "win32" || process.platform === "darwin")(
    "opens a browser without --as, and says where to go",
    async () => {
      const bin = join(home, "bin");
      mkdirSync(bin);
      writeFileSync(
        join(bin, "xdg-open"),
        `#!/bin/sh\necho "$1" > "${join(home, "opening")}"\nmv "${join(home, "opening")}" "${join(home, "opened")}"\n`,
      );
      chmodSync(join(bin, "xdg-open"), 0o755);
      const browser = openWhenAsked(join(home, "opened"));
      const { code, stdout, stderr } = await cli(["call", "current_weather", BERLIN, "--url", server.url], {
        PATH: `${bin}${delimiter}${process.env.PATH}`,
      });
      await browser;
      expect(code, stderr).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ requested_by: "auth0|bob" });
      expect(stderr).toContain(`${new URL("/authorize", server.url).href}?`);
    },
  );
});

/** A person in front of the browser that was opened. */
async function openWhenAsked(file: string): Promise<void> {
  const opened = () => (existsSync(file) ? readFileSync(file, "utf8").trim() : "");
  await expect.poll(opened, { timeout: 20_000 }).toMatch(/^http/);
  const url = new URL(opened());
  const redirectUri = url.searchParams.get("redirect_uri") ?? "";
  await fetch(await logIn(new Browser(), url, { redirectUri, username: "bob" }));
}

describe("mcp-env-auth tools", () => {
  it("lists what the server offers, and its schemas for programs", async () => {
    const { code, stdout } = await cli(["tools", ...as("alice")]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^current_weather +Get the current weather for a city/m);
    const tools = JSON.parse((await cli(["tools", "--json", ...as("alice")])).stdout) as { name: string }[];
    expect(tools.find(({ name }) => name === "forecast")).toMatchObject({ inputSchema: { required: ["city"] } });
  });
});

describe("mcp-env-auth login", () => {
  it("keeps a login for later calls, and ends it at the server", async () => {
    const login = await cli(["login", ...as("alice")]);
    expect(login, login.stderr).toMatchObject({ code: 0, stderr: "" });
    expect(login.stdout).toContain(`Logged in to ${server.url}, with `);
    const kept = JSON.parse(readFileSync(join(home, "state/mcp-env-auth/credentials.json"), "utf8"));
    const [token] = JSON.stringify(kept).match(/(?<="access_token":")[^"]+/) ?? [];
    const before = logins();
    expect((await cli(["call", "list_saved_places", ...as("alice")])).code).toBe(0);
    expect(logins()).toBe(before);

    expect((await cli(["login", "--end", ...as("alice")])).stdout).toBe(`Logged out of ${server.url}.\n`);
    expect((await cli(["login", "--end", ...as("alice")])).stdout).toBe(`Nobody was logged in to ${server.url}.\n`);
    const response = await fetch(server.url, { method: "POST", headers: { Authorization: `Bearer ${token}` } });
    expect(response.status).toBe(401);
  });

  it("answers no form of another machine for a person", async () => {
    const { code, stderr } = await cli(["login", "--url", "https://mcp.example.invalid/mcp", "--as", "alice"]);
    expect(code).toBe(1);
    expect(stderr.replaceAll(/\s+/g, " ")).toContain("mcp.example.invalid can't be reached");
  });
});

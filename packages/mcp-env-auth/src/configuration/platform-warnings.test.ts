import { describe, expect, it } from "vitest";
import { loadConfiguration } from "./load-configuration.ts";
import { configurationWarnings, OPEN_SERVER } from "./start-warnings.ts";

const HEROKU = { DYNO: "web.1", PORT: "9090" };
const OPEN = { FASTMCP_SERVER_AUTH: "none" };
const PROTECTED = {
  FASTMCP_SERVER_AUTH: "auth0",
  FASTMCP_SERVER_AUTH_AUTH0_CONFIG_URL: "https://tenant.eu.auth0.com/.well-known/openid-configuration",
  FASTMCP_SERVER_AUTH_AUTH0_CLIENT_ID: "client-id",
  FASTMCP_SERVER_AUTH_AUTH0_CLIENT_SECRET: "hunter22hunter22",
  FASTMCP_SERVER_AUTH_AUTH0_AUDIENCE: "https://api.example.com",
  FASTMCP_SERVER_AUTH_AUTH0_BASE_URL: "https://mcp.example.com",
};

async function warned(processEnv: Readonly<Record<string, string>>, settled = {}, auth?: null): Promise<string[]> {
  const configuration = await loadConfiguration({ processEnv, cwd: "/nowhere", auth });
  const found = configurationWarnings(configuration, "http", { listens: true, ...settled });
  return found
    .map(({ variable, message }) => `${variable ?? ""} ${message}`.trim())
    .filter((text) => text !== OPEN_SERVER);
}

describe("what a start says of a hosting platform", () => {
  it("is nothing where it reaches the server", async () => {
    expect(await warned({ ...PROTECTED, ...HEROKU })).toEqual([]);
    expect(await warned({ ...PROTECTED, ...HEROKU, FASTMCP_PORT: "9090", FASTMCP_HOST: "::" })).toEqual([]);
  });

  it("is that PORT is not read where no platform is known", async () => {
    const message = "PORT is set, and this server does not read it. Set FASTMCP_PORT instead, if it is meant for";
    expect(await warned({ ...PROTECTED, PORT: "9090" })).toEqual([expect.stringContaining(message)]);
    expect(await warned({ ...PROTECTED, DYNO: "web.1", PORT: "http" })).toEqual([
      expect.stringContaining("PORT is set"),
    ]);
  });

  it("is that FASTMCP_PORT is another port, or FASTMCP_HOST an address that it does not reach", async () => {
    expect(await warned({ ...PROTECTED, ...HEROKU, FASTMCP_PORT: "8000" })).toEqual([
      "FASTMCP_PORT is 8000, and Heroku sends requests to port 9090 (PORT). Remove FASTMCP_PORT, unless Heroku is set to send them to port 8000.",
    ]);
    for (const host of ["127.0.0.1", "localhost", "::1"]) {
      expect(await warned({ ...PROTECTED, ...HEROKU, FASTMCP_HOST: host })).toEqual([
        expect.stringContaining(`FASTMCP_HOST is ${host}, where Heroku does not reach the server. Remove it, unless`),
      ]);
    }
  });

  it("is nothing of what code settles", async () => {
    expect(await warned({ ...PROTECTED, ...HEROKU, FASTMCP_PORT: "1" }, { port: 8000, host: "::" })).toEqual([]);
    expect(await warned({ ...PROTECTED, ...HEROKU, FASTMCP_HOST: "127.0.0.1" }, { listens: false })).toEqual([]);
  });

  it("is that an open server is not put on the network", async () => {
    const expected = [expect.stringContaining("FASTMCP_HOST is not set, and nothing protects this server")];
    expect(await warned({ ...OPEN, ...HEROKU })).toEqual(expected);
    expect(await warned(HEROKU, {}, null)).toEqual(expected);
  });
});

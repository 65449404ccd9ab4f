import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type DevAuth0, startDevAuth0 } from "./index.ts";
import { run } from "./run.ts";

const open: DevAuth0[] = [];

afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(open.splice(0).map((auth0) => auth0.close()));
});

async function runCommand(...args: string[]) {
  let out = "";
  let error = "";
  const outcome = await run(args, {
    out: (text) => {
      out += text;
    },
    error: (text) => {
      error += text;
    },
  });
  if ("auth0" in outcome) {
    open.push(outcome.auth0);
  }
  return { outcome, out: () => out, error };
}

describe("the dev-auth0 command", () => {
  test("prints the .env of a server, the users and what it is for, then its requests without their parameters", async () => {
    const { outcome, out } = await runCommand("--port", "0", "--client-id", "me", "--client-secret", "mine");
    if (!("auth0" in outcome)) {
      throw new Error("Expected to serve.");
    }
    const { auth0 } = outcome;
    expect(out()).toContain(
      `
FASTMCP_SERVER_AUTH=fastmcp.server.auth.providers.auth0.Auth0Provider
FASTMCP_SERVER_AUTH_AUTH0_CONFIG_URL=${auth0.issuer}.well-known/openid-configuration
FASTMCP_SERVER_AUTH_AUTH0_CLIENT_ID=me
FASTMCP_SERVER_AUTH_AUTH0_CLIENT_SECRET=mine
FASTMCP_SERVER_AUTH_AUTH0_AUDIENCE=https://weather.example.com/api
FASTMCP_SERVER_AUTH_AUTH0_BASE_URL=http://127.0.0.1:8000
`,
    );
    expect(out()).toContain("For development only");
    expect(out()).toContain("  alice   weather:read, weather:write\n");
    expect(out()).toContain("  carol   no permissions\n");
    expect(out()).toContain("  dave    weather:read; org_acme\n");

    await fetch(`${auth0.issuer}authorize?client_id=me&code=hidden`);
    expect(out().endsWith("\nGET /authorize 400\n")).toBe(true);
  });

  test("ends with 2 when it is called wrongly", async () => {
    const { outcome, error } = await runCommand("--nope");
    expect(outcome).toEqual({ exitCode: 2 });
    expect(error).toContain("Unknown option '--nope'");
    expect(error).toContain("dev-auth0 --help");
  });

  test("ends with 1 and a sentence when the port is taken", async () => {
    const auth0 = await startDevAuth0();
    open.push(auth0);
    const { outcome, error } = await runCommand("--port", String(auth0.port));
    expect(outcome).toEqual({ exitCode: 1 });
    expect(error).toBe(
      `Port ${auth0.port} of 127.0.0.1 is taken. Stop what listens there, or choose another port with --port.\n`,
    );
  });

  test("ends with 1 in production", async () => {
    vi.stubEnv("NODE_ENV", "production");
    const { outcome, error } = await runCommand("--port", "0");
    expect(outcome).toEqual({ exitCode: 1 });
    expect(error).toContain("does not run with NODE_ENV=production");
  });

  test("tells its options and its version", async () => {
    expect((await runCommand("--help")).out()).toContain("Usage: dev-auth0 [options]");
    const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
    expect((await runCommand("--version")).out()).toBe(`${manifest.version}\n`);
  });
});

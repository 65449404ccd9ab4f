import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { AUDIENCE, extendTenant, REQUIRED_SCOPES, startServices } from "../scripts/local-setup.mjs";

const CLI = fileURLToPath(new URL("./dist/bundle/cli.js", import.meta.resolve("mcp-env-auth/package.json")));

const state = mkdtempSync(join(tmpdir(), "notes-test-"));
let auth0: DevAuth0;
let services: Awaited<ReturnType<typeof startServices>>;
let server: { close(): Promise<unknown> };
let url: string;

beforeAll(async () => {
  const port = await freePort();
  const { applications = [], apis = [], env } = extendTenant(AUDIENCE);
  auth0 = await startDevAuth0({
    applications: [{ clientId: "test", clientSecret: "test-secret", type: "regular_web" }, ...applications],
    apis: [{ identifier: AUDIENCE, scopes: ["notes:read"], learnScopes: true }, ...apis],
  });
  services = await startServices({ args: [], issuer: auth0.issuer });
  const settings = {
    ...auth0.env(`http://localhost:${port}`),
    ...env,
    ...services?.env,
    FASTMCP_SERVER_AUTH_AUTH0_REQUIRED_SCOPES: REQUIRED_SCOPES,
    FASTMCP_ENV_FILE: "",
    FASTMCP_PORT: String(port),
    FASTMCP_LOG_LEVEL: "ERROR",
  };
  for (const [name, value] of Object.entries(settings)) {
    vi.stubEnv(name, value);
  }
  url = `http://localhost:${port}/mcp`;
  ({ server } = await import("./server.ts"));
});

afterAll(async () => {
  await server?.close();
  await services?.close();
  await auth0?.close();
  vi.unstubAllEnvs();
  rmSync(state, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Logs in as a user of dev-auth0, calls a tool, and returns what the terminal shows. */
async function callAs(user: string, tool: string, args: unknown): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [CLI, "call", tool, JSON.stringify(args), "--url", url, "--as", user],
    { env: { ...process.env, XDG_STATE_HOME: state, LOCALAPPDATA: state, HOME: state } },
  );
  return stdout;
}

it("keeps notes for each user, at the API", async () => {
  expect(await callAs("alice", "add_note", { text: "Buy milk" })).toContain("Buy milk");
  expect(await callAs("alice", "list_notes", {})).toContain("Buy milk");
  expect(await callAs("bob", "list_notes", {})).not.toContain("Buy milk");
  await expect(callAs("bob", "add_note", { text: "Buy tea" })).rejects.toThrow("notes:write");
});

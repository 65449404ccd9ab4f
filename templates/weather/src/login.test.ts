import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import type { ProtectedServer } from "mcp-env-auth";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { connect } from "./client/connect.ts";
import { openCredentials } from "./client/credentials-file.ts";
import { logOut } from "./client/log-out.ts";
import { logIn } from "./testing/browser.ts";
import { freePort } from "./testing/free-port.ts";

let url: URL;
let auth0: DevAuth0;
let server: ProtectedServer;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "weather-login-"));
  auth0 = await startDevAuth0();
  const port = await freePort();
  url = new URL(`http://127.0.0.1:${port}/mcp`);
  Object.assign(process.env, auth0.env(url.origin), {
    FASTMCP_ENV_FILE: "",
    FASTMCP_LOG_LEVEL: "ERROR",
    FASTMCP_PORT: String(port),
    FASTMCP_SERVER_AUTH_AUTH0_REQUIRED_SCOPES: "openid weather:read",
  });
  ({ server } = await import("./server.ts"));
});

afterAll(async () => {
  await server?.close();
  await auth0?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The client as `npm run client` starts it, with `username` in front of the browser. */
async function startClient(username: string) {
  const path = join(folder, `${username}.json`);
  const credentials = openCredentials(url, path);
  const logins: URL[] = [];
  const openBrowser = (authorizationUrl: URL) => {
    logins.push(authorizationUrl);
    return logIn(authorizationUrl, username);
  };
  const connection = await connect({ url, credentials, openBrowser });
  onTestFinished(() => connection.close());
  const callTool = (name: string, args = {}) => connection.call((client) => client.callTool({ name, arguments: args }));
  return { callTool, logins, credentials, path };
}

describe("a user who logs in at Auth0", () => {
  it("calls tools, and does not log in again the next time", async () => {
    const first = await startClient("alice");
    expect((await first.callTool("list_saved_places")).structuredContent).toEqual({ places: [] });
    expect(first.logins).toHaveLength(1);
    if (process.platform !== "win32") {
      expect(statSync(first.path).mode & 0o777).toBe(0o600);
    }

    const second = await startClient("alice");
    expect((await second.callTool("list_saved_places")).structuredContent).toEqual({ places: [] });
    expect(second.logins).toHaveLength(0);
  });

  it("can use a permission that was granted since, after a new login", async () => {
    const dave = await startClient("dave");
    await expect(dave.callTool("remove_place", { place: "Berlin" })).rejects.toThrow("weather:write");
    auth0.updateUser("dave", { permissions: ["weather:read", "weather:write"] });
    await logOut(url, dave.credentials);
    const again = await startClient("dave");
    const { content } = await again.callTool("remove_place", { place: "Berlin" });
    expect(content).toMatchObject([{ type: "text", text: expect.stringContaining("Berlin") }]);
    expect([dave.logins.length, again.logins.length]).toEqual([1, 1]);
  });

  it("can't do what Auth0 does not permit", async () => {
    const bob = await startClient("bob");
    await expect(bob.callTool("remove_place", { place: "Berlin" })).rejects.toThrow(
      /^The tool remove_place needs the scope weather:write, which the identity provider did not grant to this login\./,
    );
    // No further login would help, so none is asked for.
    expect(bob.logins).toHaveLength(1);
    await expect(startClient("carol")).rejects.toThrow();
  });

  it("is logged out, at the server as well", async () => {
    const { credentials } = await startClient("alice");
    const { tokens } = credentials.read();
    await expect(logOut(url, credentials)).resolves.toBe(true);
    await expect(logOut(url, credentials)).resolves.toBe(false);
    const response = await fetch(url, { method: "POST", headers: { Authorization: `Bearer ${tokens?.access_token}` } });
    expect(response.status).toBe(401);
  });
});

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { openCredentials } from "./kept-tokens.ts";
import { listenForRedirect } from "./redirect-listener.ts";
import { createLogin } from "./remote-login.ts";

const AUTHORIZATION_SERVER = "https://as.test";

it("keeps what it found out about the authorization server until the login ends, and no longer", async () => {
  const folder = mkdtempSync(join(tmpdir(), "login-"));
  const callback = await listenForRedirect();
  onTestFinished(async () => {
    rmSync(folder, { recursive: true });
    await callback.close();
  });
  const credentials = openCredentials(new URL("https://a.test/mcp"), join(folder, "credentials.json"));
  const login = createLogin({ credentials, callback, openBrowser: () => {} });
  await login.saveDiscoveryState?.({ authorizationServerUrl: AUTHORIZATION_SERVER });
  expect(await login.discoveryState?.()).toEqual({ authorizationServerUrl: AUTHORIZATION_SERVER });
  await login.saveTokens({ access_token: "a", token_type: "Bearer" }, { issuer: AUTHORIZATION_SERVER });
  expect(await login.discoveryState?.()).toBeUndefined();
});

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { listenForCallback } from "./callback-listener.ts";
import { openCredentials } from "./credentials-file.ts";
import { type ClientIdentity, createLogin } from "./login.ts";

const AUTHORIZATION_SERVER = "https://as.test";

async function loginOf(identity: ClientIdentity) {
  const folder = mkdtempSync(join(tmpdir(), "login-"));
  const callback = await listenForCallback();
  onTestFinished(async () => {
    rmSync(folder, { recursive: true });
    await callback.close();
  });
  const credentials = openCredentials(new URL("https://a.test/mcp"), join(folder, "credentials.json"));
  return createLogin({ identity, credentials, callback, openBrowser: () => {} });
}

it("is known by the id and secret that somebody registered, or by its document", async () => {
  const registered = await loginOf({ id: "weather", secret: "s" });
  expect(await registered.clientInformation({ issuer: AUTHORIZATION_SERVER })).toEqual({
    client_id: "weather",
    client_secret: "s",
  });
  const documented = await loginOf({ metadataUrl: "https://client.test/id.json" });
  expect(documented.clientMetadataUrl).toBe("https://client.test/id.json");
  expect(await documented.clientInformation({ issuer: AUTHORIZATION_SERVER })).toBeUndefined();
});

it("keeps what it found out about the authorization server until the login ends, and no longer", async () => {
  const login = await loginOf({});
  await login.saveDiscoveryState?.({ authorizationServerUrl: AUTHORIZATION_SERVER });
  expect(await login.discoveryState?.()).toEqual({ authorizationServerUrl: AUTHORIZATION_SERVER });
  await login.saveTokens({ access_token: "a", token_type: "Bearer" }, { issuer: AUTHORIZATION_SERVER });
  expect(await login.discoveryState?.()).toBeUndefined();
});

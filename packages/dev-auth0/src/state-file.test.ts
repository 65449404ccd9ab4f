import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRemoteJWKSet, decodeJwt, jwtVerify } from "jose";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type DevAuth0, type DevAuth0Options, startDevAuth0 } from "./index.ts";
import { authorizeUrl, Browser, logIn, refresh, requestToken } from "./testing/browser.ts";

let now = 1_800_000_000;
let folder: string;
let stateFile: string;
let auth0: DevAuth0 | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dev-auth0-state-"));
  stateFile = join(folder, "state.json");
});

afterEach(async () => {
  await auth0?.close();
  auth0 = undefined;
  rmSync(folder, { recursive: true, force: true });
});

/** Starts it, or starts it again on the port that it had. */
async function start(options: DevAuth0Options = {}): Promise<DevAuth0> {
  const port = auth0?.port ?? 0;
  await auth0?.close();
  auth0 = await startDevAuth0({ clock: () => now, stateFile, port, ...options });
  return auth0;
}

describe("with a state file, a restart", () => {
  test("keeps refresh tokens, and how often they were used", async () => {
    const { body: first } = await logIn(await start(), "bob");
    const { body: second } = await refresh(await start(), first.refresh_token);
    now += 3600;
    const again = await start();
    expect((await refresh(again, second.refresh_token)).status).toBe(200);
    expect((await refresh(again, first.refresh_token)).status).toBe(403);
    expect((await refresh(await start(), second.refresh_token)).status).toBe(403);
  });

  test("keeps a revocation", async () => {
    const before = await start();
    const { body } = await logIn(before, "alice");
    before.revokeGrants("alice");
    await requestToken(before, { grant_type: "client_credentials" });
    expect((await refresh(await start(), body.refresh_token)).status).toBe(403);
  });

  test("keeps the browser's session, so that nobody is asked to log in again", async () => {
    const browser = new Browser();
    await browser.logIn(authorizeUrl(await start()), "alice");
    const callback = await browser.logIn(authorizeUrl(await start(), { prompt: "none" }), "alice");
    expect(callback.searchParams.get("code")).toMatch(/./);
  });

  test("keeps the keys, new ones included", async () => {
    const before = await start();
    const old = await before.issueAccessToken();
    await before.rotateKeys({ keepPrevious: true });
    const fresh = await before.issueAccessToken();
    await fetch(before.configUrl);
    const after = await start();
    const keys = createRemoteJWKSet(new URL(".well-known/jwks.json", after.issuer));
    for (const token of [old, fresh]) {
      await expect(jwtVerify(token, keys, { currentDate: new Date(now * 1000) })).resolves.toBeDefined();
    }
    const opaque = await logIn(after, "alice", { audience: undefined });
    const restarted = await start();
    const headers = { Authorization: `Bearer ${opaque.body.access_token}` };
    expect((await fetch(`${restarted.issuer}userinfo`, { headers })).status).toBe(200);
  });

  test("keeps scopes that were learned, and clients that registered", async () => {
    const options = { apis: [{ identifier: "https://api", scopes: [], learnScopes: true }], dynamicRegistration: true };
    const before = await start(options);
    const { body } = await logIn(before, "alice", { scope: "offline_access notes:read" });
    const registered = await fetch(`${before.issuer}oidc/register`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ redirect_uris: ["http://127.0.0.1:9/cb"], token_endpoint_auth_method: "none" }),
    });
    const { client_id } = (await registered.json()) as { client_id: string };
    const after = await start(options);
    const { body: refreshed } = await refresh(after, body.refresh_token);
    expect(decodeJwt(refreshed.access_token).permissions).toEqual(["notes:read"]);
    const url = authorizeUrl(after, { client_id, redirect_uri: "http://127.0.0.1:9/other" });
    expect(await (await fetch(url)).text()).toContain("Callback URL mismatch");
  });

  test("keeps nothing that has ended", async () => {
    const { body } = await logIn(await start(), "alice");
    now += 31 * 24 * 3600;
    expect((await refresh(await start(), body.refresh_token)).status).toBe(403);
  });
});

describe("the state file", () => {
  test.skipIf(process.platform === "win32")("can be read by its owner only, and is written whole", async () => {
    await logIn(await start(), "alice");
    expect(statSync(stateFile).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(["state.json"]);
  });

  test.each(["", "{}", '{"version":1,"keys":[]}', "not JSON"])(
    "is refused when it is something else: %j",
    async (text) => {
      writeFileSync(stateFile, text);
      await expect(start()).rejects.toThrow(
        `${stateFile} is not a state file of dev-auth0. Delete it, or name another file.`,
      );
    },
  );

  test("is named when it can't be read", async () => {
    await expect(startDevAuth0({ stateFile: folder })).rejects.toThrow(`${folder} can't be read`);
  });
});

test("without a state file, a restart forgets all", async () => {
  const options = { stateFile: undefined } as unknown as DevAuth0Options;
  const { body } = await logIn(await start(options), "alice");
  expect((await refresh(await start(options), body.refresh_token)).status).toBe(403);
});

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { freePort } from "test-support/free-port";
import { startProcess } from "test-support/processes";
import { submitPage } from "../support/browser-login.ts";
import type { Credentials, IdentityProvider, Registration } from "../support/identity-provider.ts";
import { installOnce, runTool } from "../support/programs.ts";
import type { Verifier } from "../support/table.ts";

const MODULE = new URL("./", import.meta.url);
const PINS = ["go.mod", "go.sum", "main.go", "accounts.go", "keys.go"].map((name) => new URL(name, MODULE));

const users = {
  alice: { username: "alice", password: "the password of alice" },
  bob: { username: "bob", password: "the password of bob" },
};
const application: Credentials = { clientId: "mcp-server", clientSecret: "the secret of the application" };
/** The service user that the library's storage has. */
const machine: Credentials = { clientId: "sid1", clientSecret: "verysecret" };
const scope = "openid offline_access custom_scope";

/** Starts an OpenID provider of zitadel/oidc. */
export async function startZitadel({ redirectUris }: Registration): Promise<IdentityProvider> {
  const version = /zitadel\/oidc\/v3 v(\S+)/.exec(await readFile(new URL("go.mod", MODULE), "utf8"))?.[1] ?? "";
  const folder = await installOnce("zitadel", PINS, (into) =>
    runTool("go", ["build", "-o", path.join(into, "provider"), "."], { cwd: MODULE }),
  );
  const address = `127.0.0.1:${await freePort()}`;
  const control = `127.0.0.1:${await freePort()}`;
  const home = await mkdtemp(path.join(tmpdir(), "zitadel-"));
  const usersFile = path.join(home, "users.json");
  const configuration = path.join(home, "provider.json");
  await writeFile(usersFile, JSON.stringify(Object.fromEntries(Object.values(users).map(accountOf))));
  await writeFile(configuration, JSON.stringify({ address, control, usersFile, redirectUris, ...application }));
  const issuer = `http://${address}`;
  const running = await startProcess({
    name: "zitadel/oidc",
    program: path.join(folder, "provider"),
    script: configuration,
    readyUrl: `${issuer}/.well-known/openid-configuration`,
  });
  const administer = async (action: string, parameters: Record<string, string> = {}) => {
    const answer = await fetch(`http://${control}/${action}`, {
      method: "POST",
      body: new URLSearchParams(parameters),
    });
    if (!answer.ok) {
      throw new Error(`${action} answered ${answer.status}`);
    }
  };

  return {
    version,
    issuer,
    ...application,
    machine,
    users,
    otherApi: "https://calendar.example.com/api",
    direct: () => ({ authorize: { scope }, machine: { scope: "openid custom_scope" } }),
    settings: (verifier) => settings[verifier] ?? {},
    logIn: (browser, page, username, isCallback) =>
      submitPage(browser, page, users[username as keyof typeof users], isCallback),
    rotateKeys: () => administer("rotate"),
    disable: (user) => administer("disable", { user }),
    enable: (user) => administer("enable", { user }),
    async close() {
      await running.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** As the library's storage reads it. Only administrators may exchange tokens there. */
function accountOf({ username, password }: { username: string; password: string }) {
  return [username, { ID: username, Username: username, Password: password, IsAdmin: true }];
}

const settings: Partial<Record<Verifier, Record<string, string>>> = {
  OIDCProxy: {
    AUDIENCE: application.clientId,
    REQUIRED_SCOPES: "openid custom_scope",
    MACHINE_CLIENTS: JSON.stringify([machine.clientId]),
  },
  ZitadelProvider: { REQUIRED_SCOPES: "openid custom_scope", MACHINE_CLIENTS: JSON.stringify([machine.clientId]) },
  "OAuthProxy (introspection)": { REQUIRED_SCOPES: "openid custom_scope", OFFLINE_ACCESS: "scope" },
  "OAuthProxy (userinfo)": { REQUIRED_SCOPES: "openid custom_scope", OFFLINE_ACCESS: "scope" },
  // Its JWTs list no scopes.
  JWTVerifier: { AUDIENCE: application.clientId },
  IntrospectionTokenVerifier: { REQUIRED_SCOPES: "custom_scope" },
};

import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { freePort } from "test-support/free-port";
import { startProcess } from "test-support/processes";
import { submitPage } from "../support/browser-login.ts";
import type { Credentials, IdentityProvider, Registration } from "../support/identity-provider.ts";
import { installOnce, runTool } from "../support/programs.ts";
import type { Verifier } from "../support/table.ts";

const POM = new URL("pom.xml", import.meta.url);
const SOURCES = new URL("src/main/java/provider/", import.meta.url);

const password = "the password of both";
const users = { alice: { username: "alice", password }, bob: { username: "bob", password } };
const application: Credentials = { clientId: "mcp-server", clientSecret: "the secret of the application" };
const machine: Credentials = { clientId: "nightly-report", clientSecret: "the secret of the machine" };
const API = "https://mcp.example.com/api";

/** Starts Spring Authorization Server, with Spring Security's login page. */
export async function startSpring({ redirectUris, servers }: Registration): Promise<IdentityProvider> {
  const pins = [POM, ...readdirSync(SOURCES).map((name) => new URL(name, SOURCES))];
  const folder = await installOnce("spring", pins, (into) =>
    runTool("mvn", ["-B", "-q", "-f", POM.pathname, "package", `-Dbuild.folder=${into}`], { cwd: into }),
  );
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const settings = {
    issuer,
    clientId: application.clientId,
    clientSecret: application.clientSecret,
    machineId: machine.clientId,
    machineSecret: machine.clientSecret,
    redirectUris,
    audiences: [API, ...Object.values(servers).map((origin) => `${origin}/mcp`)],
    users: Object.keys(users),
    password,
  };
  const running = await startProcess({
    name: "Spring Authorization Server",
    program: "java",
    programArgs: ["-XX:TieredStopAtLevel=1", "-jar"],
    script: path.join(folder, "provider.jar"),
    env: {
      SPRING_APPLICATION_JSON: JSON.stringify({
        provider: settings,
        server: { port, address: "127.0.0.1" },
      }),
    },
    readyUrl: `${issuer}/.well-known/openid-configuration`,
    readyTimeout: 300_000,
  });
  const administer = async (action: string, parameters: Record<string, string> = {}) => {
    const body = new URLSearchParams(parameters);
    const answer = await fetch(`${issuer}/control/${action}`, { method: "POST", body });
    if (!answer.ok) {
      throw new Error(`${action} answered ${answer.status}`);
    }
  };

  return {
    version: /<version>([^<]+)</.exec(await readFile(POM, "utf8"))?.[1] ?? "",
    issuer,
    ...application,
    machine,
    users,
    otherApi: "https://calendar.example.com/api",
    direct: () => ({ authorize: { scope: "openid tools:use" }, machine: { scope: "tools:use" } }),
    settings: (verifier) => SETTINGS[verifier] ?? {},
    logIn: (browser, page, username, isCallback) =>
      submitPage(browser, page, users[username as keyof typeof users], isCallback),
    rotateKeys: () => administer("rotate"),
    disable: (user) => administer("disable", { user }),
    enable: (user) => administer("enable", { user }),
    close: running.stop,
  };
}

const SETTINGS: Partial<Record<Verifier, Record<string, string>>> = {
  OIDCProxy: {
    AUDIENCE: API,
    REQUIRED_SCOPES: "openid tools:use",
    MACHINE_CLIENTS: JSON.stringify([machine.clientId]),
  },
  "OAuthProxy (introspection)": { AUDIENCE: API, REQUIRED_SCOPES: "openid tools:use" },
  "OAuthProxy (userinfo)": { REQUIRED_SCOPES: "openid tools:use" },
  JWTVerifier: { AUDIENCE: API, REQUIRED_SCOPES: "tools:use" },
  IntrospectionTokenVerifier: { AUDIENCE: API, REQUIRED_SCOPES: "tools:use" },
  RemoteAuthProvider: {},
};

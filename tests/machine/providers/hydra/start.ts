import { randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { freePort } from "test-support/free-port";
import { startProcess } from "test-support/processes";
import { submitPage } from "../support/browser-login.ts";
import type { Credentials, IdentityProvider, Registration } from "../support/identity-provider.ts";
import { installOnce, runTool } from "../support/programs.ts";
import type { Verifier } from "../support/table.ts";
import { startLoginApp } from "./login-app.ts";

const MODULE = new URL("./", import.meta.url);
const PINS = ["go.mod", "go.sum", "main.go"].map((name) => new URL(name, MODULE));

const users = {
  alice: { username: "alice", password: "the password of alice" },
  bob: { username: "bob", password: "the password of bob" },
};
const application: Credentials = { clientId: "mcp-server", clientSecret: "the secret of the application" };
const machine: Credentials = { clientId: "nightly-report", clientSecret: "the secret of the machine" };
const API = "https://mcp.example.com/api";
const SCOPE = "openid offline_access tools:use";

/** Starts Ory Hydra with pages for login and consent, and JWTs as access tokens. */
export async function startHydra({ redirectUris, servers }: Registration): Promise<IdentityProvider> {
  const version = /ory\/hydra\/v2 v(\S+)/.exec(await readFile(new URL("go.mod", MODULE), "utf8"))?.[1] ?? "";
  const folder = await installOnce("hydra", PINS, (into) =>
    runTool("go", ["build", "-tags", "sqlite,json1", "-o", path.join(into, "hydra"), "."], { cwd: MODULE }),
  );
  const [publicPort, adminPort] = [await freePort(), await freePort()];
  const issuer = `http://127.0.0.1:${publicPort}`;
  const admin = `http://127.0.0.1:${adminPort}`;
  const disabled = new Set<string>();
  const pages = await startLoginApp({
    admin,
    accepts: (username, password) =>
      !disabled.has(username) &&
      Object.values(users).some((user) => user.username === username && user.password === password),
    // Clients that register themselves name no audience.
    audiencesOf: (clientId) => (clientId === application.clientId ? [] : [`${servers.RemoteAuthProvider}/mcp`]),
  });
  const home = await mkdtemp(path.join(tmpdir(), "hydra-"));
  const configuration = path.join(home, "hydra.json");
  await writeFile(
    configuration,
    JSON.stringify({
      dsn: "memory",
      serve: { public: { host: "127.0.0.1", port: publicPort }, admin: { host: "127.0.0.1", port: adminPort } },
      urls: { self: { issuer, public: issuer }, login: `${pages.url}/login`, consent: `${pages.url}/consent` },
      secrets: { system: ["a secret of this test alone"] },
      strategies: { access_token: "jwt" },
      // Its discovery document names no registration endpoint by itself.
      webfinger: { oidc_discovery: { client_registration_url: `${issuer}/oauth2/register` } },
      oidc: { dynamic_client_registration: { enabled: true, default_scope: SCOPE.split(" ") } },
    }),
  );
  const running = await startProcess({
    name: "Ory Hydra",
    program: path.join(folder, "hydra"),
    programArgs: ["serve", "all", "--dev", "--config"],
    script: configuration,
    readyUrl: `${issuer}/health/ready`,
  });
  const administer = async (method: string, at: string, body?: object) => {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch(`${admin}/admin/${at}`, {
      method,
      headers,
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) {
      throw new Error(`${method} ${at} answered ${answer.status}: ${await answer.text()}`);
    }
  };
  await administer("POST", "clients", {
    client_id: application.clientId,
    client_secret: application.clientSecret,
    redirect_uris: redirectUris,
    grant_types: ["authorization_code", "refresh_token"],
    scope: SCOPE,
    audience: [API],
    token_endpoint_auth_method: "client_secret_basic",
  });
  await administer("POST", "clients", {
    client_id: machine.clientId,
    client_secret: machine.clientSecret,
    grant_types: ["client_credentials"],
    scope: "tools:use",
    audience: [API, `${servers.RemoteAuthProvider}/mcp`],
    token_endpoint_auth_method: "client_secret_basic",
  });
  const introspection = `${admin}/admin/oauth2/introspect`;

  return {
    version,
    issuer,
    ...application,
    machine,
    users,
    direct: (verifier, server) => ({
      authorize: { scope: SCOPE, audience: API },
      machine: { scope: "tools:use", audience: verifier === "RemoteAuthProvider" ? `${server}/mcp` : API },
    }),
    settings: (verifier) => ({ ...SETTINGS[verifier], ...introspectionAt(verifier, introspection) }),
    logIn: (browser, page, username, isCallback) =>
      submitPage(browser, page, users[username as keyof typeof users], isCallback),
    async rotateKeys() {
      for (const set of ["hydra.jwt.access-token", "hydra.openid.id-token"]) {
        await administer("POST", `keys/${set}`, { alg: "RS256", use: "sig", kid: randomUUID() });
      }
    },
    // It knows no accounts: who takes one away also takes its consents back.
    async disable(username) {
      disabled.add(username);
      await administer("DELETE", `oauth2/auth/sessions/consent?all=true&subject=${username}`);
    },
    async enable(username) {
      disabled.delete(username);
    },
    async close() {
      await running.stop();
      await pages.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** Its introspection endpoint is part of the admin API, and in no discovery document. */
function introspectionAt(verifier: Verifier, url: string): Record<string, string> {
  if (verifier === "OAuthProxy (introspection)") {
    return { INTROSPECTION_ENDPOINT: url };
  }
  return verifier === "IntrospectionTokenVerifier" ? { INTROSPECTION_URL: url } : {};
}

const SETTINGS: Partial<Record<Verifier, Record<string, string>>> = {
  OIDCProxy: {
    AUDIENCE: API,
    REQUIRED_SCOPES: "openid tools:use",
    MACHINE_CLIENTS: JSON.stringify([machine.clientId]),
  },
  "OAuthProxy (introspection)": { REQUIRED_SCOPES: "openid tools:use", OFFLINE_ACCESS: "true" },
  "OAuthProxy (userinfo)": { REQUIRED_SCOPES: "openid tools:use", OFFLINE_ACCESS: "true" },
  "OAuthProxy (JWKS)": {
    AUDIENCE: API,
    EXTRA_AUTHORIZE_PARAMS: JSON.stringify({ audience: API }),
    REQUIRED_SCOPES: "openid tools:use",
    OFFLINE_ACCESS: "true",
  },
  JWTVerifier: { AUDIENCE: API, REQUIRED_SCOPES: "tools:use" },
  IntrospectionTokenVerifier: { AUDIENCE: API, REQUIRED_SCOPES: "tools:use" },
  RemoteAuthProvider: { REQUIRED_SCOPES: "tools:use" },
};

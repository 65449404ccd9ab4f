import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "test-support/free-port";
import { startProcess } from "test-support/processes";
import { describe, expect, it, onTestFinished } from "vitest";
import { startConnectProxy } from "../packages/mcp-env-auth/src/outgoing/testing/connect-proxy.ts";
import { startOidcStandIn } from "../packages/mcp-env-auth/src/providers/testing/oidc-stand-in.ts";
import { CLIENT_ID, CLIENT_SECRET } from "../packages/mcp-env-auth/src/providers/testing/stand-in.ts";
import { locationOf, McpClient, TestBrowser } from "../packages/mcp-env-auth/src/proxy/testing/mcp-client.ts";
import { runCli } from "./support/cli.ts";
import { until } from "./support/in-process.ts";
import { oauthSteps } from "./support/oauth-steps.ts";
import { PRIVATE_CA, startTlsFront, TLS_HOST } from "./support/tls-provider.ts";

const SERVER = fileURLToPath(new URL("./fixtures/http-server.mjs", import.meta.url));
const ISSUER = `https://${TLS_HOST}`;
const PASSWORD = "the-proxy-password";

/** A provider that only a proxy leads to, under a certificate of an authority that nobody knows. */
async function startProvider() {
  const provider = await startOidcStandIn({
    issuer: ISSUER,
    claims: ({ scope }) => ({ iss: ISSUER, sub: "alice", aud: "the-api", scope }),
  });
  return { provider, tlsPort: await startTlsFront(provider.origin) };
}

const variables = (baseUrl: string) => ({
  FASTMCP_SERVER_AUTH: "OIDC",
  FASTMCP_SERVER_AUTH_OIDC_CONFIG_URL: `${ISSUER}/.well-known/openid-configuration`,
  FASTMCP_SERVER_AUTH_OIDC_CLIENT_ID: CLIENT_ID,
  FASTMCP_SERVER_AUTH_OIDC_CLIENT_SECRET: CLIENT_SECRET,
  FASTMCP_SERVER_AUTH_OIDC_AUDIENCE: "the-api",
  FASTMCP_SERVER_AUTH_OIDC_BASE_URL: baseUrl,
});

async function startServer(env: Record<string, string>) {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const running = await startProcess({
    name: "The server",
    script: SERVER,
    env: { ...variables(origin), FASTMCP_PORT: String(port), ...env },
    readyUrl: `${origin}/healthz`,
  });
  onTestFinished(() => running.stop());
  return { origin, running };
}

/** A login, a call and a refresh. */
async function useServer(origin: string, providerOrigin: string): Promise<number[]> {
  await until(async () => (await fetch(`${origin}/readyz`)).ok);
  const client = await McpClient.register({ address: origin, options: { resource: `${origin}/mcp` } } as never);
  const browser = new TestBrowser();
  const login = locationOf(await client.answer(browser, await client.openConsent(browser)));
  expect(login.origin).toBe(ISSUER);
  const callback = locationOf(await browser.get(new URL(login.pathname + login.search, providerOrigin)));
  const code = locationOf(await browser.get(callback)).searchParams.get("code") ?? "";
  const exchanged = await client.redeem(code);
  const { access_token, refresh_token } = exchanged.body as Record<string, string>;
  const called = await oauthSteps(origin).call(access_token);
  const refreshed = await client.refresh(refresh_token ?? "");
  return [exchanged.status, called.status, refreshed.status];
}

async function writeEnvFile(lines: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "outgoing-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "server.env");
  await writeFile(
    path,
    Object.entries(lines)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(""),
  );
  return path;
}

describe("an identity provider behind a proxy, with a private certificate authority", () => {
  it.each([
    ["by the process's environment", (env: Record<string, string>) => env],
    ["by the .env", async (env: Record<string, string>) => ({ FASTMCP_ENV_FILE: await writeEnvFile(env) })],
  ])("is reached %s: discovery, keys, login, call and refresh", async (_how, place) => {
    const { provider, tlsPort } = await startProvider();
    const proxy = await startConnectProxy({ target: tlsPort, password: PASSWORD });
    const { origin, running } = await startServer(
      await place({ https_proxy: `http://user:${PASSWORD}@127.0.0.1:${proxy.port}`, NODE_EXTRA_CA_CERTS: PRIVATE_CA }),
    );
    expect(await useServer(origin, provider.origin)).toEqual([200, 200, 200]);
    expect(new Set(proxy.tunnels)).toEqual(new Set([`${TLS_HOST}:443`]));
    expect(provider.to("/token").length).toBeGreaterThanOrEqual(2);
    expect(running.log()).toContain(`through the proxy http://127.0.0.1:${proxy.port} (HTTPS_PROXY, NO_PROXY)`);
    expect(running.log()).not.toContain(PASSWORD);
    expect(running.log()).not.toContain(Buffer.from(`user:${PASSWORD}`).toString("base64"));
  });

  it("is not trusted without NODE_EXTRA_CA_CERTS, and the log names it", async () => {
    const { tlsPort } = await startProvider();
    const proxy = await startConnectProxy({ target: tlsPort });
    const { running } = await startServer({ HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` });
    await until(() => running.log().includes("NODE_EXTRA_CA_CERTS names the file"));
  });
});

describe("a proxy", () => {
  it("is not asked for what NO_PROXY lists", async () => {
    const proxy = await startConnectProxy({});
    const { running } = await startServer({ HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`, NO_PROXY: "example.com" });
    await until(() => running.log().includes("No answer from"));
    expect(proxy.tunnels).toEqual([]);
    expect(running.log()).not.toContain("through the proxy http://127.0.0.1:9");
  });

  it.each([
    ["is down", async () => ({ port: await freePort() }), /refused \(ECONNREFUSED\), through the proxy/],
    [
      "wants other credentials",
      async () => startConnectProxy({ password: "another" }),
      /answered 407. It wants credentials: write HTTPS_PROXY=/,
    ],
  ])("Security rule 11: that %s is named by its variable, never with its password", async (_how, start, message) => {
    const { port } = await start();
    const { running } = await startServer({ HTTPS_PROXY: `http://user:${PASSWORD}@127.0.0.1:${port}` });
    await until(() => message.test(running.log()));
    expect(running.log()).toContain("HTTPS_PROXY");
    expect(running.log()).not.toContain(PASSWORD);
  });

  it("is not used for this machine", async () => {
    const provider = await startOidcStandIn({ claims: () => ({}) });
    const proxy = await startConnectProxy({});
    const url = `http://127.0.0.1:${proxy.port}`;
    const env = { FASTMCP_SERVER_AUTH_OIDC_CONFIG_URL: provider.configUrl, HTTPS_PROXY: url, HTTP_PROXY: url };
    const { origin } = await startServer(env);
    await until(async () => (await fetch(`${origin}/readyz`)).ok);
    expect(proxy.tunnels).toEqual([]);
  });
});

describe("mcp-env-auth", () => {
  it("doctor goes through the proxy, trusts the authority, and shows no password", async () => {
    const { provider, tlsPort } = await startProvider();
    const proxy = await startConnectProxy({ target: tlsPort, password: PASSWORD });
    const env = {
      ...variables("http://127.0.0.1:1"),
      HTTPS_PROXY: `http://user:${PASSWORD}@127.0.0.1:${proxy.port}`,
      NODE_EXTRA_CA_CERTS: PRIVATE_CA,
    };
    const { stdout, stderr } = await runCli(["doctor"], { env });
    expect(stdout).toContain(`its issuer is exactly ${ISSUER}`);
    expect(stdout).toMatch(/ok +credentials/);
    expect(provider.requests.map(({ path }) => path)).toContain("/token");
    expect(stdout + stderr).not.toContain(PASSWORD);
    expect(stdout).toContain("HTTPS_PROXY=http://user:[redacted]@");
  });

  it("env lists what is set, without the password", async () => {
    const env = {
      ...variables("http://127.0.0.1:1"),
      HTTPS_PROXY: "http://user:pw@proxy.test:3128",
      no_proxy: "a.test",
    };
    const { stdout } = await runCli(["env"], { env });
    expect(stdout).toMatch(/HTTPS_PROXY +http:\/\/user:\[redacted\]@proxy\.test:3128/);
    expect(stdout).toMatch(/NO_PROXY +a\.test/);
    expect(stdout).not.toContain("pw@");
  });
});

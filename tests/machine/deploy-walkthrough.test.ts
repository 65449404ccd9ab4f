import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import { freePort } from "test-support/free-port";
import { type RunningProcess, startProcess } from "test-support/processes";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../support/in-process.ts";
import { oauthSteps } from "../support/oauth-steps.ts";
import { repository } from "../support/scaffolder.ts";
import { AUTHORITY, startDeployedProxy } from "./support/deployed-proxy.ts";
import { type Published, publish } from "./support/published.ts";
import { createRedisServer, type RedisServer } from "./support/redis-server.ts";
import { readUnit } from "./support/systemd-unit.ts";
import { trustingFetch } from "./support/trusting-fetch.ts";

const PAGE = readFileSync(path.join(repository, "docs/deploy/systemd-nginx.md"), "utf8");
/** The commands of the page: to install, what the env file also has, and to start. */
const [install = "", settings = "", start = ""] = Array.from(
  PAGE.matchAll(/^```sh\n(.*?)^```$/gms),
  ([, text]) => text,
);

const LIST_PLACES = {
  jsonrpc: "2.0",
  id: 1,
  method: "tools/call",
  params: { name: "list_saved_places", arguments: {} },
};

let published: Published;
let auth0: DevAuth0;
let redis: RedisServer;
let project: string;
let port: number;
let origin: string;
const replicas: RunningProcess[] = [];
let proxy: { stop(): Promise<void> } | undefined;

/** The text of a page or file with folders of this test in the place of the machine's. */
const here = (text: string) =>
  text.replaceAll(/(?<![\w.])\/(opt\/mcp-server|etc\/mcp-server|etc\/systemd\/system)/g, `${published.home}/$1`);

async function run(program: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv) {
  const child = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const [code] = await once(child, "close");
  return { code, output };
}

beforeAll(async () => {
  port = await freePort();
  origin = `https://localhost:${port}`;
  const callbacks = [`${origin}/auth/callback`];
  const application = {
    clientId: "walk",
    clientSecret: "a secret of 16 or more",
    type: "regular_web",
    callbacks,
  } as const;
  [auth0, redis, published] = await Promise.all([
    startDevAuth0({ applications: [application] }),
    createRedisServer(),
    publish(["mcp-env-auth", "dev-auth0", "create-mcp-auth0-server"]),
  ]);
  await redis.start("--maxmemory-policy", "noeviction");
  project = path.join(published.home, "app");
}, 120_000);

afterAll(async () => {
  await proxy?.stop();
  await Promise.all(replicas.map((replica) => replica.stop()));
  await redis?.dispose();
  await auth0?.close();
  await published?.close();
});

describe("from npm create to a login through nginx, by docs/deploy/systemd-nginx.md", { timeout: 240_000 }, () => {
  it("a project is created, built and installed by the commands of the page", async () => {
    const setting = (name: string) => auth0.env(origin)[`FASTMCP_SERVER_AUTH_AUTH0_${name}`] ?? "";
    writeFileSync(path.join(published.home, "secret"), setting("CLIENT_SECRET"));
    const answers = ["--domain", new URL(auth0.issuer).origin, "--client-id", setting("CLIENT_ID")];
    const created = await published.npm(
      [
        ...["create", "--yes", "mcp-auth0-server@latest", "app", "--", ...answers],
        ...["--client-secret-file", "secret", "--audience", setting("AUDIENCE"), "--base-url", origin],
        ...["--deploy", "systemd-nginx", "--no-git"],
      ],
      published.home,
    );
    expect(created.code, created.stderr).toBe(0);
    mkdirSync(path.join(published.home, "opt"));
    mkdirSync(path.join(published.home, "etc/systemd/system"), { recursive: true });
    const installed = await run("sh", ["-ec", here(install)], project, published.env);
    expect(installed.code, installed.output).toBe(0);
    const own = settings.replace("https://mcp.example.com", origin).replace("6379", String(redis.port));
    writeFileSync(here("/etc/mcp-server/env"), `\n${own}`, { flag: "a" });
  });

  it("systemd accepts the unit", async () => {
    const copy = path.join(published.home, "mcp-server@.service");
    const unit = readFileSync(here("/etc/systemd/system/mcp-server@.service"), "utf8");
    writeFileSync(copy, unit.replace("/usr/bin/node", process.execPath));
    const instance = path.join(published.home, "mcp-server@8001.service");
    const verified = await run("systemd-analyze", ["verify", instance], published.home, process.env);
    expect(verified).toEqual({ code: 0, output: "" });
    writeFileSync(copy, unit.replace("/usr/bin/node", "/nowhere/node"));
    expect((await run("systemd-analyze", ["verify", instance], published.home, process.env)).code).not.toBe(0);
  });

  it("two replicas run by the unit, behind nginx with TLS, and a user logs in and calls", async () => {
    const unit = here(readFileSync(here("/etc/systemd/system/mcp-server@.service"), "utf8"));
    const credentials = path.join(published.home, "credentials");
    mkdirSync(credentials);
    copyFileSync(here("/etc/mcp-server/env"), path.join(credentials, "env"));
    const ports: [number, number] = [await freePort(), await freePort()];
    for (const each of ports) {
      const { program, args, cwd, env } = readUnit(unit, String(each), credentials);
      expect([program, cwd]).toEqual(["/usr/bin/node", here("/opt/mcp-server")]);
      const readyUrl = `http://127.0.0.1:${each}/readyz`;
      replicas.push(await startProcess({ name: "A replica", script: args[0] ?? "", env, readyUrl }));
    }
    const configuration = readFileSync(path.join(project, "deploy/nginx.conf"), "utf8");
    proxy = await startDeployedProxy("nginx", { port, replicas: ports, configuration });
    const ask = trustingFetch(AUTHORITY);
    await until(async () => (await ask(`${origin}/healthz`).catch(() => undefined))?.ok === true);

    const steps = oauthSteps(origin, ask);
    const session = await steps.getSession("alice");
    for (let call = 0; call < 4; call++) {
      expect(await (await steps.call(session.accessToken, LIST_PLACES)).text()).toContain('"places":[]');
    }
    const renewed = await session.renewed(await session.refresh());
    expect((await steps.call(renewed.accessToken, LIST_PLACES)).status).toBe(200);
    // By Redis, a revocation at one replica also counts at the other.
    const revoke = new URLSearchParams({ token: renewed.refreshToken, client_id: session.clientId });
    expect((await ask(`${origin}/revoke`, { method: "POST", body: revoke })).status).toBe(200);
    for (const each of ports) {
      await until(
        async () =>
          (await oauthSteps(`http://127.0.0.1:${each}`).call(renewed.accessToken, LIST_PLACES)).status === 401,
      );
    }
  });

  it("doctor --production objects to the address of this machine alone", async () => {
    expect(start).toContain("FASTMCP_ENV_FILE=/etc/mcp-server/env npx mcp-env-auth doctor --production");
    const env = { ...published.env, FASTMCP_ENV_FILE: here("/etc/mcp-server/env"), NODE_EXTRA_CA_CERTS: AUTHORITY };
    const cli = "node_modules/mcp-env-auth/dist/bundle/cli.js";
    const args = [cli, "doctor", "--production", "--json"];
    const { output } = await run(process.execPath, args, here("/opt/mcp-server"), env);
    const { findings } = JSON.parse(output.slice(output.indexOf("{"))) as {
      findings: { check: string; status: string; message: string }[];
    };
    expect(findings.filter(({ status }) => status === "failure")).toEqual([
      { check: "production", status: "failure", message: `BASE_URL is ${origin}.`, fix: expect.any(String) },
    ]);
    expect(findings.filter(({ check, status }) => check === "production" && status === "ok").length).toBeGreaterThan(
      10,
    );
  });
});

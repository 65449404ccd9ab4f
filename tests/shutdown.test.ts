import { fork } from "node:child_process";
import { once } from "node:events";
import { connect as connectSocket } from "node:net";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import { Browser } from "test-support/browser";
import { freePort } from "test-support/free-port";
import { OAuthClient } from "test-support/oauth-client";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type ClientKind, connect, NEWS } from "./support/clients.ts";
import { startInProcess, until } from "./support/in-process.ts";
import { oauthSteps, WHOAMI } from "./support/oauth-steps.ts";
import { type Replicas, startReplicas } from "./support/replicas.ts";

const SLOW_CALL = { ...WHOAMI, params: { name: "slow", arguments: { milliseconds: 300 } } };
const CALLERS = 8;
const KIND: ClientKind = "SDK v2, 2026-07-28";

let auth0: DevAuth0;

beforeAll(async () => {
  auth0 = await startDevAuth0();
});

afterAll(() => auth0?.close());

async function start(count: number): Promise<Replicas> {
  const replicas = await startReplicas({ auth0, count });
  onTestFinished(() => replicas.stop());
  return replicas;
}

describe("a replica that is told to stop", () => {
  it("fails no call of those under way and those that still come, while another takes over", async () => {
    const replicas = await start(2);
    const { getSession, call } = oauthSteps(replicas.baseUrl);
    const { accessToken } = await getSession();
    const outcomes: string[] = [];
    let done = false;
    const caller = async () => {
      while (!done) {
        const answer = await call(accessToken, SLOW_CALL);
        outcomes.push(`${answer.status} ${(await answer.text()).includes("auth0|alice")}`);
      }
    };
    const callers = Array.from({ length: CALLERS }, caller);
    await until(() => outcomes.length >= 2 * CALLERS);
    const { pid, exited } = replicas.process(0);
    process.kill(pid, "SIGTERM");
    await until(async () => (await fetch(`${replicas.origins[0]}/readyz`)).status === 503);
    const served = outcomes.length;
    await until(() => outcomes.length >= served + CALLERS);
    replicas.takeOut(0);
    expect(await exited).toBe(0);
    const atExit = outcomes.length;
    await until(() => outcomes.length >= atExit + 2 * CALLERS);
    done = true;
    await Promise.all(callers);
    expect(new Set(outcomes)).toEqual(new Set(["200 true"]));
  });

  it("waits neither for streams nor for connections that nobody uses", async () => {
    const replicas = await start(1);
    const oauth = new OAuthClient({ browser: new Browser(), username: "alice" });
    const session = await connect({ kind: KIND, url: `${replicas.baseUrl}/mcp`, oauth });
    const subscription = await session.subscribe();
    const idle = connectSocket(Number(new URL(replicas.origins[0] ?? "").port), "127.0.0.1");
    idle.on("error", () => {});
    let cut = false;
    idle.once("close", () => {
      cut = true;
    });
    const { pid, exited, log } = replicas.process(0);
    process.kill(pid, "SIGTERM");
    expect(await subscription.closed).toBe("remote");
    expect(await exited).toBe(0);
    expect(cut).toBe(true);
    expect(log()).toContain("Stopping");
    expect(log()).not.toContain("were cut");
    await session.close();
  });
});

describe("two servers in one process that is told to stop", () => {
  it("both finish what is in flight", async () => {
    const [first, second] = [await freePort(), await freePort()];
    const child = fork(fileURLToPath(new URL("fixtures/two-servers.mjs", import.meta.url)), {
      cwd: tmpdir(),
      env: { PATH: process.env.PATH, FASTMCP_ENV_FILE: "", FIRST_PORT: `${first}`, SECOND_PORT: `${second}` },
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    const exited = once(child, "exit");
    await once(child, "message");
    const call = oauthSteps(`http://127.0.0.1:${second}`).call(undefined);
    await once(child, "message");
    child.kill("SIGTERM");
    await until(async () => !(await fetch(`http://127.0.0.1:${first}/healthz`).then(Boolean, () => false)));
    // More than the first server takes to end the process.
    await new Promise((resolve) => setTimeout(resolve, 200));
    child.send("go on");
    expect(await (await call).text()).toContain('"alice"');
    expect((await exited)[0]).toBe(0);
  });
});

describe("a subscription", () => {
  it("ends with its token, and the client opens it again with a new one, without a login", async () => {
    const tenant = await startDevAuth0({ accessTokenLifetime: 2 });
    onTestFinished(() => tenant.close());
    const server = await startInProcess({
      auth0: tenant,
      register: (server) => void server.registerResource("news", NEWS, {}, () => "none"),
    });
    await until(async () => (await fetch(`${server.origin}/readyz`)).ok);
    const oauth = new OAuthClient({ browser: new Browser(), username: "alice" });
    const session = await connect({ kind: KIND, url: server.url, oauth });
    const first = await session.subscribe();
    const token = oauth.tokens()?.access_token;
    expect(await first.closed).toBe("remote");
    const second = await session.subscribe();
    expect(oauth.tokens()?.access_token).not.toBe(token);
    expect(oauth.logins).toBe(1);
    await second.close();
    await session.close();
  });
});

import { startDevAuth0 } from "dev-auth0";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { runCli } from "../support/cli.ts";
import { type InProcessServer, startInProcess, until } from "../support/in-process.ts";
import { createRedisServer, type RedisServer } from "./support/redis-server.ts";

let redis: RedisServer;
beforeAll(async () => {
  redis = await createRedisServer();
});
beforeEach(async () => {
  await redis.stop();
  await redis.start();
});
afterAll(() => redis.dispose());

/** A server with a user logged in, and the command in its environment. */
async function start(): Promise<{
  readonly server: InProcessServer;
  readonly token: string;
  readonly clientId: string;
  readonly refreshes: () => Promise<number>;
  readonly revoke: (...args: string[]) => ReturnType<typeof runCli>;
  readonly sessions: (...args: (string | Record<string, string>)[]) => ReturnType<typeof runCli>;
  /** Lets seconds pass in the server: it asks Redis for what it knows no longer. */
  readonly pass: (seconds: number) => void;
}> {
  let later = 0;
  const auth0 = await startDevAuth0();
  onTestFinished(() => auth0.close());
  const env = { FASTMCP_STORAGE_URL: `redis://127.0.0.1:${redis.port}` };
  const server = await startInProcess({ auth0, env, clock: () => Date.now() / 1000 + later });
  const { form, exchange } = await server.getCode("alice");
  const tokens = (await (await exchange()).json()) as { access_token: string; refresh_token: string };
  const { client_id: clientId = "" } = form;
  return {
    server,
    token: tokens.access_token,
    clientId,
    refreshes: async () => {
      const body = new URLSearchParams({
        grant_type: "refresh_token",
        refresh_token: tokens.refresh_token,
        client_id: clientId,
      });
      return (await fetch(`${server.origin}/token`, { method: "POST", body })).status;
    },
    pass: (seconds) => {
      later += seconds;
    },
    revoke: (...args) => runCli(["revoke", ...args], { env: { ...auth0.env(server.origin), ...env } }),
    sessions: (...args) => {
      const changes = Object.assign({}, ...args.filter((arg) => typeof arg === "object"));
      const options = args.filter((arg) => typeof arg === "string");
      return runCli(["sessions", ...options], { env: { ...auth0.env(server.origin), ...env, ...changes } });
    },
  };
}

describe("mcp-env-auth sessions", () => {
  it("lists a login with its client and last use, from sealed records, until it is ended", async () => {
    const { server, token, revoke, sessions, pass } = await start();
    const list = async (...args: string[]) => JSON.parse((await sessions("--json", ...args)).stdout) as unknown[];
    await until(async () => (await list()).length === 1);
    const [login] = (await list()) as { since: string; lastUse: string; login: string }[];
    expect(login).toMatchObject({ subject: "auth0|alice", client: expect.stringMatching(/^[\w-]{22}$/) });
    pass(120);
    expect((await server.call(token)).status).toBe(200);
    await until(async () => ((await list()) as { lastUse: string }[])[0]?.lastUse !== login?.lastUse);
    const shown = await sessions();
    expect(shown).toMatchObject({ code: 0, stderr: "" });
    expect(shown.stdout).toMatch(/^USER +CLIENT +SINCE +LAST USE +LOGIN\nauth0\|alice +\S.*now.*\n$/);
    expect(await list("--subject", "auth0|bob")).toEqual([]);
    expect(await list("--subject", "auth0|alice")).toHaveLength(1);

    expect((await revoke("--subject", "auth0|alise")).stdout).toContain("Nothing matched");
    expect((await revoke("--subject", "auth0|alice")).stdout).toContain("Logins ended: 1.");
    expect(await list()).toEqual([]);
  });

  it("shows no record of another configuration, and says so", async () => {
    const { sessions } = await start();
    await until(async () => (await sessions()).stdout.includes("auth0|alice"));
    const other = await sessions({ FASTMCP_TOKEN_EPOCH: "2" });
    expect(other.stdout).toContain("No logins.");
    expect(other.stderr).toContain("Records under other keys, and so not shown: 1.");
  });
});

describe("mcp-env-auth revoke", () => {
  it("ends a user's sessions in a running server, access and refresh tokens, until it is undone", async () => {
    const { server, token, refreshes, revoke } = await start();
    expect((await server.call(token)).status).toBe(200);
    const { code, stdout } = await revoke("--subject", "auth0|alice");
    expect(code).toBe(0);
    expect(stdout).toContain("auth0|alice");
    await until(async () => (await server.call(token)).status === 401);
    expect(await refreshes()).toBe(400);
    expect((await revoke("--subject", "auth0|alice", "--undo")).code).toBe(0);
    await until(async () => (await server.call(token)).status === 200);
  });

  it("lets a user whose sessions it ended log in again", async () => {
    const { server, token, refreshes, revoke, pass } = await start();
    expect((await revoke("--subject", "auth0|alice")).stdout).toContain("New logins are not");
    pass(3);
    expect((await server.call(token)).status).toBe(401);
    expect((await server.call((await server.getSession("alice")).accessToken)).status).toBe(200);
    expect([(await server.call(token)).status, await refreshes()]).toEqual([401, 400]);
  });

  it("blocks a user with --block: a new login is refused where it ends, until it is undone", async () => {
    const { server, revoke, pass } = await start();
    expect((await revoke("--subject", "auth0|alice", "--block")).code).toBe(0);
    expect((await revoke("--subject", "auth0|alice")).stdout).toContain("those of new logins too");
    pass(3);
    const { exchange } = await server.getCode("alice");
    const refused = await exchange();
    expect([refused.status, ((await refused.json()) as { error: string }).error]).toEqual([400, "invalid_grant"]);
    await revoke("--subject", "auth0|alice", "--undo");
    pass(3);
    expect((await server.call((await server.getSession("alice")).accessToken)).status).toBe(200);
  });

  it("blocks a client with --block: it begins no login, and ends its sessions alone without", async () => {
    const { server, token, clientId, revoke, pass } = await start();
    const url = `${server.origin}/authorize?client_id=${clientId}`;
    const authorize = async () => (await fetch(url, { redirect: "manual" })).text();
    await revoke("--client", clientId);
    pass(3);
    expect((await server.call(token)).status).toBe(401);
    expect(await authorize()).not.toContain("unauthorized_client");
    await revoke("--client", clientId, "--block");
    pass(3);
    expect(await authorize()).toContain("unauthorized_client");
  });

  it("leaves other users alone", async () => {
    const { server, token, refreshes, revoke, pass } = await start();
    expect((await revoke("--subject", "auth0|bob")).code).toBe(0);
    pass(3);
    expect((await server.call(token)).status).toBe(200);
    expect(await refreshes()).toBe(200);
  });

  it("ends all sessions of a client, by its client_id or by the name that the log gives it", async () => {
    const { server, token, clientId, revoke } = await start();
    expect((await revoke("--client", clientId)).code).toBe(0);
    await until(async () => (await server.call(token)).status === 401);
    const { stdout } = await revoke("--client", clientId, "--undo");
    await until(async () => (await server.call(token)).status === 200);
    const [, name = ""] = /\(([A-Za-z0-9_-]{22}) in the log\)/.exec(stdout) ?? [];
    expect((await revoke("--client", name)).code).toBe(0);
    await until(async () => (await server.call(token)).status === 401);
  });

  it("ends sessions also where Redis does not give its list of logins", async () => {
    const { server, token, revoke } = await start();
    await redis.command("ACL", "SETUSER", "default", "-zscan");
    const { code, stdout } = await revoke("--subject", "auth0|alice");
    expect([code, stdout]).toEqual([0, expect.stringContaining("Whether any login matched is unknown")]);
    await until(async () => (await server.call(token)).status === 401);
  });

  it("counts the logins that it ends, and none of them twice", async () => {
    const { revoke } = await start();
    expect((await revoke("--subject", "auth0|alice")).stdout).toContain("Logins ended: 1.");
    expect((await revoke("--subject", "auth0|alice")).stdout).toContain("Nothing matched");
  });

  it("ends with 1 while Redis does not answer, and shows no address", async () => {
    const { revoke } = await start();
    await redis.stop();
    const { code, stderr } = await revoke("--subject", "auth0|alice");
    expect(code).toBe(1);
    expect(stderr).toContain("FASTMCP_STORAGE_URL");
    expect(stderr).not.toContain(`:${redis.port}`);
  });
});

import { afterEach, describe, expect, it, vi } from "vitest";
import { send } from "../http/testing/serve.ts";
import { silentLogger } from "../logger.ts";
import { createServer } from "../server.ts";

const said = { resource: undefined, requiredScopes: [], authorizationServers: [] };

/** A server that is listening, and whose provider is not there before `come()`. */
async function startUncompleted() {
  let come = () => {};
  const coming = new Promise<void>((resolve) => {
    come = resolve;
  });
  const close = vi.fn(async () => {});
  const auth = {
    baseUrl: undefined,
    describe: () => said,
    async authenticate() {
      await coming;
      const verifier = { verify: () => Promise.reject(new Error("unreached")) };
      return { ...said, verifier, endpoints: [], start: async () => {}, ready: () => true, close };
    },
  };
  let address = "";
  const info = (fields: { host?: string; port?: number }) => {
    if (fields.port !== undefined) {
      address = `http://${fields.host}:${fields.port}`;
    }
  };
  const warnings: string[] = [];
  const warn = (_fields: object, message: string) => void warnings.push(message);
  const logger = { ...silentLogger, info, warn };
  const server = createServer({ name: "test", version: "1", auth, env: { FASTMCP_ENV_FILE: "" }, logger });
  const running = server.run({ port: 0 });
  await expect.poll(() => address).not.toBe("");
  return { server, running, address, warnings, come, close };
}

describe("a server that is closed before it is complete", () => {
  it("listens no more, and closes its provider when that comes", async () => {
    const { server, running, address, come, close } = await startUncompleted();
    expect((await send(`${address}/healthz`)).status).toBe(200);
    await server.close();
    await expect(send(`${address}/healthz`)).rejects.toThrow();
    expect(close).not.toHaveBeenCalled();
    come();
    await running;
    expect(close).toHaveBeenCalledOnce();
  });

  it("does not listen on, if it had not begun to", async () => {
    const lines: string[] = [];
    const logger = { ...silentLogger, info: (_fields: object, message: string) => void lines.push(message) };
    const env = { FASTMCP_ENV_FILE: "", FASTMCP_SERVER_AUTH: "none" };
    const server = createServer({ name: "test", version: "1", env, logger });
    const running = server.run({ port: 0 });
    await server.close();
    await running;
    const [, address = ""] = /listens at (http:\/\/[^/]+)/.exec(lines.join("\n")) ?? [];
    await expect(send(`${address}/healthz`)).rejects.toThrow("ECONNREFUSED");
  });
});

describe("a server that takes long to complete", () => {
  afterEach(() => void vi.useRealTimers());

  it.each([
    ["says after 10 s what it waits for", 10_000, 1],
    ["and not before", 9_000, 0],
  ])("%s", async (_what, passed, count) => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { server, running, warnings, come } = await startUncompleted();
    const slow = () => warnings.filter((line) => line.includes("authenticate()"));
    vi.advanceTimersByTime(passed);
    expect(slow()).toHaveLength(count);
    come();
    await running;
    vi.advanceTimersByTime(20_000);
    expect(slow()).toHaveLength(count);
    vi.useRealTimers();
    await server.close();
  });
});

describe("a fault that shows only while it is being completed", () => {
  it("leaves nothing that listens to who catches it", async () => {
    let address = "";
    const info = (fields: { host?: string; port?: number }) => {
      if (fields.port !== undefined) {
        address = `http://${fields.host}:${fields.port}`;
      }
    };
    const auth = {
      baseUrl: undefined,
      describe: () => said,
      authenticate: () => Promise.reject(new Error("broken")),
    };
    const logger = { ...silentLogger, info };
    const server = createServer({ name: "test", version: "1", auth, env: { FASTMCP_ENV_FILE: "" }, logger });
    await expect(server.run({ port: 0 })).rejects.toThrow("broken");
    await vi.waitFor(() => expect(send(`${address}/healthz`)).rejects.toThrow(), { timeout: 10_000 });
  });
});

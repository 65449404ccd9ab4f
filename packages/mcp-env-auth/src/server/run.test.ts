import { describe, expect, it, vi } from "vitest";
import { send } from "../http/testing/serve.ts";
import { silentLogger } from "../logger.ts";
import { createServer } from "../server.ts";

describe("a server that is closed before it is complete", () => {
  it("listens no more, and closes its provider when that comes", async () => {
    const said = { resource: undefined, requiredScopes: [], authorizationServers: [] };
    let come = () => {};
    const coming = new Promise<void>((resolve) => {
      come = resolve;
    });
    let closed = false;
    const auth = {
      baseUrl: undefined,
      describe: () => said,
      async authenticate() {
        await coming;
        const verifier = { verify: () => Promise.reject(new Error("unreached")) };
        const close = async () => {
          closed = true;
        };
        return { ...said, verifier, endpoints: [], start: async () => {}, ready: () => true, close };
      },
    };
    let address = "";
    const info = (fields: { host?: string; port?: number }) => {
      if (fields.port !== undefined) address = `http://${fields.host}:${fields.port}`;
    };
    const logger = { ...silentLogger, info };
    const server = createServer({ name: "test", version: "1", auth, env: { FASTMCP_ENV_FILE: "" }, logger });
    const running = server.run({ port: 0 });
    await vi.waitUntil(() => address !== "");
    expect((await send(`${address}/healthz`)).status).toBe(200);
    await server.close();
    await expect(send(`${address}/healthz`)).rejects.toThrow();
    expect(closed).toBe(false);
    come();
    await running;
    expect(closed).toBe(true);
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

describe("a fault that shows only while it is being completed", () => {
  it("leaves nothing that listens to who catches it", async () => {
    let address = "";
    const info = (fields: { host?: string; port?: number }) => {
      if (fields.port !== undefined) address = `http://${fields.host}:${fields.port}`;
    };
    const said = { resource: undefined, requiredScopes: [], authorizationServers: [] };
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

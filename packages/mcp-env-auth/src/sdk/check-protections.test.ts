import { McpServer, Server } from "@modelcontextprotocol/server";
import { afterEach, describe, expect, it, vi } from "vitest";
import { silentLogger } from "../logger.ts";
import { createServer } from "../server.ts";
import { checkProtections } from "./check-protections.ts";
import { TESTED_SDK_VERSIONS } from "./sdk-version.ts";

afterEach(() => vi.restoreAllMocks());

type Doctored = Record<string, (this: unknown, ...args: never[]) => unknown>;

/** Has each new `McpServer` go on with `change`: as a later version of the SDK might behave. */
function doctor(change: (server: McpServer) => void): void {
  const register = McpServer.prototype.registerResource as (...args: unknown[]) => never;
  const done = new WeakSet<McpServer>();
  vi.spyOn(McpServer.prototype, "registerResource").mockImplementation(function (this: McpServer, ...args: unknown[]) {
    if (!done.has(this)) {
      change(this);
    }
    done.add(this);
    return register.apply(this, args);
  } as never);
}

/** Makes the SDK use its own method, whatever was put over it: as if it had another name. */
function renamed(name: "setRequestHandler" | "notification" | "buildContext"): void {
  doctor(({ server }) => void delete (server as unknown as Doctored)[name]);
}

const UNTESTED = "99.0.0";

describe("the protections of a server, checked at its start", () => {
  it.each([...TESTED_SDK_VERSIONS, UNTESTED, undefined])(
    "have an effect on the installed SDK, taken for %s",
    async (version) => {
      await expect(checkProtections(version)).resolves.toBeUndefined();
    },
  );

  it.each([
    ["masking of handler errors, concealment of hidden resources", () => renamed("setRequestHandler")],
    ["dropping of late notifications", () => renamed("buildContext")],
    ["dropping of late notifications", () => renamed("notification")],
  ])("are missed: %s", async (names, change) => {
    change();
    for (const version of [TESTED_SDK_VERSIONS[0], UNTESTED]) {
      await expect(checkProtections(version)).rejects.toThrow(`no effect with it: ${names}. Install`);
    }
  });

  it("are missed where the SDK takes a server for two requests", async () => {
    let first: McpServer | undefined;
    const connect = McpServer.prototype.connect;
    vi.spyOn(McpServer.prototype, "connect").mockImplementation(function (this: McpServer, transport) {
      first ??= this;
      return connect.call(first, transport);
    });
    await expect(checkProtections(UNTESTED)).rejects.toThrow("a server of its own for each request");
  });

  it("are missed where a handler gets the context of another's request", async () => {
    let first: unknown;
    const prototype = Server.prototype as unknown as { buildContext(...args: unknown[]): unknown };
    const build = prototype.buildContext;
    vi.spyOn(prototype, "buildContext").mockImplementation(function (this: unknown, ...args) {
      first ??= build.apply(this, args);
      return first;
    });
    await expect(checkProtections(UNTESTED)).rejects.toThrow("a server of its own for each request");
  });

  it("are missed where only one kind of handler goes past them, with a version that is not known", async () => {
    const set = Server.prototype.setRequestHandler as (...args: unknown[]) => void;
    doctor(({ server }) => {
      const wrapped = server.setRequestHandler.bind(server) as (...args: unknown[]) => void;
      server.setRequestHandler = (...args: unknown[]) =>
        args[0] === "prompts/get" ? set.apply(server, args) : wrapped(...args);
    });
    await expect(checkProtections(UNTESTED)).rejects.toThrow("no effect with it: masking of handler errors. Install");
  });

  it("are missed where nothing is answered", async () => {
    vi.spyOn(McpServer.prototype, "connect").mockReturnValue(new Promise(() => {}));
    await expect(checkProtections(undefined, 50)).rejects.toThrow("requests are not answered");
  });

  it("keep a server from starting when one has no effect", async () => {
    renamed("setRequestHandler");
    const env = { FASTMCP_ENV_FILE: "", FASTMCP_SERVER_AUTH: "none" };
    const server = createServer({ name: "test", version: "1", env, logger: silentLogger });
    server.registerTool("works", {}, () => "done");
    await expect(server.app()).rejects.toMatchObject({
      name: "ConfigError",
      message: expect.stringContaining("masking of handler errors"),
    });
  });
});

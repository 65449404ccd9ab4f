import { setTimeout } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { ToolError } from "../errors.ts";
import { serve } from "../http/testing/serve.ts";
import { REVISIONS, toolCall } from "../http/testing/tool-call.ts";
import { silentLogger } from "../logger.ts";
import { createServer } from "../server.ts";
import { maskError } from "./error-masking.ts";

describe("a handler's error", () => {
  it("is told to the user when it is a ToolError", () => {
    expect(maskError(new ToolError("No such city."), "The tool x", silentLogger)).toBe("No such city.");
  });

  it("is masked otherwise, under a reference that the log has too", () => {
    const lines: unknown[] = [];
    const message = maskError(new Error("password=hunter2"), "The tool x", {
      ...silentLogger,
      error: (fields) => void lines.push(fields),
    });
    expect(message).not.toContain("hunter2");
    const { reference, err } = lines[0] as { reference: string; err: Error };
    expect(message).toContain(reference);
    expect(err.message).toBe("password=hunter2");
  });

  describe("after its client left", () => {
    const signal = AbortSignal.abort(new Error("gone"));
    const levelsOf = (error: unknown, ofRequest: AbortSignal) => {
      const levels: string[] = [];
      const log = (level: string) => () => void levels.push(level);
      maskError(error, "The tool x", { ...silentLogger, error: log("error"), debug: log("debug") }, ofRequest);
      return levels;
    };

    it.each([
      ["the signal's reason", () => fetch("http://127.0.0.1", { signal })],
      ["an AbortError", () => setTimeout(1000, undefined, { signal })],
    ])("is none when it is %s", async (_what, run) => {
      const error = await run().catch((reason: unknown) => reason);
      expect(levelsOf(error, signal)).toEqual(["debug"]);
      expect(levelsOf(error, new AbortController().signal)).toEqual(["error"]);
    });

    it("is one when it is anything else", () => {
      expect(levelsOf(new TypeError("x is not a function"), signal)).toEqual(["error"]);
    });
  });
});

describe("a tool that hands the signal of its request on", () => {
  it.each(REVISIONS)("is no failure when its client leaves: %s", async (revision) => {
    const client = new AbortController();
    const slow = await serve(() => client.abort());
    const lines: string[] = [];
    const log = (level: string) => (_fields: object, message: string) => void lines.push(`${level}: ${message}`);
    const logger = { ...silentLogger, debug: log("debug"), warn: log("warn"), error: log("error") };
    const env = { FASTMCP_ENV_FILE: "", FASTMCP_SERVER_AUTH: "none" };
    const server = createServer({ name: "test", version: "1", env, logger });
    onTestFinished(() => server.close());
    server.registerTool("waits", {}, async ({ mcpReq: { signal } }) => (await fetch(slow, { signal })).text());
    const origin = await serve(await server.app());
    const { headers, body } = toolCall(revision, "waits");
    const asked = fetch(`${origin}/mcp`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
      signal: client.signal,
    });
    await expect(asked.then((answer) => answer.text())).rejects.toThrow();
    await expect.poll(() => lines).toContainEqual("debug: The tool waits was ended: its client cancelled it, or left");
    expect(lines.filter((line) => line.startsWith("error"))).toEqual([]);
  });
});

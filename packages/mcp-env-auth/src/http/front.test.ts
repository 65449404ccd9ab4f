import type { RequestListener } from "node:http";
import { describe, expect, it, vi } from "vitest";
import { createFront, loadOnDemand } from "./front.ts";
import { createGate } from "./gate.ts";
import { createOriginPolicy } from "./origin-policy.ts";
import { type RawAnswer, send, serve } from "./testing/serve.ts";

const originPolicy = createOriginPolicy({ baseUrl: undefined, allowedHosts: [], allowedOrigins: [] });
const MCP = {
  gate: createGate(originPolicy),
  mcpPath: "/mcp",
  basePath: "/api",
  mcpEndpoint: async (_request: unknown, response: { end(text: string): unknown }) => void response.end("mcp"),
};

describe("the front of a server", () => {
  it("serves calls and the check whether the process lives, with security headers on the one, and leaves all else", async () => {
    const origin = await serve(createFront(MCP, (_request, response) => response.end("rest")));
    const ask = async (method: string, path: string) => (await send(`${origin}${path}`, { method })).body;
    expect(await Promise.all(["/mcp", "/api/mcp"].map((path) => ask("POST", path)))).toEqual(["mcp", "mcp"]);
    expect(await ask("GET", "/healthz")).toBe('{"status":"ok"}');
    const { headers: alive } = await send(`${origin}/healthz`, { method: "HEAD" });
    expect(alive["content-type"]).toBe("application/json");
    expect(await Promise.all(["GET", "DELETE", "OPTIONS"].map((method) => ask(method, "/mcp")))).toEqual([
      "mcp",
      "mcp",
      "mcp",
    ]);
    const others = ["/mcp?a", "/MCP", "//mcp", "/api/api/mcp", "/", "/api", "/healthz"];
    for (const path of others) {
      expect(await ask("POST", path), path).toBe("rest");
    }
    for (const path of ["/readyz", "/healthz?a", "/healthz/"]) {
      expect(await ask("GET", path), path).toBe("rest");
    }
    const { headers } = await send(`${origin}/mcp`, { method: "POST" });
    expect(headers).toMatchObject({ "x-content-type-options": "nosniff", "x-frame-options": "DENY" });
  });

  it("checks Host before the endpoint gets to see a request", async () => {
    const mcpEndpoint = vi.fn(MCP.mcpEndpoint);
    const origin = await serve(createFront({ ...MCP, mcpEndpoint }, (_request, response) => response.end("rest")));
    const answer = await send(`${origin}/mcp`, { method: "POST", headers: { Host: "evil.example" } });
    expect([answer.status, mcpEndpoint.mock.calls.length]).toEqual([403, 0]);
    expect(answer.headers["x-content-type-options"]).toBe("nosniff");
  });
});

describe("a listener that is loaded on demand", () => {
  it("is loaded once, by the first request, and the requests that wait for it lose nothing of their bodies", async () => {
    const load = vi.fn(async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      return (request: NodeJS.ReadableStream, response: NodeJS.WritableStream) => void request.pipe(response);
    });
    const { listener } = loadOnDemand(load as never, () => {});
    const origin = await serve(listener);
    expect(load).not.toHaveBeenCalled();
    const bodies = ["one", "x".repeat(200_000), "three"];
    const answers = await Promise.all(bodies.map((body) => send(origin, { method: "POST", body })));
    expect(answers.map(({ body }) => body)).toEqual(bodies);
    expect((await send(origin, { method: "POST", body: "later" })).body).toBe("later");
    expect(load).toHaveBeenCalledOnce();
  });

  it("has room for so many requests at once, and asks others to come again", async () => {
    let finish!: (listener: RequestListener) => void;
    const loading = new Promise<RequestListener>((resolve) => {
      finish = resolve;
    });
    const origin = await serve(
      loadOnDemand(
        () => loading,
        () => {},
      ).listener,
    );
    const refused: RawAnswer[] = [];
    const asked = Array.from({ length: 510 }, () =>
      send(origin).then((answer) => {
        if (answer.status === 503) {
          refused.push(answer);
        }
        return answer.status;
      }),
    );
    await expect.poll(() => refused).toHaveLength(10);
    expect(refused[0]).toMatchObject({
      headers: { "retry-after": "1" },
      body: expect.stringContaining("temporarily_unavailable"),
    });
    finish((_request, response) => response.end());
    const served = (await Promise.all(asked)).filter((status) => status === 200);
    expect([served.length, refused.length]).toEqual([500, 10]);
    expect((await send(origin)).status).toBe(200);
  });

  it("that can't be loaded says why, once, and hangs up", async () => {
    const reasons: unknown[] = [];
    const { listener, load } = loadOnDemand(
      async () => {
        throw new Error("no such path");
      },
      (reason) => reasons.push(reason),
    );
    const origin = await serve(listener);
    await expect(send(origin)).rejects.toThrow();
    await load();
    expect(reasons).toEqual([new Error("no such path")]);
  });
});

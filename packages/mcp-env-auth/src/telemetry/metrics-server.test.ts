import { request } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { type MetricsServer, PortNotOpened, serveMetrics } from "./metrics-server.ts";

const page = { contentType: "text/plain; version=0.0.4", exposition: async () => "up 1\n" };
const open: MetricsServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function serve(host = "127.0.0.1", port = 0): Promise<string> {
  const server = await serveMetrics(page, { host, port });
  open.push(server);
  return server.url;
}

/** The status for a Host that fetch would not send. */
function statusFor(url: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, { headers: { host } }, (response) => resolve(response.resume().statusCode))
      .on("error", reject)
      .end();
  });
}

describe("the port for metrics", () => {
  it("serves them at /metrics, as Prometheus reads them, and nothing else", async () => {
    const url = await serve();
    const answer = await fetch(`${url}?name=x`);
    expect([answer.status, await answer.text()]).toEqual([200, "up 1\n"]);
    expect(answer.headers.get("content-type")).toBe(page.contentType);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect((await fetch(url, { method: "HEAD" })).status).toBe(200);
    expect((await fetch(url, { method: "POST", body: "x" })).status).toBe(405);
    for (const path of ["/", "/mcp", "/metrics/", "/metrics%2f"]) {
      expect((await fetch(new URL(path, url))).status).toBe(404);
    }
  });

  it("is for programs of this machine: a page with a name of its own for it reads nothing", async () => {
    const url = await serve();
    for (const host of ["localhost:9464", "127.0.0.1", "[::1]:1"]) {
      expect(await statusFor(url, host)).toBe(200);
    }
    for (const host of ["rebound.example:9464", "127.0.0.1.example", "a b"]) {
      expect(await statusFor(url, host)).toBe(403);
    }
  });

  it("takes any Host where it is open to others", async () => {
    const url = (await serve("0.0.0.0")).replace("0.0.0.0", "127.0.0.1");
    expect(await statusFor(url, "weather.monitoring.svc:9464")).toBe(200);
  });

  it("says which setting is wrong", async () => {
    const port = Number(new URL(await serve()).port);
    await expect(serve("127.0.0.1", port)).rejects.toMatchObject({
      problem: { variable: "FASTMCP_METRICS_PORT", message: expect.stringContaining("in use") },
    });
    await expect(serve("192.0.2.1")).rejects.toMatchObject({ problem: { variable: "FASTMCP_METRICS_HOST" } });
    await expect(serve("no.such.host.invalid")).rejects.toBeInstanceOf(PortNotOpened);
  });

  it("is closed with its connections", async () => {
    const url = await serve();
    await (await fetch(url)).text();
    await open.pop()?.close();
    await expect(fetch(url)).rejects.toThrow();
  });
});

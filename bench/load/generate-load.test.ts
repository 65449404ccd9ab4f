import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { generateLoad } from "./generate-load.mjs";
import { toolCalls } from "./tool-calls.mjs";

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const calls = toolCalls("2025-11-25", { tool: "greet_1", token: undefined });

const greeting: RequestListener = async (request, response) => {
  let body = "";
  for await (const chunk of request) {
    body += chunk;
  }
  response.end(`{"text":"Hello, ${JSON.parse(body).params.arguments.text}!"}`);
};

it("counts what is answered rightly, over so many connections", async () => {
  const sockets = new Set<unknown>();
  let served = 0;
  const origin = await serve((request, response) => {
    sockets.add(request.socket);
    served += 1;
    greeting(request, response);
  });
  const load = await generateLoad(origin, calls, { connections: 4, seconds: 0, requests: 50, maxSeconds: 20 });
  expect(load.requests).toBe(served);
  expect(load.requests).toBeGreaterThanOrEqual(50);
  expect(load.requests).toBeLessThan(60);
  expect(sockets.size).toBe(4);
  expect(load.p50).toBeGreaterThan(0);
  expect(load.p99).toBeGreaterThanOrEqual(load.p50);
});

it("fails at the first wrong answer, however fast it is", async () => {
  let served = 0;
  const origin = await serve((request, response) => {
    served += 1;
    if (served === 20) {
      response.writeHead(500).end("Out of order");
    } else {
      greeting(request, response);
    }
  });
  const load = generateLoad(origin, calls, { connections: 2, seconds: 20 });
  await expect(load).rejects.toThrow("was answered with 500: Out of order");
});

it("fails when nobody listens", async () => {
  const load = generateLoad("http://127.0.0.1:1", calls, { connections: 1, seconds: 1 });
  await expect(load).rejects.toThrow("ECONNREFUSED");
});

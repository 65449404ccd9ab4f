import type { ServerResponse } from "node:http";
import { ToolError } from "mcp-env-auth";
import { afterEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { createJsonClient, type JsonClientOptions } from "./json-client.ts";
import { type HttpStandIn, startHttpStandIn } from "./testing/http-stand-in.ts";

const schema = z.object({ answer: z.number() });
const UNREACHABLE = "The oracle can't be reached at the moment. Try again in a minute.";
const services: HttpStandIn[] = [];

afterEach(async () => {
  await Promise.all(services.splice(0).map((service) => service.close()));
});

type Answer = (response: ServerResponse) => void;
const ok: Answer = (response) => response.end('{"answer":42}');
const status =
  (code: number): Answer =>
  (response) =>
    response.writeHead(code).end();

/** A service that answers one after the other; the last answer stays. */
async function serve(...answers: [Answer, ...Answer[]]): Promise<HttpStandIn> {
  const service = await startHttpStandIn((_request, response) => {
    const answer = (answers.length > 1 ? answers.shift() : answers[0]) as Answer;
    answer(response);
  });
  services.push(service);
  return service;
}

const client = (options: Partial<JsonClientOptions> = {}) =>
  createJsonClient({ service: "The oracle", retryDelay: 1, ...options });

describe("a JSON client", () => {
  it("tries again after a 5xx answer and after a lost connection", async () => {
    const service = await serve(status(503), (response) => response.destroy(), ok);
    await expect(client()(new URL(service.url), schema)).resolves.toEqual({ answer: 42 });
    expect(service.requests).toHaveLength(3);
  });

  it("gives up after three attempts, with a sentence for the caller", async () => {
    const service = await serve(status(500));
    const failure = client()(new URL(service.url), schema);
    await expect(failure).rejects.toThrow(ToolError);
    await expect(failure).rejects.toThrow(UNREACHABLE);
    expect(service.requests).toHaveLength(3);
  });

  it("tries again when there were too many requests, and says so when there still are", async () => {
    const relieved = await serve(status(429), ok);
    await expect(client()(new URL(relieved.url), schema)).resolves.toEqual({ answer: 42 });
    const busy = await serve(status(429));
    await expect(client()(new URL(busy.url), schema)).rejects.toThrow(
      "The oracle gets too many requests at the moment. Try again in a minute.",
    );
    expect(busy.requests).toHaveLength(3);
  });

  it("does not repeat a request that was refused", async () => {
    const service = await serve(status(400), ok);
    await expect(client()(new URL(service.url), schema)).rejects.toThrow("The oracle refused the request (HTTP 400).");
    expect(service.requests).toHaveLength(1);
  });

  it("does not wait for a service that never answers", async () => {
    const service = await serve(() => {});
    await expect(client({ timeout: 250, attempts: 2 })(new URL(service.url), schema)).rejects.toThrow(UNREACHABLE);
    expect(service.requests).toHaveLength(2);
  });

  it.each(['{"answer":"42"}', "{}", "null"])("refuses an answer of another shape: %s", async (body) => {
    const service = await serve((response) => response.end(body));
    await expect(client()(new URL(service.url), schema)).rejects.toThrow("The oracle answered something unexpected.");
  });

  it("treats a web page in place of JSON as an outage", async () => {
    const service = await serve((response) => response.end("<html>"));
    await expect(client()(new URL(service.url), schema)).rejects.toThrow(UNREACHABLE);
  });

  it("uses an answer again until it is too old", async () => {
    const service = await serve(ok);
    let now = 0;
    const getJson = client({ maxAge: 1000, now: () => now });
    await getJson(new URL(service.url), schema);
    now = 999;
    await getJson(new URL(service.url), schema);
    expect(service.requests).toHaveLength(1);
    now = 1000;
    await getJson(new URL(service.url), schema);
    expect(service.requests).toHaveLength(2);
  });

  it("sends one request for equal ones at the same time", async () => {
    const service = await serve(ok);
    const getJson = client();
    await Promise.all(Array.from({ length: 5 }, () => getJson(new URL(service.url), schema)));
    expect(service.requests).toHaveLength(1);
  });

  it("keeps no failure", async () => {
    const service = await serve(status(404), ok);
    const getJson = client();
    await expect(getJson(new URL(service.url), schema)).rejects.toThrow(ToolError);
    await expect(getJson(new URL(service.url), schema)).resolves.toEqual({ answer: 42 });
  });

  it("keeps no more answers than it may, and drops the oldest", async () => {
    const service = await serve(ok);
    const getJson = client({ maxEntries: 2 });
    for (const path of ["/a", "/b", "/c", "/c", "/b", "/a"]) {
      await getJson(new URL(path, service.url), schema);
    }
    expect(service.requests).toEqual(["/a", "/b", "/c", "/a"]);
  });
});

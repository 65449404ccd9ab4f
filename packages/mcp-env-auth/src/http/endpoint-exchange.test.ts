import express from "express";
import { describe, expect, it } from "vitest";
import type { Endpoint, EndpointRequest, EndpointResponse } from "../endpoint.ts";
import { ChallengeError, OAuthError } from "../errors.ts";
import { systemClock } from "../lib/clock.ts";
import { silentLogger } from "../logger.ts";
import { createEndpointRouter } from "./endpoint-router.ts";
import { createRateLimits } from "./rate-limit.ts";
import { send, serve } from "./testing/serve.ts";

type Call = Parameters<typeof send>[1];

/** An app that sets headers of its own, with one endpoint at /api/here. */
async function start(
  handle: Endpoint["handle"],
  rest: Partial<Endpoint> = {},
): Promise<(call?: Call, query?: string) => ReturnType<typeof send>> {
  const endpoint: Endpoint = {
    ...{ path: "/here", methods: ["GET", "POST"], body: "form", crossOrigin: true, limit: "requests" },
    handle,
    ...rest,
  };
  const app = express();
  app.use((_request, response, next) => {
    response.append("Set-Cookie", "app=1").vary("Accept-Encoding");
    next();
  });
  app.use("/api", createEndpointRouter([endpoint], createRateLimits(100, systemClock), silentLogger));
  const origin = await serve(app);
  return (call, query = "") => send(`${origin}/api/here${query}`, call);
}

/** What an endpoint gets of a request. */
async function received(call?: Call, query?: string): Promise<EndpointRequest> {
  let seen: EndpointRequest | undefined;
  const ask = await start(async (request) => {
    seen = request;
    return { status: 200 };
  });
  await ask(call, query);
  if (seen === undefined) {
    throw new Error("The endpoint was not asked.");
  }
  return seen;
}

const answering = (response: EndpointResponse, call?: Call) => start(async () => response).then((ask) => ask(call));

describe("what an endpoint gets", () => {
  it("is the request without its base path, with repeats in sight", async () => {
    const request = await received({ headers: { DPoP: ["a", "b"], "X-One": "1" } }, "?a=1&a=2&b=%20?c");
    expect(request).toMatchObject({ method: "GET", path: "/here", body: undefined, clientAddress: "127.0.0.1" });
    expect([...request.query]).toEqual([
      ["a", "1"],
      ["a", "2"],
      ["b", " ?c"],
    ]);
    expect([request.headers.dpop, request.headers["x-one"], request.headers["x-two"]]).toEqual([
      ["a", "b"],
      ["1"],
      undefined,
    ]);
  });

  it("has the cookies of all Cookie headers in order, without what is no valid pair", async () => {
    const { cookies } = await received({ headers: { Cookie: ["a=1; b=2", 'a=3; c="4"; d; e=f g; __proto__=5'] } });
    expect(cookies).toEqual([
      ["a", "1"],
      ["b", "2"],
      ["a", "3"],
      ["__proto__", "5"],
    ]);
  });

  it.each(["__proto__", "constructor", "toString"])("survives a header named %s", async (name) => {
    const { headers } = await received({ headers: Object.fromEntries([[name, "x"]]) });
    expect(headers[name.toLowerCase()]).toEqual(["x"]);
    expect(({} as Record<string, unknown>)[0]).toBeUndefined();
  });

  it.each([
    ["text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", true],
    ["text/*", true],
    ["*/*", false],
    ["application/json", false],
    ["text/html;q=0.1, application/json", false],
    ["image/png", false],
  ])("says of Accept: %s whether a person reads the response", async (accept, prefersHtml) => {
    expect((await received({ headers: { Accept: accept } })).prefersHtml).toBe(prefersHtml);
  });
});

describe("what an endpoint answers", () => {
  it("adds its cookies and what it varies by to the app's own", async () => {
    const cookies = [
      { name: "a", value: "", maxAge: 0, secure: false },
      { name: "__Host-b", value: "2", maxAge: 60, secure: true },
    ];
    const { headers } = await answering({ status: 200, headers: { Vary: "Accept" }, cookies });
    expect(headers["set-cookie"]).toEqual([
      "app=1",
      "a=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0",
      "__Host-b=2; Path=/; HttpOnly; SameSite=Lax; Max-Age=60; Secure",
    ]);
    expect(headers.vary).toBe("Accept-Encoding, Accept");
  });

  it.each([
    [{ json: { a: [1] } }, "application/json; charset=utf-8", '{"a":[1]}'],
    [{ text: "<p>é" }, "text/html", "<p>é"],
  ])("sends the body %j, and none to HEAD", async (body, type, text) => {
    const response: EndpointResponse = { status: 201, body, headers: "text" in body ? { "Content-Type": type } : {} };
    const [get, head] = [await answering(response), await answering(response, { method: "HEAD" })];
    expect([get.status, get.headers["content-type"], get.body]).toEqual([201, type, text]);
    expect([head.status, head.headers["content-type"], head.body]).toEqual([201, type, ""]);
  });

  it("may be no body at all", async () => {
    const { status, headers, body } = await answering({ status: 303, headers: { Location: "/there" } });
    expect([status, headers.location, headers["content-length"], body]).toEqual([303, "/there", "0", ""]);
  });

  it("has the endpoint's headers when it rejects, and a challenge where there is one", async () => {
    const headers = { Pragma: "no-cache" };
    const refusal = new OAuthError("invalid_client", "Who is that?");
    for (const [error, challenge] of [
      [refusal, undefined],
      [new ChallengeError("Basic", refusal), "Basic"],
    ] as const) {
      const ask = await start(() => Promise.reject(error), { headers });
      const answer = await ask();
      expect([answer.status, answer.headers.pragma, answer.headers["www-authenticate"]]).toEqual([
        401,
        "no-cache",
        challenge,
      ]);
      expect(JSON.parse(answer.body)).toEqual({ error: "invalid_client", error_description: "Who is that?" });
    }
  });

  it("is its own for a request that was refused before, without the headers of what it handles", async () => {
    const ask = await start(() => Promise.reject(new Error("not reached")), {
      headers: { Pragma: "no-cache" },
      answerRefusal: ({ prefersHtml }, { code, status }) => ({ status, body: { json: { code, prefersHtml } } }),
    });
    const answer = await ask({
      method: "POST",
      headers: { Accept: "text/html", "Content-Type": "text/plain" },
      body: "x",
    });
    expect([answer.status, answer.headers.pragma, answer.body]).toEqual([
      400,
      undefined,
      '{"code":"invalid_request","prefersHtml":true}',
    ]);
  });
});

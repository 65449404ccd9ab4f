import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { expect, it } from "vitest";
import { parserFor, refusalOfParser } from "./endpoint-bodies.ts";
import { createFairTurns } from "./fair-slices.ts";
import { createOpenBodyRoom } from "./open-body-room.ts";

it("decompresses nothing", async () => {
  const app = express();
  app.post(
    "/",
    ...parserFor("form", createOpenBodyRoom(), createFairTurns()),
    (request, response) => void response.send(String(request.body)),
  );
  app.use(((error, _request, response, _next) => {
    response.sendStatus(error.status ?? refusalOfParser(error)?.status ?? 500);
  }) satisfies express.ErrorRequestHandler);
  const server = createServer(app).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const post = (encoding: string) =>
    fetch(url, { method: "POST", headers: { "Content-Encoding": encoding }, body: new URLSearchParams({ a: "1" }) });
  try {
    expect(await (await post("identity")).text()).toBe("a=1");
    expect((await post("deflate")).status).toBe(415);
    expect((await post("gzip")).status).toBe(415);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

it.each([
  ["querystring", express.urlencoded({ extended: false })],
  ["qs", express.urlencoded({ extended: true })],
  ["JSON", express.json()],
])("takes a form that a body parser of the app has read: %s", async (name, parser) => {
  const app = express();
  app.use(parser);
  app.post(
    "/",
    ...parserFor("form or json", createOpenBodyRoom(), createFairTurns()),
    (request, response) => void response.send(String(request.body)),
  );
  app.use(((error, _request, response, _next) => {
    response.sendStatus(error.status ?? 500);
  }) satisfies express.ErrorRequestHandler);
  const server = createServer(app).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const post = (given: URLSearchParams | string) =>
    fetch(url, {
      method: "POST",
      headers: typeof given === "string" ? { "Content-Type": "application/json" } : {},
      body: given,
    });
  try {
    if (name === "JSON") {
      expect(await (await post('{"a":"1 &","b":["2","3"]}')).text()).toBe("a=1+%26&b=2&b=3");
      expect((await post('{"a":{"b":"1"}}')).status).toBe(400);
    } else {
      expect(await (await post(new URLSearchParams("a=1+%26&b=2&b=3"))).text()).toBe("a=1+%26&b=2&b=3");
    }
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

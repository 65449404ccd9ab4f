import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { expect, it } from "vitest";
import { parserFor, refusalOfParser } from "./endpoint-bodies.ts";
import { createOpenBodyRoom } from "./open-body-room.ts";

it("decompresses nothing", async () => {
  const app = express();
  app.post(
    "/",
    ...parserFor("form", createOpenBodyRoom()),
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

import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { send, serve } from "../http/testing/serve.ts";
import { sendAnswer } from "./send-answer.ts";

const answer = { jsonrpc: "2.0" as const, id: 7, result: { content: [] } };

describe("a direct answer", () => {
  it("that can't be written as JSON becomes an error for the client, and one for the caller", async () => {
    let failure: unknown;
    const origin = await serve((_request, response) => {
      try {
        sendAnswer(response, { ...answer, result: { count: 1n as never } });
      } catch (error) {
        failure = error;
      }
    });
    const { status, body } = await send(origin);
    expect([status, JSON.parse(body)]).toEqual([
      200,
      { jsonrpc: "2.0", id: 7, error: { code: -32603, message: "Internal error" } },
    ]);
    expect(failure).toBeInstanceOf(TypeError);
  });

  it("changes nothing of what was answered already", async () => {
    const origin = await serve((_request, response) => {
      response.writeHead(409).write("no");
      sendAnswer(response, answer);
      response.end();
    });
    expect(await send(origin)).toMatchObject({ status: 409, body: "no" });
  });

  it("to a client that has gone goes nowhere", async () => {
    let response!: ServerResponse;
    const origin = await serve((_request, given) => {
      response = given;
    });
    const socket = connect(Number(new URL(origin).port), "127.0.0.1");
    socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await expect.poll(() => response).toBeDefined();
    const closed = once(response, "close");
    socket.destroy();
    await closed;
    expect(() => sendAnswer(response, answer)).not.toThrow();
    expect(response.headersSent).toBe(false);
  });
});

import type { IncomingMessage } from "node:http";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { serve } from "../http/testing/serve.ts";
import { toHeaders } from "./request-headers.ts";

const SENT = {
  host: ["a.example"],
  "x-list": ["a", "b"],
  "mcp-method": ["tools/call"],
  authorization: ["Bearer secret"],
  cookie: ["session=secret"],
  dpop: ["secret"],
  "proxy-authorization": ["Basic secret"],
};
const headersOf = () => toHeaders({ headersDistinct: SENT } as unknown as IncomingMessage);

describe("the headers of a request that handlers can reach", () => {
  it("finds a header by any case, a repeated one joined, and no other", () => {
    const headers = headersOf();
    const found = ["Host", "X-LIST", "x-other", "constructor", "__proto__"].map((name) => headers.get(name));
    expect(found).toEqual(["a.example", "a, b", null, null, null]);
    expect(headers).toBeInstanceOf(Headers);
  });

  it("has nothing that proves who is calling, however it is asked", () => {
    for (const name of ["authorization", "Authorization", "COOKIE", "dpop", "Proxy-Authorization"]) {
      expect([headersOf().get(name), headersOf().has(name)], name).toEqual([null, false]);
    }
    expect([...headersOf()]).toEqual([
      ["host", "a.example"],
      ["mcp-method", "tools/call"],
      ["x-list", "a, b"],
    ]);
  });

  it.each(["__proto__: 1", "constructor: 1", "x: \u00ff\u0080", "x: a\tb", "x:", "x!#$%&'*+-.^_`|~: 1"])(
    "takes every header that Node.js lets through: %j",
    async (line) => {
      const sizes: number[] = [];
      const origin = await serve((request, response) => {
        sizes.push([...toHeaders(request)].length);
        response.end();
      });
      const socket = connect(Number(new URL(origin).port), "127.0.0.1");
      socket.end(Buffer.from(`GET / HTTP/1.1\r\nHost: a\r\n${line}\r\nCookie: c\r\n\r\n`, "latin1"));
      await new Promise((resolve) => socket.resume().on("close", resolve));
      expect(sizes).toEqual([2]);
    },
  );
});

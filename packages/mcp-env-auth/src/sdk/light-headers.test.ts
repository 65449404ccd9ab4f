import type { IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import { toHeaders } from "./light-headers.ts";

const SENT = {
  host: ["a.example"],
  "x-list": ["a", "b"],
  "mcp-method": ["tools/call"],
  authorization: ["Bearer secret"],
  cookie: ["session=secret"],
  dpop: ["secret"],
  "proxy-authorization": ["Basic secret"],
};
const view = () => toHeaders({ headersDistinct: SENT } as unknown as IncomingMessage);
const LISTED = [
  ["host", "a.example"],
  ["mcp-method", "tools/call"],
  ["x-list", "a, b"],
];

describe("the view of a request's headers", () => {
  it("finds a header by any case, a repeated one joined, and no other", () => {
    const headers = view();
    expect(["Host", "X-LIST", "x-other", "constructor", "__proto__"].map((name) => headers.get(name))).toEqual([
      "a.example",
      "a, b",
      null,
      null,
      null,
    ]);
    expect([headers.has("Mcp-Method"), headers.has("x-other")]).toEqual([true, false]);
  });

  it("has nothing that proves who is calling, however it is asked", () => {
    for (const name of ["authorization", "Authorization", "COOKIE", "dpop", "Proxy-Authorization"]) {
      expect([view().get(name), view().has(name)], name).toEqual([null, false]);
    }
    expect(JSON.stringify([...view()])).not.toContain("secret");
  });

  it("is a Headers with all that belongs to one", () => {
    const headers = view();
    expect(headers).toBeInstanceOf(Headers);
    expect([...headers]).toEqual(LISTED);
    expect([...headers.entries()]).toEqual(LISTED);
    expect([...headers.keys()]).toEqual(LISTED.map(([name]) => name));
    const seen: unknown[] = [];
    headers.forEach((value, name) => void seen.push([name, value]));
    expect(seen).toEqual(LISTED);
    expect([...new Headers(view())]).toEqual(LISTED);
    expect([...new Request("https://a.example", { headers: view() }).headers]).toEqual(LISTED);
  });

  it("shows what was changed in it", () => {
    const headers = view();
    headers.set("X-Mine", "1");
    headers.append("x-list", "c");
    headers.delete("host");
    expect([headers.get("x-mine"), headers.get("x-list"), headers.has("host")]).toEqual(["1", "a, b, c", false]);
    expect(view().get("x-mine")).toBeNull();
  });
});

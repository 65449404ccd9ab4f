import type { Request } from "express";
import { describe, expect, it } from "vitest";
import { createCookieNames, readCookies } from "./cookies.ts";

const secure = createCookieNames("https://mcp.example.com", "https://mcp.example.com/");
const local = createCookieNames("http://127.0.0.1:8000", "http://127.0.0.1:8000/");

function read(cookie: string, names = secure): Record<string, string> {
  return Object.fromEntries(readCookies({ headers: { cookie } } as Request, names));
}

describe("Security rule 2: cookie names", () => {
  it("have the __Host- prefix on https, and the unprefixed name is never read there", () => {
    expect(secure.for("browser")).toBe("__Host-mcp-browser");
    expect(read("mcp-browser=planted; __Secure-mcp-browser=planted")).toEqual({});
    expect(read("__Host-mcp-browser=good; mcp-browser=planted")).toEqual({ browser: "good" });
  });

  it("end in a hash of the issuer on http, since ports share cookies", () => {
    const neighbour = createCookieNames("http://127.0.0.1:9000", "http://127.0.0.1:9000/");
    expect(local.for("browser")).toMatch(/^mcp-browser-[\w-]{12}$/);
    expect(neighbour.for("browser")).not.toBe(local.for("browser"));
    expect(read(`${neighbour.for("browser")}=other; ${local.for("browser")}=own`, local)).toEqual({ browser: "own" });
  });
});

describe("readCookies", () => {
  it("ignores a cookie that came twice", () => {
    expect(read("__Host-mcp-browser=a; __Host-mcp-browser=b; __Host-mcp-login-1=c")).toEqual({ "login-1": "c" });
  });

  it.each([
    "__Host-mcp-browser",
    '__Host-mcp-browser="quoted"',
    "__Host-mcp-browser=with space",
    "__Host-mcp-browser =a",
    "__host-mcp-browser=a",
    "__Host-mcp-=a",
    "__Host-mcp-browser=a,b",
  ])("ignores what is no cookie of ours: %s", (cookie) => {
    expect(read(cookie)).toEqual({});
  });

  it("reads nothing from no header", () => {
    expect([...readCookies({ headers: {} } as Request, secure)]).toEqual([]);
  });
});

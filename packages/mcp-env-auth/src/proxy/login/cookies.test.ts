import { describe, expect, it } from "vitest";
import { parseCookies } from "../../http/endpoint-exchange.ts";
import { createCookieNames, readCookies } from "./cookies.ts";

const secure = createCookieNames("https://mcp.example.com", "https://mcp.example.com/");
const local = createCookieNames("http://127.0.0.1:8000", "http://127.0.0.1:8000/");

function read(cookie: string, names = secure): Record<string, string> {
  return Object.fromEntries(readCookies({ cookies: parseCookies(cookie) }, names));
}

describe("Security rule 2: cookie names", () => {
  it("have the __Host- prefix on https, and the unprefixed name is never read there", () => {
    const name = secure.for("browser");
    const bare = name.replace("__Host-", "");
    expect(name).toMatch(/^__Host-mcp-browser-[\w-]{12}$/);
    expect(read(`${bare}=planted; __Secure-${bare}=planted`)).toEqual({});
    expect(read(`${name}=good; ${bare}=planted`)).toEqual({ browser: "good" });
  });

  it.each([
    ["http, since ports share cookies", local, "http://127.0.0.1:9000"],
    ["https, since paths share cookies", secure, "https://mcp.example.com/other"],
  ])("end in a hash of the issuer on %s", (_scheme, own, other) => {
    const neighbour = createCookieNames(other, other);
    expect(own.for("browser")).toMatch(/mcp-browser-[\w-]{12}$/);
    expect(neighbour.for("browser")).not.toBe(own.for("browser"));
    expect(read(`${neighbour.for("browser")}=other; ${own.for("browser")}=own`, own)).toEqual({ browser: "own" });
  });
});

describe("readCookies", () => {
  const browser = secure.for("browser");

  it("ignores a cookie that came twice", () => {
    expect(read(`${browser}=a; ${browser}=b; ${secure.for("login-1")}=c`)).toEqual({ "login-1": "c" });
  });

  it.each([
    browser,
    `${browser}="quoted"`,
    `${browser}=with space`,
    `${browser} =a`,
    `${browser.replace("__Host", "__host")}=a`,
    `${secure.for("")}=a`,
    `${browser}=a,b`,
    "__Host-mcp-browser=a",
  ])("ignores what is no cookie of ours: %s", (cookie) => {
    expect(read(cookie)).toEqual({});
  });

  it("reads nothing from no header", () => {
    expect([...readCookies({ cookies: [] }, secure)]).toEqual([]);
  });
});

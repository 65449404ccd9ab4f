import { describe, expect, it } from "vitest";
import { callbackUrl, listeningPort, parseBaseUrl } from "./base-url.ts";

describe("the base URL", () => {
  it.each([
    ["http://localhost:8000", "http://localhost:8000"],
    ["http://localhost:8000/", "http://localhost:8000"],
    ["HTTPS://MCP.Example.com:443/", "https://mcp.example.com"],
    ["https://example.com/tools/", "https://example.com/tools"],
    ["http://127.0.0.1:9000", "http://127.0.0.1:9000"],
    ["http://[::1]:9000", "http://[::1]:9000"],
  ])("%j is written %j", (input, value) => {
    expect(parseBaseUrl(input)).toEqual({ ok: true, value });
  });

  it.each([
    "",
    "example.com",
    "http://mcp.example.com",
    "ftp://localhost",
    "javascript:alert(1)",
    "https://u:p@example.com",
    "https://example.com/?a=1",
    "https://example.com/#x",
    "https://example.com\nEVIL=1",
  ])("refuses %j with a sentence", (input) => {
    expect(parseBaseUrl(input)).toEqual({ ok: false, problem: expect.stringMatching(/.\.$/) as unknown });
  });

  it("gives the callback URL to register", () => {
    expect(callbackUrl("https://example.com/tools")).toBe("https://example.com/tools/auth/callback");
  });

  it("says which port to listen on for http only, since a proxy serves https", () => {
    expect(listeningPort("http://localhost:9000")).toBe(9000);
    expect(listeningPort("http://localhost")).toBe(80);
    expect(listeningPort("https://mcp.example.com")).toBeUndefined();
    expect(listeningPort("https://localhost:8443")).toBeUndefined();
  });
});

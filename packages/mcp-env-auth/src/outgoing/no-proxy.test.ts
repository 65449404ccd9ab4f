import { describe, expect, it } from "vitest";
import { createBypass } from "./no-proxy.ts";

describe("NO_PROXY", () => {
  it.each([
    ["", "https://example.com/", false],
    ["*", "https://example.com/", true],
    ["example.com", "https://example.com/", true],
    ["example.com", "https://login.example.com/", true],
    ["example.com", "https://notexample.com/", false],
    ["example.com", "https://example.com.evil.test/", false],
    [".example.com", "https://login.example.com/", true],
    ["*.example.com", "https://login.example.com/", true],
    ["EXAMPLE.com.", "https://Example.COM/", true],
    ["a.test, example.com", "https://example.com/", true],
    ["a.test example.com", "https://example.com/", true],
    ["example.com:8443", "https://example.com/", false],
    ["example.com:8443", "https://example.com:8443/", true],
    ["example.com:443", "https://example.com/", true],
    ["10.0.0.0/8", "https://10.1.2.3/", true],
    ["10.0.0.0/8", "https://11.1.2.3/", false],
    ["10.0.0.0/99", "https://10.1.2.3/", false],
    ["10.1.2.3", "https://10.1.2.3/", true],
    ["fd00::/8", "https://[fd00::1]/", true],
    ["[fd00::1]", "https://[fd00::1]/", true],
    ["fd00::1", "https://[fd00::2]/", false],
    [", ,", "https://example.com/", false],
    [".", "https://example.com/", false],
    ["", "http://127.0.0.1:3000/", true],
    ["", "http://localhost:3000/", true],
    ["", "http://[::1]:3000/", true],
  ])("%j and %s: directly %s", (noProxy, url, expected) => {
    expect(createBypass(noProxy)(new URL(url))).toBe(expected);
  });
});

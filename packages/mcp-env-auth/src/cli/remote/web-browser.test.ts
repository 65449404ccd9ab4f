import { describe, expect, it } from "vitest";
import { browserCommand, checkWebUrl, openBrowser } from "./web-browser.ts";

describe("the browser", () => {
  it.each([
    ["linux", "xdg-open", []],
    ["darwin", "open", []],
    ["win32", "rundll32", ["url.dll,FileProtocolHandler"]],
  ] as const)("is opened on %s by a program that gets the URL as one argument", (platform, program, before) => {
    const url = new URL("https://login.example.com/?a=1&b=$(touch%20x);`c`|d");
    expect(browserCommand(url, platform)).toEqual({ program, args: [...before, url.href] });
  });

  it.each([
    "file:///etc/passwd",
    "javascript:alert(1)",
    "data:text/html,x",
    "calculator:",
    "http://login.example.com/",
  ])("is not opened at %s", (url) => {
    expect(() => openBrowser(new URL(url), { write: () => {} })).toThrow("is refused");
  });

  it("may be opened at https, and at http on this machine", () => {
    for (const url of ["https://login.example.com/", "http://127.0.0.1:1/", "http://localhost:1/", "http://[::1]:1/"]) {
      expect(() => checkWebUrl(new URL(url))).not.toThrow();
    }
  });
});

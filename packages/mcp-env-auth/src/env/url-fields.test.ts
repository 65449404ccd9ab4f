import { describe, expect, it } from "vitest";
import { InvalidValue } from "./field.ts";
import { httpUrl } from "./url-fields.ts";

const field = httpUrl({ description: "The host", example: "login.example.com", assumeHttps: true, secure: true });

describe("a URL that may be a bare host", () => {
  it.each([
    ["login.example.com", "https://login.example.com/"],
    [" login.example.com:8443/path ", "https://login.example.com:8443/path"],
    ["https://login.example.com", "https://login.example.com/"],
    ["http://localhost:1", "http://localhost:1/"],
  ])("%j is %s", (text, href) => {
    expect(field.parse(text).href).toBe(href);
  });

  it.each(["", "ftp://login.example.com", "http://login.example.com", "user@login.example.com", "a b"])(
    "refuses %j",
    (text) => {
      expect(() => field.parse(text)).toThrow(InvalidValue);
    },
  );
});

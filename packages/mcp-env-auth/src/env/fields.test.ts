import { describe, expect, it } from "vitest";
import { type AnyField, InvalidValue } from "./field.ts";
import { scopes, secretList, stringList, stringOrList } from "./list-fields.ts";
import { choice, flag, integer, path, secret, text } from "./plain-fields.ts";
import { secretRecord, stringRecord } from "./record-field.ts";
import { httpUrl, storageUrl } from "./url-fields.ts";

const details = { description: "It", example: "x" };
const UNSET = Symbol("unset");

/** What a text becomes: a value, UNSET where the default holds, or the sentence that refuses it. */
function read(field: AnyField, input: string): unknown {
  if (field.isUnset(input)) {
    return UNSET;
  }
  try {
    const value: unknown = field.parse(input);
    return value instanceof URL ? value.href : value;
  } catch (error) {
    if (error instanceof InvalidValue) {
      return error;
    }
    throw error;
  }
}

function refused(reason: string | RegExp = "") {
  return expect.objectContaining({ message: expect.stringMatching(reason) });
}

function table(title: string, field: AnyField, rows: readonly (readonly [string, unknown])[]) {
  describe(title, () => {
    it.each(rows)("reads %j as %j", (input, expected) => expect(read(field, input)).toEqual(expected));
  });
}

table("text", text(details), [
  ["a", "a"],
  [" a ", " a "],
  ["", UNSET],
  ["  ", UNSET],
]);

table("a secret", secret(details), [
  [" s3cret ", " s3cret "],
  ["", UNSET],
]);

table("a whole number, as FastMCP reads it", integer({ ...details, min: -5, max: 5000 }), [
  ["15", 15],
  [" 15 ", 15],
  ["+15", 15],
  ["-1", -1],
  ["015", 15],
  ["1_000", 1000],
  ["15.0", 15],
  ["15.5", refused("not a whole")],
  ["", refused("not a whole")],
  ["0x10", refused("not a whole")],
  ["1e3", refused("not a whole")],
  ["１５", refused("not a whole")],
  ["-6", refused("too small")],
  ["5001", refused("too large")],
  ["99999999999999999999", refused()],
]);

table("yes or no, as FastMCP reads it", flag(details), [
  ...["true", "TRUE", "tRue", "1", "yes", "Y", "on", "T"].map((word) => [word, true] as const),
  ...["false", "False", "0", "NO", "n", "off", "F"].map((word) => [word, false] as const),
  ...[" true", "2", "", "enabled"].map((word) => [word, refused()] as const),
]);

table("a choice", choice(["INFO", "http"], details, { aliases: { web: "http" }, refusals: { sse: "Gone." } }), [
  ["info", "INFO"],
  ["HTTP", "http"],
  [" Web ", "http"],
  ["SSE", refused("Gone")],
  ["", refused()],
  ["constructor", refused("none of these")],
]);

table("a path", path(details), [
  ["/mcp", "/mcp"],
  ["auth/callback", "/auth/callback"],
  ["/a/b/", "/a/b/"],
  ["", UNSET],
  ["//evil.example", refused()],
  ["https://x.example/a", refused("whole URL")],
  ["/a?b", refused("query")],
  ["/a#b", refused("fragment")],
  ["/a/../b", refused()],
  ["/a b", refused()],
]);

table("an http URL, as FastMCP's AnyHttpUrl reads it", httpUrl(details), [
  ["https://s.example.com", "https://s.example.com/"],
  [" https://S.Example.com:443/A ", "https://s.example.com/A"],
  ["HTTP://X", "http://x/"],
  ["http://[::1]:8000", "http://[::1]:8000/"],
  ["https://bücher.de", "https://xn--bcher-kva.de/"],
  ["https://x/a?b=c", "https://x/a?b=c"],
  ["s.example.com", refused("no https://")],
  ["localhost:8000", refused("no https://")],
  ["ftp://x", refused("neither")],
  ["javascript:alert(1)", refused("neither")],
  ["https://", refused("host")],
  ["https://x:99999", refused("port")],
  ["https://exa mple", refused("space")],
  ["https://user:pass@x.example", refused("password")],
  ["https://x.example/#a", refused("fragment")],
  ["", refused("empty")],
]);

table("a URL that must be safe, and that paths are put after", httpUrl({ ...details, secure: true, base: true }), [
  ["https://mcp.example.com/base/", "https://mcp.example.com/base/"],
  ["http://localhost:8000", "http://localhost:8000/"],
  ["http://app.localhost", refused("not this machine")],
  ["http://127.0.0.1:1", "http://127.0.0.1:1/"],
  ["http://127.1", "http://127.0.0.1/"],
  ["http://[::1]", "http://[::1]/"],
  ["http://mcp.example.com", refused("use https")],
  ["http://192.168.1.1", refused("use https")],
  ["http://127.0.0.1.example.com", refused("use https")],
  ["http://localhost.example.com", refused("use https")],
  ["https://x.example/?a", refused("query")],
  ["https://x.example?", refused("query")],
]);

table("a storage URL", storageUrl(details), [
  ["memory://", "memory://"],
  ["redis://h:6379/0", "redis://h:6379/0"],
  ["rediss://:p%40ss@h", "rediss://:p%40ss@h"],
  ["postgres://h", refused("scheme")],
  ["redis://", refused()],
  ["h:6379", refused("scheme")],
  ["/var/redis.sock", refused("not a URL")],
  ["", refused("empty")],
]);

table("scopes, as FastMCP reads them", scopes(details), [
  ["openid profile", ["openid", "profile"]],
  ["openid,profile, email\tx", ["openid", "profile", "email", "x"]],
  ['["openid", " profile ", ""]', ["openid", "profile"]],
  ['"openid"', ["openid"]],
  ['"openid profile"', ["openid", "profile"]],
  ["[bad", ["[bad"]],
  ["[1]", ["1"]],
  [
    "api://x/read https://www.googleapis.com/auth/userinfo.email",
    ["api://x/read", "https://www.googleapis.com/auth/userinfo.email"],
  ],
  ["", UNSET],
  [" , ", UNSET],
  ["[]", UNSET],
  ['""', UNSET],
  ["null", UNSET],
  ["123", refused("number")],
  ["true", refused("true")],
  ['{"a":1}', refused("object")],
  ["[[]]", refused("not a string")],
  ['["a b"]', refused("Scope 1")],
  ['a "b', refused("Scope 2")],
]);

table("a list of strings", stringList(details), [
  ['["http://localhost:*", "x"]', ["http://localhost:*", "x"]],
  ["a, b c", ["a", "b", "c"]],
  ['"a"', ["a"]],
  ["[]", []],
  ["null", UNSET],
  ["", refused("\\[\\]")],
  ["{}", refused("object")],
  ["[true]", refused("not a string")],
]);

table("one string or several", stringOrList(details), [
  ["https://issuer.example/", "https://issuer.example/"],
  ['["a", "b"]', ["a", "b"]],
  ['"a"', "a"],
  ["null", UNSET],
  ["a,b", "a,b"],
  ["12345", refused("number")],
  ["true", refused()],
  ['{"a":1}', refused()],
  ["[]", refused("empty")],
  ["", refused("empty")],
  ["  ", refused("empty")],
  ['" "', refused("empty")],
  [" null ", UNSET],
]);

table("names with values", stringRecord({ ...details, reserved: ["state"] }), [
  ['{"prompt":"login","max_age":3600}', { prompt: "login", max_age: "3600" }],
  ["prompt=login&hint=a%20b+c", { prompt: "login", hint: "a b c" }],
  ["{}", {}],
  ["", UNSET],
  ["null", UNSET],
  ["prompt", refused("name=value")],
  ["{prompt:1}", refused("double quotes")],
  ["a=1&a=2", refused("twice")],
  ['{"a":{}}', refused("neither")],
  ['{"a":null}', refused("neither")],
  ["state=x", refused("state is set by the server")],
  ['{"__proto__":"x"}', Object.fromEntries([["__proto__", "x"]])],
]);

describe("a value from code", () => {
  it("may be a string in the spelling of the environment, or the thing itself", () => {
    expect(httpUrl(details).accept("https://x.example").href).toBe("https://x.example/");
    expect(httpUrl(details).accept(new URL("https://x.example/a")).href).toBe("https://x.example/a");
    expect(scopes(details).accept("a b")).toEqual(["a", "b"]);
    expect(scopes(details).accept([" a ", "b", ""])).toEqual(["a", "b"]);
    expect(stringList(details).accept([])).toEqual([]);
    expect(stringOrList(details).accept(["a"])).toEqual(["a"]);
    expect(stringRecord(details).accept({ a: "1" })).toEqual({ a: "1" });
    expect(integer(details).accept(3)).toBe(3);
    expect(flag(details).accept(false)).toBe(false);
    expect(choice(["a", "b"], details).accept("b")).toBe("b");
  });

  it("obeys the same rules", () => {
    const local = httpUrl({ ...details, secure: true });
    expect(() => local.accept(new URL("http://x.example"))).toThrow(InvalidValue);
    expect(() => scopes(details).accept(["a b"])).toThrow(InvalidValue);
    expect(() => integer({ ...details, max: 1 }).accept(2)).toThrow(InvalidValue);
    expect(() => integer(details).accept(1.5)).toThrow(InvalidValue);
    expect(() => stringOrList(details).accept([])).toThrow(InvalidValue);
    expect(() => stringRecord({ ...details, reserved: ["nonce"] }).accept({ nonce: "x" })).toThrow(InvalidValue);
  });

  it.each<[string, AnyField]>([
    ["a URL", httpUrl(details)],
    ["text", text(details)],
    ["a list", scopes(details)],
    ["a record", stringRecord(details)],
    ["a choice", choice(["a"], details)],
    ["yes or no", flag(details)],
  ])("of the wrong type is refused for %s", (_title, field) => {
    for (const wrong of [1, null, Symbol("x")]) {
      expect(() => field.accept(wrong)).toThrow(InvalidValue);
    }
  });
});

describe("what is secret in a value", () => {
  it.each<[AnyField, unknown, readonly string[]]>([
    [secret(details), "s3cret", ["s3cret"]],
    [secretList(details), ["one", "two"], ["one", "two"]],
    [secretRecord(details), { a: "one" }, ["one"]],
    [storageUrl(details), "redis://u:p%40ss@h", ["redis://u:p%40ss@h", "p%40ss", "p@ss"]],
    [storageUrl(details), "redis://:%zz@h", ["redis://:%zz@h", "%zz", "%zz"]],
    [storageUrl(details), "memory://", []],
  ])("is known to its field (%#)", (field, value, expected) => {
    expect(field.secret).toBe(true);
    expect(field.secretsIn(value)).toEqual(expected);
  });

  it("is nothing of an ordinary field", () => {
    expect(text(details).secret).toBe(false);
    expect(text(details).secretsIn("x")).toEqual([]);
  });
});

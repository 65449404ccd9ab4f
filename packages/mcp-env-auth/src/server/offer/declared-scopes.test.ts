import { describe, expect, it } from "vitest";
import { createServer } from "../../server.ts";
import { readDeclaredScopes } from "./declared-scopes.ts";

const env = {
  FASTMCP_ENV_FILE: "",
  FASTMCP_SERVER_AUTH: "JWT",
  FASTMCP_SERVER_AUTH_JWT_PUBLIC_KEY: "a shared secret of more than thirty-two bytes",
  FASTMCP_SERVER_AUTH_JWT_ALGORITHM: "HS256",
  FASTMCP_SERVER_AUTH_JWT_ISSUER: "https://issuer.example",
  FASTMCP_SERVER_AUTH_JWT_AUDIENCE: "https://api.example",
  FASTMCP_SERVER_AUTH_JWT_BASE_URL: "http://127.0.0.1:8000",
};
const info = { name: "t", version: "1", env };

describe("declared scopes", () => {
  it("are a list, or an object of scopes and what they allow", () => {
    expect(readDeclaredScopes(["a", "b"])).toEqual({ names: ["a", "b"], descriptions: new Map() });
    expect(readDeclaredScopes({ "weather:read": "Read the weather" })).toEqual({
      names: ["weather:read"],
      descriptions: new Map([["weather:read", "Read the weather"]]),
    });
    expect(readDeclaredScopes(undefined).names).toBeUndefined();
    expect(readDeclaredScopes([]).names).toEqual([]);
  });

  it.each([
    [["two words"], /"two words" is not a scope/],
    [["a", undefined], /is not a scope/],
    ["weather:read", /must be a list of scopes/],
    [{ "a b": "x" }, /"a b" is not a scope/],
    [{ a: "" }, /the description of a must be one line/],
    [{ a: "two\nlines" }, /one line/],
    [{ a: "x".repeat(201) }, /200 characters/],
    [{ a: 1 }, /one line/],
  ])("are refused where they are none: %j", (scopes, message) => {
    expect(() => createServer({ ...info, scopes: scopes as never })).toThrow(message);
  });

  it("make a misspelled scope an error of the compiler, and of the start in JavaScript", async () => {
    const server = createServer({
      ...info,
      scopes: { "weather:read": "Read the weather", "weather:write": "Change it" },
    });
    server.registerTool("read", { requiredScopes: ["weather:read"] }, () => "sunny");
    // @ts-expect-error the compiler knows the names
    server.registerTool("write", { requiredScopes: ["weather:wriet"] }, () => "done");
    // @ts-expect-error the compiler knows the names
    server.registerTool("any", { anyScope: ["weather:raed"] }, () => "done");
    await expect(server.app()).rejects.toThrow(
      /write has "weather:wriet" in requiredScopes.*Did you mean weather:write\?/s,
    );
    await expect(server.app()).rejects.toThrow(/any has "weather:raed" in anyScope.*Did you mean weather:read\?/s);
  });

  it("count in resources, prompts and the hierarchy", async () => {
    const server = createServer({
      ...info,
      scopes: ["a", "b"],
      // @ts-expect-error the compiler knows the names
      scopeHierarchy: { a: ["c"] },
    });
    // @ts-expect-error the compiler knows the names
    server.registerResource("r", "test://r", { requiredScopes: ["d"] }, () => "r");
    // @ts-expect-error the compiler knows the names
    server.registerPrompt("p", { requiredScopes: ["e"] }, () => "p");
    const refused = server.app();
    await expect(refused).rejects.toThrow(/scopeHierarchy has "c"/);
    await expect(refused).rejects.toThrow(/has "d" in requiredScopes/);
    await expect(refused).rejects.toThrow(/has "e" in requiredScopes/);
  });

  it("may be left out: then registrations name any scope", async () => {
    const server = createServer(info);
    server.registerTool("read", { requiredScopes: ["anything:at-all"] }, () => "sunny");
    await expect(server.app()).resolves.toBeDefined();
    await server.close();
  });
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ConfigError } from "../errors.ts";
import { Auth0Provider } from "../providers/auth0.ts";
import { JWTVerifier } from "../providers/jwt.ts";
import { providerCatalog } from "./provider-catalog.ts";
import { resolveProvider, unavailableProviders } from "./resolve-provider.ts";

let cwd: string;
const resolve = (value: string) => resolveProvider(value, { providers: providerCatalog, cwd });

async function problemOf(value: string): Promise<string> {
  const error = await resolve(value).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ConfigError)) {
    throw new Error(`${value} was not refused with a ConfigError`, { cause: error });
  }
  expect(error.problems.map(({ variable }) => variable)).toEqual(["FASTMCP_SERVER_AUTH"]);
  return error.problems[0]?.message ?? "";
}

const MODULE = `
export class Minimal { get baseUrl() { return undefined; } authenticate() { return {}; } }
export const instance = new Minimal();
export class NeedsMore { constructor(options) { this.authenticate = options.x; } }
export class Throws { constructor() { throw new TypeError("no room"); } }
export class NotOne {}
export const arrow = () => instance;
export const text = "provider";
export class Declared { static declaration = { prefix: "FASTMCP_SERVER_AUTH_MINE_" }; static fromEnvironment() {} }
export default Minimal;
`;

beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), "modules-"));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(cwd, path)), { recursive: true });
    writeFileSync(join(cwd, path), text);
  };
  const pack = (name: string, manifest: object) =>
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: "1.0.0", type: "module", ...manifest }));
  write("auth.mjs", MODULE);
  write("empty.mjs", "");
  write("broken.mjs", "throw new RangeError('out of range at access_token=abc123');");
  write("syntax.mjs", "export const = 1;");
  write("deep/auth.mjs", MODULE);
  pack("@acme/auth", {
    exports: { ".": { types: "./x.d.ts", import: { default: "./main.js" } }, "./sub": "./sub.js" },
  });
  write("node_modules/@acme/auth/main.js", MODULE);
  write("node_modules/@acme/auth/sub.js", "export class Sub { authenticate() {} }");
  pack("only-import", { exports: { types: "./x.d.ts", import: "./main.js" } });
  write("node_modules/only-import/main.js", MODULE);
  pack("old-style", { type: "commonjs", main: "./main.js" });
  write("node_modules/old-style/main.js", "exports.Old = class Old { authenticate() {} };");
});
afterAll(() => rmSync(cwd, { recursive: true }));

describe("FASTMCP_SERVER_AUTH names a provider of this package", () => {
  it.each([
    ["fastmcp.server.auth.providers.auth0.Auth0Provider", Auth0Provider],
    ["fastmcp.server.auth.providers.auth0:Auth0Provider", Auth0Provider],
    ["  fastmcp.server.auth.providers.auth0.Auth0Provider", Auth0Provider],
    ["AUTH0", Auth0Provider],
    ["auth0", Auth0Provider],
    ["fastmcp.server.auth.providers.jwt.JWTVerifier", JWTVerifier],
    ["Jwt", JWTVerifier],
    ["fastmcp.server.auth.providers.bearer.BearerAuthProvider", JWTVerifier],
  ])("by %j", async (value, declared) => {
    expect(await resolve(value)).toEqual({ declared });
  });

  it("or none, spelled like that: what may come of Python's None must not open a server", async () => {
    expect(await resolve(" none ")).toBe("none");
    await expect(resolve("None")).rejects.toThrow("Did you mean none?");
  });
});

describe("Security rule 15: fail closed: FASTMCP_SERVER_AUTH stops the start", () => {
  it("when it is empty", async () => {
    for (const value of ["", "   "]) {
      expect(await problemOf(value)).toMatch(/^is empty\. Set it to .*Auth0Provider, or to none/);
    }
  });

  it.each([
    ["fastmcp.server.auth.providers.auth0.Auth0Provder", "fastmcp.server.auth.providers.auth0.Auth0Provider"],
    ["fastmcp.server.auth.providers.Auth0.Auth0Provider", "fastmcp.server.auth.providers.auth0.Auth0Provider"],
    ["fastmcp.server.auth.providers.github.GithubProvider", "fastmcp.server.auth.providers.github.GitHubProvider"],
    ["AUTHO", "AUTH0"],
    ["non", "none"],
  ])("when it is misspelt (%s), and names %s", async (value, nearest) => {
    expect(await problemOf(value)).toContain(`Did you mean ${nearest}?`);
  });

  it("when it is unknown, and lists what is available", async () => {
    const message = await problemOf("mycompany.auth.CustomAuthProvider");
    expect(message).toContain("fastmcp.server.auth.providers.jwt.JWTVerifier");
    expect(message).toContain("./auth.js#MyProvider");
    expect(message).not.toContain("Did you mean");
  });

  it.each(unavailableProviders.map(({ classPath }) => classPath))(
    "when it is %s, which is not offered",
    async (path) => {
      const message = await problemOf(path);
      expect(message).toMatch(/^names /);
      expect(message).not.toContain("no provider that is known");
    },
  );

  it("when it is the short name of a provider that is not offered", async () => {
    expect(await problemOf("InMemoryOAuth")).toContain("logs everyone in");
  });
});

describe("FASTMCP_SERVER_AUTH names a module of the user's own", () => {
  it.each([
    "./auth.mjs#Minimal",
    "./auth.mjs#default",
    "./deep/../auth.mjs#Minimal",
    "./deep/auth.mjs#instance",
    "@acme/auth#Minimal",
    "@acme/auth/sub#Sub",
    "only-import#Minimal",
    "old-style#Old",
  ])("%s gives a provider", async (value) => {
    expect(await resolve(value)).toEqual({
      ready: expect.objectContaining({ authenticate: expect.any(Function) }),
    });
  });

  it("by an absolute path or a file URL, too", async () => {
    for (const path of [join(cwd, "auth.mjs"), pathToFileURL(join(cwd, "auth.mjs")).href]) {
      expect(await resolve(`${path}#Minimal`)).toHaveProperty("ready");
    }
  });

  it("and the export may be a class made by defineProvider, of any copy of this package", async () => {
    expect(await resolve("./auth.mjs#Declared")).toEqual({ declared: expect.any(Function) });
  });

  it.each([
    ["./auth.mjs", "without an export. Add # and the name of its provider, as in ./auth.mjs#MyProvider"],
    ["./auth.mjs#", "as in ./auth.mjs#MyProvider"],
    ["auth.js", "as in auth.js#MyProvider"],
    ["@acme/auth", "as in @acme/auth#MyProvider"],
    ["./nope.mjs#X", "nope.mjs, which does not exist"],
    ["@acme/nope#X", "Install it there"],
    ["@acme/auth/hidden#X", "can't be found"],
    ["./auth.mjs#Nope", "It exports Declared, Minimal, NeedsMore, NotOne, Throws, arrow, default, instance, text."],
    ["./auth.mjs#toString", "no such export"],
    ["./empty.mjs#X", "It exports nothing."],
    ["./broken.mjs#X", "fails to load. RangeError: out of range"],
    ["./syntax.mjs#X", "fails to load. "],
    ["./auth.mjs#NeedsMore", "is no provider"],
    ["./auth.mjs#NotOne", "is no provider"],
    ["./auth.mjs#arrow", "is no provider"],
    ["./auth.mjs#text", "is no provider"],
    ["./auth.mjs#Throws", "can't be constructed. TypeError: no room"],
  ])("%s is refused: %s", async (value, reason) => {
    expect(await problemOf(value)).toContain(reason);
  });
});

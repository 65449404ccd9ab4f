import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sdkTouches } from "./testing/sdk-touches.ts";

const FOLDER = import.meta.dirname;
const SRC = join(FOLDER, "..");

const isSource = (file: string) => file.endsWith(".ts") && !/\.test\.ts$|testing\//.test(file);
const found = readdirSync(FOLDER)
  .filter(isSource)
  .flatMap((file) => sdkTouches(readFileSync(join(FOLDER, file), "utf8")).map((touch) => `${file}: ${touch}`));

const rows = readFileSync(join(FOLDER, "README.md"), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .map((line) => {
    const cells = line.split(/(?<!\\)\|/).slice(1, -1);
    const [file = "", touch = "", , , test] = cells.map((cell) => cell.trim().replaceAll("\\|", "|"));
    return { listed: `${file.slice(1, -1)}: ${touch.slice(1, -1)}`, test };
  });
const titles = [
  ...readFileSync(join(FOLDER, "contract.test.ts"), "utf8").matchAll(/\bit(?:\.each\([^)]*\))?\(\s*"([^"]+)"/g),
].map(([, title]) => title);

describe("the list of what this folder relies on", () => {
  it("has every import, cast, override and replaced member of the sources, and no other", () => {
    expect(rows.map(({ listed }) => listed).sort()).toEqual(found.sort());
  });

  it("names a test of the contract for each that is the SDK's, and each test of it", () => {
    const named = new Set(rows.map(({ test }) => test).filter((test) => test !== undefined));
    const own = "is one of the versions that this contract is said to hold for";
    expect([...named, own].sort()).toEqual([...titles].sort());
  });
});

describe("what is looked for", () => {
  it.each([
    ["const a = server as unknown as { _x: 1 };", ["as unknown as { _x: 1 }"]],
    ["call(a as Foo, b as Bar<Baz>[])", ["as Bar<Baz>[]", "as Foo"]],
    ["const a = (b as (x: string) => void)(1)", ["as (x: string) => void"]],
    ["return (await x) as Foo;", ["as Foo"]],
    ["const a = <Foo>b;", ["<Foo>"]],
    ["server._transport = mine;", ["server._transport ="]],
    ["if (a) server.server.x ??= 1;", ["server.server.x ??="]],
    ["delete server.x;", ["delete server.x"]],
    ["Object.assign(server, { x })", ["Object.assign(server"]],
    ["Server.prototype.connect = mine;", ["Server.prototype.connect", "Server.prototype.connect ="]],
    ["class A extends Server {\n  override close() {}\n}", ["extends Server", "override close"]],
    ["// @ts-expect-error\nserver.x();", ["@ts-expect-error"]],
    ["server.x!.y()", ["x!"]],
    ['import { type A, b, c as d } from "@modelcontextprotocol/server";', ["import b", "import c as d"]],
    ['await import("@modelcontextprotocol/server/stdio")', ['import("@modelcontextprotocol/server/stdio")']],
  ])("is found: %s", (source, touches) => {
    expect(sdkTouches(source)).toEqual(touches);
  });

  it.each([
    "/** as it was */",
    "// taken as Foo",
    "const a = { b: 1 } as const;",
    'const a = "taken as Foo";',
    "this.#own = 1;",
    "if (a.b === c.d) e();",
    "const f = <T>(x: T) => x;",
    'import type { A } from "@modelcontextprotocol/server";',
  ])("is not found where there is nothing: %s", (source) => {
    expect(sdkTouches(source)).toEqual([]);
  });
});

describe("internals of the SDK", () => {
  it("are used in this folder alone", () => {
    const others = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter(
      (file) => isSource(file) && !file.startsWith("sdk/"),
    );
    const internals =
      /\bextends (?:McpServer|Server)\b|\b(?:buildContext|PerRequestHTTPServerTransport)\b|\.(?:setRequestHandler|notification|connect|send) =(?!=)|\b(?:McpServer|Server)\.prototype/;
    expect(others.filter((file) => internals.test(readFileSync(join(SRC, file), "utf8")))).toEqual([]);
    const importing = others.map((file) => [file, readFileSync(join(SRC, file), "utf8")] as const);
    const casting = importing.filter(
      ([, text]) => text.includes("@modelcontextprotocol/") && /as unknown as|@ts-(?:ignore|expect)/.test(text),
    );
    expect(casting.map(([file]) => file)).toEqual([]);
  });
});

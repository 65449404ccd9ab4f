import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const SRC = dirname(fileURLToPath(import.meta.url));

/** Which layers a layer may import, beside itself and the leaves at the root of src. */
const ALLOWED: Record<string, readonly string[]> = {
  cli: ["dpop", "providers", "authorization", "proxy", "resource-server", "upstream", "store", "env", "outgoing"],
  server: ["dpop", "http", "providers", "authorization", "resource-server", "store", "env", "telemetry", "outgoing"],
  http: ["dpop", "sealing", "providers", "authorization", "resource-server"],
  providers: ["dpop", "authorization", "proxy", "resource-server", "upstream", "sealing", "store", "env"],
  proxy: ["dpop", "upstream", "sealing", "store"],
  "resource-server": ["dpop"],
  authorization: ["env"],
  dpop: ["upstream", "sealing", "store"],
  upstream: [],
  sealing: [],
  store: ["sealing"],
  env: [],
  telemetry: [],
  outgoing: [],
};
const LEAVES = new Set([
  "access-token.ts",
  "clock.ts",
  "deep-freeze.ts",
  "endpoint.ts",
  "errors.ts",
  "exchange-token.ts",
  "logger.ts",
  "loopback.ts",
  "outgoing.ts",
  "parse-url.ts",
  "provider-advice.ts",
  "tenant-key.ts",
  "telemetry.ts",
]);
const ENTRIES = new Set(["index.ts", "server.ts"]);
const MAY_USE_SDK = new Set(["server", "http", "resource-server"]);

const sources = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !file.includes("testing/"))
  .map((file) => ({ file, layer: layerOf(file), imports: importsOf(file) }));

function layerOf(file: string): string {
  if (ENTRIES.has(file)) return "server";
  return file.includes("/") ? (file.split("/")[0] ?? "") : "leaf";
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(SRC, file), "utf8");
  return [...text.matchAll(/(?:from|import\()\s*"([^"]+)"/g)].map(([, specifier = ""]) =>
    specifier.startsWith(".") ? relative(SRC, join(SRC, dirname(file), specifier)) : specifier,
  );
}

function withoutComments(text: string): string {
  return text.replace(/\/\*.*?\*\/|^\s*\/\/.*$/gms, "");
}

const own = ({ imports }: (typeof sources)[number]) => imports.filter((path) => path.endsWith(".ts"));

describe("the architecture", () => {
  it("knows every layer", () => {
    expect([...new Set(sources.map(({ layer }) => layer))].sort()).toEqual([...Object.keys(ALLOWED), "leaf"].sort());
  });

  it("has imports that point one way", () => {
    const wrong = sources.flatMap((source) =>
      own(source)
        .filter((path) => !LEAVES.has(path) && layerOf(path) !== source.layer)
        .filter((path) => source.layer === "leaf" || !ALLOWED[source.layer]?.includes(layerOf(path)))
        .map((path) => `${source.file} -> ${path}`),
    );
    expect(wrong).toEqual([]);
  });

  it("lets the HTTP layer and authorization know no provider but through their interface", () => {
    const wrong = sources
      .filter(({ layer }) => layer === "http" || layer === "authorization")
      .flatMap((source) => own(source).map((path) => ({ file: source.file, path })))
      .filter(({ path }) => path.startsWith("providers/") && path !== "providers/auth-provider.ts");
    expect(wrong).toEqual([]);
  });

  it("touches the MCP SDK only where requests are served", () => {
    const wrong = sources.filter(
      ({ layer, imports }) =>
        !MAY_USE_SDK.has(layer) && imports.some((path) => path.startsWith("@modelcontextprotocol/")),
    );
    expect(wrong.map(({ file }) => file)).toEqual([]);
  });

  it("names no identity provider in what any of them may cause to be said", () => {
    const shared = ["upstream", "proxy", "resource-server", "http"];
    const wrong = sources
      .filter(({ file, layer }) => shared.includes(layer) || /^(?:providers\/kinds|cli\/doctor)\//.test(file))
      .filter(({ file }) => /\b(?:Auth0|Entra)\b/.test(withoutComments(readFileSync(join(SRC, file), "utf8"))));
    expect(wrong.map(({ file }) => file)).toEqual([]);
  });

  it("sends requests of its own in one place, so that proxies and authorities count for all of them", () => {
    const senders = sources.filter(({ file }) =>
      /(?<![\w.])fetch\(|import \{[^}]*\brequest\b[^}]*\} from "node:https?"/.test(
        withoutComments(readFileSync(join(SRC, file), "utf8")),
      ),
    );
    expect(senders.map(({ file }) => file).sort()).toEqual([
      "outgoing.ts",
      "outgoing/transport.ts",
      // Documents of clients: directly only.
      "proxy/client-documents/guarded-fetch.ts",
    ]);
  });

  it("keeps its files short", () => {
    const long = sources.filter(({ file }) => readFileSync(join(SRC, file), "utf8").split("\n").length > 400);
    expect(long.map(({ file }) => file)).toEqual([]);
  });
});

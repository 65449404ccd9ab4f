import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { listSources, WIDTH, wrapComments } from "../../../scripts/support/wrap-comments.mjs";

const SRC = dirname(fileURLToPath(import.meta.url));

/** Which layers a layer may import, in addition to itself, `lib` and the leaves at the root of src. */
const ALLOWED: Record<string, readonly string[]> = {
  cli: [
    "configuration",
    "dpop",
    "providers",
    "authorization",
    "proxy",
    "resource-server",
    "upstream",
    "store",
    "env",
    "outgoing",
    "server",
  ],
  server: [
    ...["configuration", "providers", "authorization", "http", "sdk", "resource-server", "upstream", "dpop", "store"],
    ...["sessions", "env", "telemetry", "outgoing", "pages", "gateway"],
  ],
  configuration: ["providers", "authorization", "env", "telemetry"],
  sdk: ["http", "sessions"],
  gateway: ["http", "sessions", "sealing", "authorization"],
  http: ["authorization", "resource-server", "dpop", "sessions"],
  sessions: ["sealing", "store"],
  providers: ["proxy", "upstream", "dpop", "sealing", "store", "env", "pages"],
  proxy: ["upstream", "dpop", "sealing", "store", "pages"],
  "resource-server": ["dpop"],
  authorization: ["env"],
  dpop: ["upstream", "store"],
  upstream: [],
  sealing: [],
  store: [],
  pages: [],
  env: [],
  telemetry: [],
  outgoing: [],
  lib: [],
};

/** Which rooms of the proxy a room may import, in addition to itself and the files at the proxy's root. */
const PROXY_ROOMS: Record<string, readonly string[]> = {
  endpoints: ["clients", "grants", "login", "pages", "protocol", "tokens", "verification"],
  grants: ["clients", "protocol", "tokens", "verification"],
  login: ["clients", "pages", "protocol", "tokens"],
  verification: ["protocol", "tokens"],
  clients: ["protocol", "tokens"],
  tokens: [],
  pages: ["clients", "protocol"],
  protocol: [],
};

const LEAVES = new Set([
  "access-token.ts",
  "builtin-require.ts",
  "client-dialects.ts",
  "counted-lines.ts",
  "endpoint.ts",
  "errors.ts",
  "exchange-token.ts",
  "user-info.ts",
  "line-target.ts",
  "logger.ts",
  "logging.ts",
  "outgoing.ts",
  "provider-advice.ts",
  "running-handler.ts",
  "scope.ts",
  "tenant-key.ts",
  "telemetry.ts",
]);
const ENTRIES = new Set(["index.ts", "server.ts", "gateway.ts", "test-server.ts"]);
/**
 * What knows requests and responses as Node.js and Express have them. To all others, endpoints take and return values.
 */
const MAY_USE_HTTP = new Set(["http", "server", "sdk", "gateway", "cli", "telemetry", "telemetry.ts"]);
const HTTP_MODULES = /^(?:express|node:https?|node:http2)$/;
const MAY_USE_SDK = new Set(["server", "sdk", "cli"]);

const sources = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !file.includes("testing/"))
  .map((file) => ({ file, layer: layerOf(file), imports: importsOf(file) }));

function layerOf(file: string): string {
  if (ENTRIES.has(file)) {
    return "server";
  }
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
        .filter((path) => !LEAVES.has(path) && layerOf(path) !== "lib" && layerOf(path) !== source.layer)
        .filter((path) => source.layer === "leaf" || !ALLOWED[source.layer]?.includes(layerOf(path)))
        .map((path) => `${source.file} -> ${path}`),
    );
    expect(wrong).toEqual([]);
  });

  it("allows no arrow that nothing needs", () => {
    const used = new Set(sources.flatMap((source) => own(source).map((path) => `${source.layer} -> ${layerOf(path)}`)));
    const allowed = Object.entries(ALLOWED).flatMap(([from, targets]) => targets.map((to) => `${from} -> ${to}`));
    expect(allowed.filter((arrow) => !used.has(arrow))).toEqual([]);
    const usersOfSdk = sources.filter(({ imports }) =>
      imports.some((path) => path.startsWith("@modelcontextprotocol/")),
    );
    expect(new Set(usersOfSdk.map(({ layer }) => layer))).toEqual(MAY_USE_SDK);
  });

  it("is drawn in ARCHITECTURE.md with every layer above those that it imports", () => {
    const page = readFileSync(join(SRC, "../../../ARCHITECTURE.md"), "utf8");
    const [, diagram = ""] = /## Layers\n\n```\n(.*?)```/s.exec(page) ?? [];
    const rows = Array.from(diagram.matchAll(/^([a-z-]+)/gm), ([, layer = ""]) => layer);
    expect([...rows].sort()).toEqual(Object.keys(ALLOWED).sort());
    const upward = rows.flatMap((layer, row) =>
      (ALLOWED[layer] ?? []).filter((target) => rows.indexOf(target) <= row).map((target) => `${layer} -> ${target}`),
    );
    expect(upward).toEqual([]);
  });

  it("has rooms in the proxy whose imports point one way", () => {
    const roomOf = (path: string) => (path.startsWith("proxy/") ? path.split("/").slice(1, -1)[0] : undefined);
    const rooms = sources.flatMap((source) => {
      const room = roomOf(source.file);
      return room === undefined ? [] : [{ ...source, room }];
    });
    expect([...new Set(rooms.map(({ room }) => room))].sort()).toEqual(Object.keys(PROXY_ROOMS).sort());
    const wrong = rooms.flatMap((source) =>
      own(source)
        .filter((path) => ![undefined, source.room].includes(roomOf(path)))
        .filter((path) => !PROXY_ROOMS[source.room]?.includes(roomOf(path) ?? ""))
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

  it("knows Express and Node's requests and responses only in the layers that serve them", () => {
    const users = sources.filter(
      ({ file, layer, imports }) =>
        !MAY_USE_HTTP.has(layer === "leaf" ? file : layer) && imports.some((path) => HTTP_MODULES.test(path)),
    );
    expect(users.map(({ file }) => file)).toEqual([
      // Send requests, and serve none.
      "outgoing/tunnel.ts",
      "proxy/clients/documents/guarded-fetch.ts",
    ]);
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
      // To the gateway's upstream, the operator's own: answers are passed on as they come.
      "gateway/http-upstream.ts",
      "outgoing.ts",
      "outgoing/transport.ts",
      "outgoing/tunnel.ts",
      // Documents of clients: addresses that were checked, or a tunnel to a listed host.
      "proxy/clients/documents/guarded-fetch.ts",
      // Of a test, to the server that it started.
      "test-server.ts",
    ]);
  });

  it("has no base name twice, so that a name finds one file", () => {
    const names = sources.map(({ file }) => basename(file));
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it("declares each constant in one place", () => {
    const places = new Map<string, string[]>();
    for (const { file } of sources) {
      const text = readFileSync(join(SRC, file), "utf8");
      for (const [, name, value] of text.matchAll(/^(?:export )?const ([A-Z][A-Z0-9_]+)(?::[^=]+)? = ([^;]*);/gm)) {
        places.set(`${name} = ${value}`, [...(places.get(`${name} = ${value}`) ?? []), file]);
      }
    }
    expect([...places].filter(([, files]) => files.length > 1)).toEqual([]);
  });

  it("spells out what has a name nowhere else", () => {
    const named: readonly (readonly [spelling: RegExp, home: string])[] = [
      [/"offline_access"/, "scope.ts"],
      [/-32[67]\d\d\b/, "http/json-rpc.ts"],
      [/"FASTMCP_SERVER_AUTH"/, "env/server-settings.ts"],
      [/"FASTMCP_STORAGE_URL"/, "store/guard-store.ts"],
      [/\b(?:86_?400|24 \* 60 \* 60|24 \* 3600)\b/, "lib/clock.ts"],
      [/"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"/, "upstream/token-endpoint-auth.ts"],
    ];
    const wrong = named.flatMap(([spelling, home]) =>
      sources
        .filter(({ file }) => file !== home && spelling.test(withoutComments(readFileSync(join(SRC, file), "utf8"))))
        .map(({ file }) => `${file}: ${spelling.source}, which ${home} names`),
    );
    expect(wrong).toEqual([]);
  });

  it("has at most 25 files of 20 lines or fewer, and each says why it is one", () => {
    const packages = join(SRC, "../..");
    const small = readdirSync(packages).flatMap((name) =>
      readdirSync(join(packages, name, "src"), { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
        .map((file) => ({
          file: join(name, "src", file),
          text: readFileSync(join(packages, name, "src", file), "utf8"),
        }))
        .filter(({ text }) => text.split("\n").length - 1 <= 20),
    );
    expect(small.filter(({ text }) => !/^\/\/ A file of its own: /m.test(text)).map(({ file }) => file)).toEqual([]);
    expect(small.length).toBeLessThanOrEqual(25);
  });

  it("wraps comments at one width, in all of the repository", () => {
    const root = join(SRC, "../../..");
    const files = listSources(root);
    const otherwise = files.filter((file) => {
      const source = readFileSync(join(root, file), "utf8");
      return wrapComments(source) !== source;
    });
    expect(otherwise, "Run node scripts/wrap-comments.mjs").toEqual([]);
    expect(files.length).toBeGreaterThan(1000);
    const { formatter } = JSON.parse(readFileSync(join(root, "biome.json"), "utf8"));
    expect(formatter.lineWidth).toBe(WIDTH);
  });

  it("keeps its files short", () => {
    const long = sources.filter(({ file }) => readFileSync(join(SRC, file), "utf8").split("\n").length > 400);
    expect(long.map(({ file }) => file)).toEqual([]);
  });
});

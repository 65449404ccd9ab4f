import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createListener } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { silentLogger } from "../../logger.ts";
import { setOutgoing } from "../../outgoing.ts";
import { createServer } from "../../server.ts";
import { AUTH0, diagnoseEnvironment, quickEnv } from "../testing/diagnosis.ts";

const SRC = join(import.meta.dirname, "../..");
const OAUTH = "FASTMCP_SERVER_AUTH_OAUTH_";

let auth0: DevAuth0;
let folder: string;
let port: string;
beforeAll(async () => {
  auth0 = await startDevAuth0();
  folder = mkdtempSync(join(tmpdir(), "start-warnings-"));
  port = await freePort();
});
afterEach(() => setOutgoing(undefined));
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await auth0.close();
});

async function freePort(): Promise<string> {
  const listener = createListener();
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const address = listener.address();
  await new Promise((resolve) => listener.close(resolve));
  return String(typeof address === "object" ? address?.port : "");
}

type Variables = Readonly<Record<string, string>>;

/** What a server with these variables warns about until it serves. */
async function warningsOfStart(env: Variables): Promise<readonly string[]> {
  const warnings: string[] = [];
  const warn = (_fields: object, message: string) => void warnings.push(message);
  const server = createServer({
    name: "test",
    version: "1",
    env: { FASTMCP_ENV_FILE: "", ...env },
    logger: { ...silentLogger, warn, error: warn },
  });
  await server.run();
  await server.close();
  return warnings;
}

const proxied = (path = ""): Variables => quickEnv(auth0, `http://localhost:${port}${path}`);

const oauth = (): Variables => ({
  FASTMCP_SERVER_AUTH: "OAUTH",
  [`${OAUTH}AUTHORIZATION_ENDPOINT`]: `${auth0.issuer}authorize`,
  [`${OAUTH}TOKEN_ENDPOINT`]: `${auth0.issuer}oauth/token`,
  [`${OAUTH}USERINFO_ENDPOINT`]: `${auth0.issuer}userinfo`,
  [`${OAUTH}CLIENT_ID`]: "client",
  [`${OAUTH}CLIENT_SECRET`]: "secret-of-the-client",
  [`${OAUTH}BASE_URL`]: `http://localhost:${port}`,
  FASTMCP_PORT: port,
});

const verifying = (): Variables => ({
  FASTMCP_SERVER_AUTH: "JWT",
  FASTMCP_SERVER_AUTH_JWT_JWKS_URI: `${auth0.issuer}.well-known/jwks.json`,
  FASTMCP_SERVER_AUTH_JWT_AUDIENCE: "https://mcp.example.com",
  FASTMCP_PORT: port,
});

function envFile(text: string): Variables {
  const path = join(folder, "settings.env");
  const variables = Object.entries(proxied()).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(path, `${variables.join("")}${text}`);
  return { FASTMCP_ENV_FILE: path };
}

function certificates(text: string): string {
  const path = join(folder, "ca.pem");
  writeFileSync(path, text);
  return path;
}

/** For each file that warns at a start: environments that make it, and what the warning says. */
const CASES: Readonly<Record<string, readonly (readonly [what: string, () => Variables, words: string])[]>> = {
  // What is read: all of it arrives as `configuration.warnings`.
  "env/": [
    ["an invisible character", () => ({ ...proxied(), [`${AUTH0}AUDIENCE`]: "https://a.example\u200b" }), "invisible"],
    ["a quote in a secret", () => ({ ...proxied(), [`${AUTH0}CLIENT_SECRET`]: '"secret-of-the-client"' }), "quote"],
    ["a misspelt name", () => ({ ...proxied(), [`${AUTH0}AUDIENC`]: "x" }), `Did you mean ${AUTH0}AUDIENCE?`],
    ["another provider's variable", () => ({ ...proxied(), FASTMCP_SERVER_AUTH_GITHUB_CLIENT_ID: "x" }), "GITHUB"],
    ["an unset reference", () => envFile(`${AUTH0}AUDIENCE=https://\${HOST_OF_API}/api\n`), "HOST_OF_API is not set"],
    ["an unreadable line", () => envFile('A="open\n'), "could not be read"],
    ["FASTMCP_ENV_FILE in the file", () => envFile("FASTMCP_ENV_FILE=other.env\n"), "has no effect"],
    ["certificates that are missing", () => ({ ...proxied(), NODE_EXTRA_CA_CERTS: "/no/such.pem" }), "ENOENT"],
    [
      "a file without them",
      () => ({ ...proxied(), NODE_EXTRA_CA_CERTS: certificates("none") }),
      "without a certificate",
    ],
  ],
  "server/configure.ts": [
    ["a name without FASTMCP_", () => envFile("LOG_LEVEL=warn\n"), "Set FASTMCP_LOG_LEVEL instead"],
    ["an open server", () => ({ FASTMCP_SERVER_AUTH: "none", FASTMCP_PORT: port }), "THIS SERVER IS OPEN"],
    [
      "a quota of users on an open server",
      () => ({ FASTMCP_SERVER_AUTH: "none", FASTMCP_PORT: port, FASTMCP_QUOTA_PER_USER: "5" }),
      "FASTMCP_QUOTA_PER_USER limits nothing: this server is open",
    ],
    [
      "a quota of clients on an open server",
      () => ({ FASTMCP_SERVER_AUTH: "none", FASTMCP_PORT: port, FASTMCP_QUOTA_PER_CLIENT: "5" }),
      "FASTMCP_QUOTA_PER_CLIENT limits nothing: this server is open",
    ],
  ],
  "server/run.ts": [
    ["another port", () => ({ ...quickEnv(auth0, "http://localhost:2"), FASTMCP_PORT: port }), "BASE_URL has port 2"],
    [
      "a proxy that is not counted",
      () => ({ ...quickEnv(auth0, "https://mcp.example.com"), FASTMCP_PORT: port }),
      "all clients share its address",
    ],
    ["the path twice", () => proxied("/mcp"), "BASE_URL ends in /mcp"],
  ],
  "telemetry/start-telemetry.ts": [
    ["an endpoint that is no URL", () => ({ ...proxied(), OTEL_EXPORTER_OTLP_ENDPOINT: "collector" }), "is no http or"],
  ],
  "providers/kinds/proxy-authentication.ts": [
    ["a short key", () => ({ ...proxied(), [`${AUTH0}JWT_SIGNING_KEY`]: "abcdefgh" }), "is so short"],
    ["no PKCE", () => ({ ...oauth(), [`${OAUTH}FORWARD_PKCE`]: "false" }), "FORWARD_PKCE is false"],
    ["a logout in one process", () => ({ ...proxied(), [`${AUTH0}REVOKE_UPSTREAM`]: "false" }), "a logout counts only"],
  ],
  "providers/fields/plain-http-field.ts": [
    [
      "plain http",
      () => ({ ...oauth(), [`${OAUTH}PLAIN_HTTP_HOSTS`]: "keycloak.identity.svc:8080" }),
      "allows http:// to",
    ],
  ],
  "providers/kinds/token-verifier.ts": [
    ["no audience", () => omit(verifying(), "FASTMCP_SERVER_AUTH_JWT_AUDIENCE"), "for other servers are also accepted"],
  ],
  "providers/jwt.ts": [
    [
      "a short secret",
      () => ({
        ...omit(verifying(), "FASTMCP_SERVER_AUTH_JWT_JWKS_URI"),
        FASTMCP_SERVER_AUTH_JWT_PUBLIC_KEY: "shared-secret",
        FASTMCP_SERVER_AUTH_JWT_ALGORITHM: "HS256",
      }),
      "is so short",
    ],
  ],
  "providers/debug.ts": [
    [
      "every token",
      () => ({
        FASTMCP_SERVER_AUTH: "DEBUG",
        FASTMCP_SERVER_AUTH_DEBUG_BASE_URL: `http://localhost:${port}`,
        FASTMCP_SERVER_AUTH_DEBUG_UNSAFE: "true",
        FASTMCP_PORT: port,
      }),
      "Every token is accepted",
    ],
  ],
  "proxy/clients/documents/document-reach.ts": [
    ["documents behind a proxy", () => ({ ...proxied(), HTTPS_PROXY: "http://127.0.0.1:9" }), "Clients are told to"],
  ],
  "store/redis-connection.ts": [
    [
      "Redis that is down",
      () => ({ ...proxied(), FASTMCP_STORAGE_URL: "redis://127.0.0.1:1" }),
      "Redis does not answer",
    ],
  ],
};

describe("doctor says all that the start warns about", () => {
  it.each(Object.entries(CASES).flatMap(([file, cases]) => cases.map((each) => [file, ...each] as const)))(
    "%s: %s",
    async (_file, _what, variables, words) => {
      const env = variables();
      const warnings = await warningsOfStart(env);
      expect(warnings.some((warning) => warning.includes(words))).toBe(true);
      const { findings } = await diagnoseEnvironment(env, { cwd: folder });
      const wrong = findings.filter(({ status }) => ["warning", "failure"].includes(status));
      const said = wrong.map(({ message, fix = "" }) => `${message} ${fix}`);
      for (const warning of warnings) {
        expect(said, warning).toContainEqual(expect.stringContaining(startOf(warning)));
      }
    },
  );

  it("says nothing twice, and nothing where the start does not", async () => {
    expect(await warningsOfStart(proxied())).toEqual([]);
    const { of } = await diagnoseEnvironment(proxied());
    expect(of("start")).toEqual([]);
    const unlimited = { ...quickEnv(auth0, "https://mcp.example.com"), FASTMCP_PORT: port, FASTMCP_RATE_LIMIT: "0" };
    expect(await warningsOfStart(unlimited)).toEqual([]);
    expect((await diagnoseEnvironment(unlimited)).of("start")).toEqual([]);
    const { findings } = await diagnoseEnvironment({ ...proxied(), HTTPS_PROXY: "http://127.0.0.1:9" });
    expect(findings.filter(({ message }) => message.includes("Clients are told to"))).toHaveLength(1);
  });

  it("names what a tutorial calls a variable that is missing", async () => {
    const env = { ...omit(proxied(), `${AUTH0}CLIENT_ID`), AUTH0_CLIENT_ID: "client-of-the-tutorial" };
    const [found] = (await diagnoseEnvironment(env)).of("variables");
    expect(found?.message).toContain(`${AUTH0}CLIENT_ID is required. AUTH0_CLIENT_ID is set, and this server does not`);
    expect(JSON.stringify(found)).not.toContain("client-of-the-tutorial");
  });

  it("keeps warning of values while something else is wrong", async () => {
    const env = { ...proxied(), [`${AUTH0}CLIENT_SECRET`]: '"secret-of-the-client"', [`${AUTH0}BASE_URL`]: "nothing" };
    const messages = (await diagnoseEnvironment(env)).of("variables").map(({ message }) => message);
    expect(messages).toContainEqual(expect.stringContaining("space or a quote"));
    expect(messages).toContainEqual(expect.stringContaining("BASE_URL"));
  });
});

/**
 * Lines of a process that serves, which no check can see beforehand; for a failure of the provider see
 * `diagnose.test.ts`.
 */
const LATER: readonly RegExp[] = [
  // What becomes of requests to the upstream.
  /^gateway\//,
  /^http\//,
  /^proxy\/(?:endpoints|grants|login|pages|tokens)\//,
  /^sdk\//,
  /^server\/(?:changes|offer)\//,
  /^server\/(?:lifecycle|http-app|stdio-server|stray-errors)\.ts$/,
  /^store\/memory-guard-store\.ts$/,
  /^telemetry\/export-failures\.ts$/,
  // A port that is in use may be the running server's own. Of the missing package, doctor says so by the same text.
  /^telemetry\/start-metrics\.ts$/,
  // Asked by the checks discovery, keys and credentials, which fail with the same sentences.
  /^upstream\/(?:connection|jwks|id-jag)\.ts$/,
  /^providers\/kinds\/(?:credentials-check|forwarded-metadata)\.ts$/,
  // Only options in code can be reserved ones: of variables they are refused.
  /^upstream\/reserved-params\.ts$/,
];

/** How often a file warns: one more is one more case. */
const CALLS: Readonly<Record<string, number>> = {
  // Of `configurationWarnings`, which `doctor` reports.
  "server/configure.ts": 1,
  // Of `addressWarnings`; the other one comes after 10 s.
  "server/run.ts": 2,
  // Of `checkTelemetry`, in two places; the third comes at the end.
  "telemetry/start-telemetry.ts": 3,
  // The fourth comes with the provider's metadata: the check scopes says the same.
  "providers/kinds/proxy-authentication.ts": 4,
  "providers/fields/plain-http-field.ts": 1,
  // The other one is of a token.
  "providers/kinds/token-verifier.ts": 1,
  "providers/jwt.ts": 1,
  "providers/debug.ts": 1,
  // Two are of a fetch.
  "proxy/clients/documents/document-reach.ts": 3,
  // The other one needs a Redis that evicts: `tests/machine/redis-guard-store.test.ts`.
  "store/redis-connection.ts": 2,
};

it("knows every place in the code that warns: a new one is a case above, or comes later", () => {
  const files = readdirSync(SRC, { recursive: true, encoding: "utf8" })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".ts") && !/\.test\.ts$|(?:^|\/)testing\//.test(file));
  const callsIn = (file: string) => readFileSync(join(SRC, file), "utf8").match(/\blogger\.(?:warn|error)\(/g)?.length;
  const warn = files.filter((file) => callsIn(file) !== undefined);
  const unknown = warn.filter((file) => CASES[file] === undefined && !LATER.some((later) => later.test(file)));
  expect(unknown, "Add a case to CASES, or say in LATER why no check can see it beforehand.").toEqual([]);
  expect(Object.fromEntries(Object.keys(CALLS).map((file) => [file, callsIn(file)]))).toEqual(CALLS);
  expect(Object.keys(CALLS)).toEqual(Object.keys(CASES).filter((file) => file.endsWith(".ts")));
});

/** Enough of a warning to know it again: `doctor` sets the advice apart, and left-over variables together. */
function startOf(warning: string): string {
  return / belongs to /.test(warning) ? (warning.split(" ")[0] ?? "") : (warning.split(/(?<=[.!]) /)[0] ?? "");
}

function omit(variables: Variables, name: string): Variables {
  return Object.fromEntries(Object.entries(variables).filter(([each]) => each !== name));
}

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how an env file refers to a variable.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request as httpRequest } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import { Browser, logIn as browserLogIn } from "test-support/browser";
import { freePort } from "test-support/free-port";
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { runCli } from "../support/cli.ts";
import { type InProcessServer, startInProcess, until } from "../support/in-process.ts";
import { WHOAMI } from "../support/oauth-steps.ts";
import { type OperatorMistake, operatorMistakes, WORKS } from "./operators.ts";

const AUTH0 = "FASTMCP_SERVER_AUTH_AUTH0_";
const TLS = new URL("../../packages/mcp-env-auth/src/lib/testing/tls/", import.meta.url);
const SERVER = fileURLToPath(new URL("../../templates/weather/dist/server.js", import.meta.url));
const PAGE = new URL("../../docs/mistakes.md", import.meta.url);

let auth0: DevAuth0;
beforeAll(async () => {
  auth0 = await startDevAuth0();
});
afterEach(() => auth0.restore());
afterAll(() => auth0.close());

type Variables = Readonly<Record<string, string>>;

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** What a user's login ends with. */
async function logIn(server: InProcessServer): Promise<string> {
  try {
    return JSON.stringify(await server.getTokens("alice"));
  } catch (error) {
    return String(error);
  }
}

async function doctor(env: Variables, files: Variables = {}): Promise<string> {
  const { stdout } = await runCli(["doctor", "--json"], { env, files });
  const { findings } = JSON.parse(stdout) as { findings: { status: string; message: string; fix?: string }[] };
  const wrong = findings.filter(({ status }) => status === "failure" || status === "warning");
  return wrong.map(({ message, fix = "" }) => `${message} ${fix}`).join("\n");
}

/** The server of the template as a process: how it ends. */
async function terminalOf(env: Variables, files: Variables = {}): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "mistakes-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text);
  }
  const child = spawn(process.execPath, [SERVER], { cwd: folder, env: { PATH: process.env.PATH, ...env } });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const [code] = await once(child, "close");
  expect(code, output).toBe(1);
  return output.replace(/\s+/g, " ");
}

function expectWords(found: string, words: string | undefined): void {
  if (words !== undefined) {
    expect(found).toContain(words);
  }
}

/** A server with these variables, a login at it, its log, and `doctor` beside it. */
async function expectLogin(
  { client, terminal, doctor: told }: OperatorMistake,
  changes: Variables,
  how: {
    readonly auth0?: DevAuth0;
    readonly clock?: () => number;
    readonly client?: (server: InProcessServer) => Promise<string>;
  } = {},
): Promise<void> {
  const server = await startInProcess({
    auth0: how.auth0 ?? auth0,
    env: changes,
    ...(how.clock !== undefined && { clock: how.clock }),
  });
  expectWords(await (how.client ?? logIn)(server), client);
  const log = () => server.lines.map(({ message }) => message).join("\n");
  if (terminal !== undefined) {
    await until(() => log().includes(terminal));
  }
  if (told !== undefined) {
    expect(await doctor({ ...(how.auth0 ?? auth0).env(server.origin), ...changes })).toContain(told);
  }
}

async function startTls(certificate: string): Promise<string> {
  const read = (name: string) => readFileSync(new URL(`${name}.pem`, TLS));
  const server = createTlsServer({ key: read("key"), cert: read(certificate) }).on("tlsClientError", () => {});
  return `https://localhost:${await listen(server)}/.well-known/openid-configuration`;
}

/** What comes back to the client from the browser. */
async function redirectOf({ origin, register }: InProcessServer): Promise<string> {
  const redirectUri = "http://127.0.0.1:1/callback";
  const query = new URLSearchParams({
    response_type: "code",
    client_id: await register(),
    redirect_uri: redirectUri,
    code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    code_challenge_method: "S256",
  });
  const options = { redirectUri, username: "alice" };
  return (await browserLogIn(new Browser({ fetch }), `${origin}/authorize?${query}`, options)).search;
}

const authorize = async (server: InProcessServer) => {
  const query = new URLSearchParams({ response_type: "code", client_id: await server.register() });
  return (await fetch(`${server.origin}/authorize?${query}`)).text();
};

describe("mistakes of operators", () => {
  it(operatorMistakes.domain.mistake, () =>
    expectLogin(
      operatorMistakes.domain,
      { [`${AUTH0}CONFIG_URL`]: "http://127.0.0.1:2/.well-known/openid-configuration" },
      { client: authorize },
    ),
  );

  it(operatorMistakes.clientId.mistake, () =>
    expectLogin(operatorMistakes.clientId, { [`${AUTH0}CLIENT_ID`]: "nobody" }),
  );

  it(operatorMistakes.clientSecret.mistake, () =>
    expectLogin(operatorMistakes.clientSecret, { [`${AUTH0}CLIENT_SECRET`]: "not-the-secret-of-this-client" }),
  );

  it(operatorMistakes.audience.mistake, () =>
    expectLogin(operatorMistakes.audience, { [`${AUTH0}AUDIENCE`]: "https://nobody.example" }, { client: redirectOf }),
  );

  it(operatorMistakes.quotes.mistake, () =>
    expectLogin(operatorMistakes.quotes, { [`${AUTH0}CLIENT_SECRET`]: `"${auth0.clientSecret}"` }),
  );

  it(operatorMistakes.lineFeed.mistake, () =>
    expectLogin(operatorMistakes.lineFeed, { [`${AUTH0}CLIENT_SECRET`]: `${auth0.clientSecret}\n` }),
  );

  it.each([
    ["placeholder", { [`${AUTH0}CLIENT_ID`]: "YOUR_CLIENT_ID" }, ""],
    ["unset", {}, `${AUTH0}CONFIG_URL=\${TENANT}\n`],
  ] as const)("%s", async (name, changes, file) => {
    const { [`${AUTH0}CONFIG_URL`]: configUrl = "", ...others } = auth0.env("http://127.0.0.1:2");
    const env = { ...others, ...(file === "" && { [`${AUTH0}CONFIG_URL`]: configUrl }), ...changes };
    const { terminal, doctor: told } = operatorMistakes[name];
    expect(await terminalOf(env, { ".env": file })).toContain(terminal);
    expect(await doctor(env, { ".env": file })).toContain(told);
  });

  it(operatorMistakes.portTaken.mistake, async () => {
    const other = createServer((_request, response) => void response.writeHead(404).end("another program"));
    const port = await listen(other);
    const env = { ...auth0.env(`http://127.0.0.1:${port}`), FASTMCP_PORT: String(port) };
    expect(await terminalOf(env)).toContain(operatorMistakes.portTaken.terminal);
    expect(await doctor(env)).toContain(operatorMistakes.portTaken.doctor);
  });

  it(operatorMistakes.port.mistake, async () => {
    const port = await freePort();
    const env = {
      ...auth0.env(`http://127.0.0.1:${port}`),
      FASTMCP_PORT: String(port),
      PORT: String(await freePort()),
    };
    const { FASTMCP_PORT: _unset, ...withoutPort } = env;
    const child = spawn(process.execPath, [SERVER], { cwd: tmpdir(), env: { PATH: process.env.PATH, ...withoutPort } });
    onTestFinished(() => void child.kill());
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    await until(() => output.includes(operatorMistakes.port.terminal) || child.exitCode !== null);
    expect(output.replace(/\s+/g, " ")).toContain(operatorMistakes.port.terminal);
    await expect(fetch(`http://127.0.0.1:${env.PORT}/healthz`)).rejects.toThrow("fetch failed");
    expect(await doctor(withoutPort)).toContain(operatorMistakes.port.doctor);
  });

  it.each([
    ["expired", "expired"],
    ["selfSigned", "self-signed"],
  ] as const)("%s", async (name, certificate) => {
    const changes = { [`${AUTH0}CONFIG_URL`]: await startTls(certificate) };
    await expectLogin(operatorMistakes[name], changes, { client: authorize });
  });

  it(operatorMistakes.redis.mistake, () =>
    expectLogin(operatorMistakes.redis, { FASTMCP_STORAGE_URL: "redis://127.0.0.1:2" }),
  );

  it.each([
    ["pathPrefix", (path: string) => (path.startsWith("/mcp-server") ? undefined : path)],
    ["wellKnown", (path: string) => (path.startsWith("/.well-known/") ? undefined : path)],
  ] as const)("%s", async (name, forward) => {
    let backend = 0;
    const proxy = createServer((request, response) => {
      const path = forward(request.url ?? "/");
      if (path === undefined) {
        response.writeHead(404).end();
        return;
      }
      const { method, headers } = request;
      request.pipe(
        httpRequest({ host: "127.0.0.1", port: backend, method, path, headers }, (answer) => {
          response.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(response);
        }),
      );
    });
    const port = await listen(proxy);
    const baseUrl = `http://127.0.0.1:${port}/mcp-server`;
    const server = await startInProcess({ auth0, baseUrl });
    backend = Number(new URL(server.origin).port);
    const address =
      name === "pathPrefix"
        ? `${baseUrl}/mcp`
        : `http://127.0.0.1:${port}/.well-known/oauth-authorization-server/mcp-server`;
    expect(String((await fetch(address)).status)).toBe(operatorMistakes[name].client);
    expect(await doctor(auth0.env(baseUrl))).toContain(operatorMistakes[name].doctor);
  });

  it(operatorMistakes.twoKeys.mistake, async () => {
    const key = (name: string) => ({ [`${AUTH0}JWT_SIGNING_KEY`]: `the-signing-key-of-replica-${name}-of-two` });
    const one = await startInProcess({ auth0, env: key("one") });
    const two = await startInProcess({ auth0, env: key("two"), baseUrl: one.origin });
    const { access_token: token = "" } = await one.getTokens("alice");
    await until(async () => (await fetch(`${two.origin}/readyz`)).ok);
    const refused = await two.call(token, WHOAMI);
    expect(refused.status).toBe(401);
    expect(refused.headers.get("www-authenticate")).toContain(operatorMistakes.twoKeys.client);
    const env = { ...auth0.env(one.origin), ...key("two") };
    const { stdout } = await runCli(["doctor", "--token", "--json"], { env, stdin: token });
    expect((JSON.parse(stdout) as { reason: string }).reason).toContain(operatorMistakes.twoKeys.doctor);
  });

  it(operatorMistakes.callback.mistake, async () => {
    const tenant = await startDevAuth0({
      applications: [
        {
          clientId: "strict-client",
          clientSecret: "the-secret-of-the-strict-client",
          type: "regular_web",
          callbacks: ["https://elsewhere.example/auth/callback"],
        },
      ],
    });
    onTestFinished(() => tenant.close());
    const changes = {
      [`${AUTH0}CLIENT_ID`]: "strict-client",
      [`${AUTH0}CLIENT_SECRET`]: "the-secret-of-the-strict-client",
    };
    await expectLogin(operatorMistakes.callback, changes, { auth0: tenant });
  });

  it(operatorMistakes.clock.mistake, async () => {
    const { client, terminal, doctor: told } = operatorMistakes.clock;
    const tenant = await startDevAuth0({ clock: () => Date.now() / 1000 + 3600 });
    onTestFinished(() => tenant.close());
    await expectLogin({ mistake: "", client, terminal, doctor: undefined }, {}, { auth0: tenant });
    const provider = createServer((_request, response) => {
      response.writeHead(200, { Date: new Date(Date.now() + 3_600_000).toUTCString() }).end("{}");
    });
    const issuer = `http://127.0.0.1:${await listen(provider)}`;
    const env = {
      FASTMCP_SERVER_AUTH: "REMOTE",
      FASTMCP_SERVER_AUTH_REMOTE_ISSUER: issuer,
      FASTMCP_SERVER_AUTH_REMOTE_JWKS_URI: `${issuer}/jwks.json`,
      FASTMCP_SERVER_AUTH_REMOTE_BASE_URL: "http://127.0.0.1:2",
    };
    expect(await doctor(env)).toContain(told);
  });

  it(operatorMistakes.proxyCount.mistake, async () => {
    const { client, terminal, doctor: told } = operatorMistakes.proxyCount;
    const server = await startInProcess({ auth0, env: { FASTMCP_RATE_LIMIT: "3" } });
    const asked = await Promise.all(
      [1, 2, 3, 4, 5].map((number) =>
        fetch(`${server.origin}/register`, { method: "POST", headers: { "X-Forwarded-For": `203.0.113.${number}` } }),
      ),
    );
    expect((await Promise.all(asked.map((answer) => answer.text()))).join()).toContain(client);
    const env = { ...auth0.env("https://mcp.example.com"), FASTMCP_PORT: String(await freePort()) };
    const child = spawn(process.execPath, [SERVER], { cwd: tmpdir(), env: { PATH: process.env.PATH, ...env } });
    onTestFinished(() => void child.kill());
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    await until(() => output.replace(/\s+/g, " ").includes(terminal) || child.exitCode !== null);
    expect(output.replace(/\s+/g, " ")).toContain(terminal);
    expect(await doctor(env)).toContain(told);
  });

  it(operatorMistakes.keyLost.mistake, async () => {
    const { client, doctor: told } = operatorMistakes.keyLost;
    const key = (name: string) => ({ [`${AUTH0}JWT_SIGNING_KEY`]: `the-signing-key-before-and-after-${name}` });
    const before = await startInProcess({ auth0, env: key("one") });
    const session = await before.getSession("alice", { scope: "openid offline_access" });
    const after = await startInProcess({ auth0, env: key("two"), baseUrl: before.origin });
    await until(async () => (await fetch(`${after.origin}/readyz`)).ok);
    expect(await (await session.refresh(after.origin)).text()).toContain(client);
    const env = { ...auth0.env(before.origin), ...key("two") };
    const { stdout } = await runCli(["doctor", "--token", "--json"], { env, stdin: session.refreshToken });
    expect((JSON.parse(stdout) as { reason: string }).reason).toContain(told);
  });
});

const START = "<!-- operators: written by vitest -u -->";
const END = "<!-- end of operators -->";

describe("docs/mistakes.md", () => {
  it("has the table of the operators' mistakes", async () => {
    const page = readFileSync(PAGE, "utf8");
    const show = (words: string | undefined, none: string) =>
      words === undefined ? none : words.replaceAll("|", "\\|");
    const rows = Object.values<OperatorMistake>(operatorMistakes).map(
      ({ mistake, client, terminal, doctor: told }) =>
        `| ${mistake} | ${client === WORKS ? "it works" : show(client, "nothing is served")} | ${show(terminal, "–")} | ${show(told, "–")} |`,
    );
    const table = ["| mistake | the client reads | the log shows | doctor shows |", "|---|---|---|---|", ...rows].join(
      "\n",
    );
    const [before = "", rest = ""] = page.split(START);
    const [, after = ""] = rest.split(END);
    await expect(`${before}${START}\n${table}\n${END}${after}`).toMatchFileSnapshot(fileURLToPath(PAGE));
  });
});

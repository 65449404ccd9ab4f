import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";

const SERVER = fileURLToPath(new URL("../templates/weather/dist/server.js", import.meta.url));
const AUTH0 = "FASTMCP_SERVER_AUTH_AUTH0_";
const SECRET = "a-client-secret-that-nobody-may-see";

const complete = {
  FASTMCP_SERVER_AUTH: "fastmcp.server.auth.providers.auth0.Auth0Provider",
  [`${AUTH0}CONFIG_URL`]: "https://tenant.example/.well-known/openid-configuration",
  [`${AUTH0}CLIENT_ID`]: "client",
  [`${AUTH0}CLIENT_SECRET`]: SECRET,
  [`${AUTH0}AUDIENCE`]: "https://weather.example/api",
  [`${AUTH0}BASE_URL`]: "http://127.0.0.1:8000",
};

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(cleanups.splice(0).map((cleanup) => cleanup()));
});

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the server in an empty folder with nothing but `env`, and gives how it ended. */
async function start(env: Record<string, string | undefined>, files: Record<string, string> = {}): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), "bad-configuration-"));
  cleanups.push(() => rm(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, name), text);
  }
  const child = spawn(process.execPath, [SERVER], {
    cwd: folder,
    env: { PATH: process.env.PATH, FASTMCP_PORT: "0", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
  const timeout = setTimeout(() => child.kill("SIGKILL"), 20_000);
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  clearTimeout(timeout);
  return { code, ...output };
}

async function expectRefusal(outcome: Promise<Outcome>, ...sentences: (string | RegExp)[]): Promise<void> {
  const { code, stdout, stderr } = await outcome;
  expect(code, stderr).toBe(1);
  for (const sentence of sentences) {
    expect(stderr).toMatch(sentence);
  }
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(stdout + stderr).not.toContain(SECRET);
}

async function serve(handler: RequestListener): Promise<string> {
  const server: Server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => new Promise((resolve) => server.close(resolve)));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("Security rule 15: no start with a half-configured provider, no fallback to an open server", () => {
  it("names every missing variable at once, with what it is and where to find it", async () => {
    await expectRefusal(
      start({ FASTMCP_SERVER_AUTH: complete.FASTMCP_SERVER_AUTH }),
      `${AUTH0}CONFIG_URL`,
      `${AUTH0}CLIENT_ID`,
      `${AUTH0}CLIENT_SECRET`,
      `${AUTH0}AUDIENCE`,
      `${AUTH0}BASE_URL`,
      /dashboard/i,
    );
  });

  it("names everything in a policy that does not fit the server, and starts on no stdio with one", async () => {
    const policy = { tools: { save_plaec: { roles: ["editor"] }, forecast: { scopes: [] } } };
    const files = { "authorization.json": JSON.stringify(policy) };
    const env = { ...complete, FASTMCP_AUTHORIZATION_FILE: "authorization.json" };
    await expectRefusal(start(env, files), /\$\.tools\.forecast\.scopes is an empty list/);
    const unknown = { "authorization.json": JSON.stringify({ tools: { save_plaec: {} } }) };
    await expectRefusal(start(env, unknown), "FASTMCP_AUTHORIZATION_FILE", /Did you mean\s+save_place\?/);
    await expectRefusal(start({ ...env, FASTMCP_TRANSPORT: "stdio" }, unknown), "can't be enforced on stdio");
    await expectRefusal(start(env), /authorization\.json, which\s+does not exist/);
  });

  it("does not start without any configuration, and says what to set", async () => {
    await expectRefusal(start({}), "FASTMCP_SERVER_AUTH", "none");
  });

  it("does not start when the env file that was named is missing", async () => {
    await expectRefusal(start({ ...complete, FASTMCP_ENV_FILE: "missing.env" }), "FASTMCP_ENV_FILE", "missing.env");
  });

  it("reads the env file of its folder, and reports what is wrong in it", async () => {
    const lines = Object.entries({ ...complete, [`${AUTH0}BASE_URL`]: "no url" }).map(
      ([name, value]) => `${name}=${value}`,
    );
    await expectRefusal(start({}, { ".env": lines.join("\n") }), `${AUTH0}BASE_URL`);
  });

  it("does not start when FASTMCP_SERVER_AUTH is empty", async () => {
    await expectRefusal(start({ ...complete, FASTMCP_SERVER_AUTH: "" }), "FASTMCP_SERVER_AUTH");
  });

  it("does not start when provider variables stand there without FASTMCP_SERVER_AUTH, and says which class to name", async () => {
    await expectRefusal(start({ ...complete, FASTMCP_SERVER_AUTH: undefined }), complete.FASTMCP_SERVER_AUTH);
  });

  it("points out FASTMCP_SERVER_AUTH when it is misspelt", async () => {
    const { FASTMCP_SERVER_AUTH: value, ...rest } = complete;
    await expectRefusal(start({ ...rest, FASTMCP_SERVER_AUHT: value }), "FASTMCP_SERVER_AUHT", "FASTMCP_SERVER_AUTH");
  });

  it("does not start with a class that it does not know, and names the nearest one", async () => {
    await expectRefusal(
      start({ ...complete, FASTMCP_SERVER_AUTH: "fastmcp.server.auth.providers.auth0.Auth0Provder" }),
      "fastmcp.server.auth.providers.auth0.Auth0Provider",
    );
  });

  it.each(["BASE_URL", "CONFIG_URL"])("does not start with http:// on a public host for %s", async (name) => {
    await expectRefusal(
      start({ ...complete, [`${AUTH0}${name}`]: "http://mcp.example.com/x" }),
      `${AUTH0}${name}`,
      /https/,
    );
  });

  it("warns of a misspelt variable with the nearest real name", async () => {
    const { [`${AUTH0}CLIENT_ID`]: value, ...rest } = complete;
    await expectRefusal(start({ ...rest, [`${AUTH0}CLIENTID`]: value }), `${AUTH0}CLIENTID`, `${AUTH0}CLIENT_ID`);
  });

  it("does not serve protected tools openly", async () => {
    await expectRefusal(start({ FASTMCP_SERVER_AUTH: "none" }), "current_weather", "requiredScopes");
  });

  it("does not serve protected tools on stdio, where there is no token", async () => {
    await expectRefusal(start({ FASTMCP_TRANSPORT: "stdio" }), "current_weather", "stdio");
  });
});

describe("a discovery document that can't become right ends the process with the sentence that fixes it", () => {
  const path = "/.well-known/openid-configuration";
  const answers: [string, RequestListener][] = [
    ["404", (_request, response) => void response.writeHead(404).end("not found")],
    [
      "HTML",
      (_request, response) => void response.writeHead(200, { "Content-Type": "text/html" }).end("<html>Log in</html>"),
    ],
    [
      "another issuer",
      (_request, response) =>
        void response.writeHead(200, { "Content-Type": "application/json" }).end('{"issuer":"https://other.example/"}'),
    ],
  ];

  it.each(answers)("when it is %s", async (_name, handler) => {
    const origin = await serve(handler);
    const env = { ...complete, [`${AUTH0}CONFIG_URL`]: `${origin}${path}`, FASTMCP_START_PATIENCE: "0" };
    await expectRefusal(start(env), `${AUTH0}CONFIG_URL`);
  });

  it("at once when it is another issuer's, which no waiting changes", async () => {
    const [, handler] = answers.find(([name]) => name === "another issuer") ?? [];
    const origin = await serve(handler ?? (() => {}));
    const env = { ...complete, [`${AUTH0}CONFIG_URL`]: `${origin}${path}` };
    await expectRefusal(start(env), /another\s+issuer/);
  });
});

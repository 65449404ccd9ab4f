import { createServer as createHttpServer } from "node:http";
import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listenForTest, type ProxySetup, startBehindProxy } from "../testing/behind-proxy.ts";
import { callCli } from "../testing/call-cli.ts";
import { AUTH0, quickEnv } from "../testing/diagnosis.ts";

let auth0: DevAuth0;
beforeAll(async () => {
  auth0 = await startDevAuth0();
});
afterAll(() => auth0.close());

async function start(setup: ProxySetup = {}, own: Record<string, string> = {}): Promise<Record<string, string>> {
  let env: Record<string, string> = {};
  await startBehindProxy((url) => {
    env = { ...quickEnv(auth0, url), [`${AUTH0}CLIENT_ID_METADATA_HOSTS`]: "[]", ...own };
    return env;
  }, setup);
  return env;
}

describe("doctor --as", () => {
  it("replays the client against the server that the environment describes", async () => {
    const { exitCode, stdout } = await callCli(["doctor", "--as", "claude"], { env: await start(), columns: 110 });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^Claude at http:\/\/127\.0\.0\.1:\d+\/mcp, recorded on \d{4}-\d\d-\d\d from https:/);
    expect(stdout).toMatch(/^warn {2}address /m);
    expect(stdout).toMatch(/^ok {4}login page /m);
    expect(stdout).toMatch(/\nClaude finds its way to the login\.\n$/);
  });

  it.each(["claude", "sdk-v1", "vscode"])(
    "finds the login of a server with public tools, and warns: %s",
    async (client) => {
      const env = await start({ hasPublicTool: true });
      const { exitCode, stdout } = await callCli(["doctor", "--as", client], { env, columns: 110 });
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(/^warn {2}first request .*without a token: it has public tools/m);
      expect(stdout).toMatch(/^ok {4}login page /m);
    },
  );

  it("finds it also where all refusals of tools are results (FASTMCP_CHALLENGE_DIALECT)", async () => {
    const env = await start({ hasPublicTool: true }, { FASTMCP_CHALLENGE_DIALECT: "chatgpt" });
    const { exitCode, stdout } = await callCli(["doctor", "--as", "chatgpt"], { env, columns: 110 });
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^ok {4}login page /m)]);
    const { stdout: report } = await callCli(["doctor"], { env, columns: 200 });
    expect(report).toContain("asks for a token and sees the one it is given");
  });

  it("replays it against any address, without an environment", async () => {
    const env = await start();
    const url = `${env[`${AUTH0}BASE_URL`]}/mcp`;
    const { exitCode, stdout } = await callCli(["doctor", "--as", "Go-SDK", "--url", url, "--json"]);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      client: { name: "go-sdk", title: "The official Go SDK", source: { kind: "run" } },
      url,
      findings: [
        { check: "first-request", status: "ok" },
        { check: "resource-metadata", status: "ok" },
        { check: "server-metadata", status: "ok" },
        { check: "registration", status: "ok" },
        { check: "login-page", status: "ok" },
      ],
    });
  });

  it("ends with 1 where the client would stop, and says what to change", async () => {
    const page = await listenForTest(createHttpServer((_, response) => response.writeHead(404).end("nothing")));
    const { exitCode, stdout } = await callCli(["doctor", "--as", "codex", "--url", `${page}/mcp`]);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^FAIL {2}first request {3}.*answers 404/m);
    expect(stdout).toMatch(/^ {22}Fix: Check the path of the address/m);
    expect(stdout).toMatch(/\nCodex stops here\.\n$/);
  });

  it("does not claim to know what comes at another authorization server", async () => {
    const server = createHttpServer((request, response) => {
      const origin = `http://${request.headers.host}`;
      const elsewhere = origin.replace("127.0.0.1", "localhost");
      if (request.url === "/mcp") {
        response.writeHead(401).end();
        return;
      }
      response.end(
        JSON.stringify({
          resource: `${origin}/mcp`,
          authorization_servers: [origin],
          issuer: origin,
          authorization_endpoint: `${elsewhere}/authorize`,
          token_endpoint: `${elsewhere}/token`,
          registration_endpoint: `${elsewhere}/register`,
          response_types_supported: ["code"],
          code_challenge_methods_supported: ["S256"],
        }),
      );
    });
    const url = `${await listenForTest(server)}/mcp`;
    const { exitCode, stdout } = await callCli(["doctor", "--as", "sdk-v1", "--url", url]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/\nThe official TypeScript SDK 1 goes on at another server, which was not asked\.\n$/);
  });

  it("never prints control characters of a server, nor a client secret", async () => {
    const hostile = createHttpServer((request, response) => {
      const origin = `http://${request.headers.host}`;
      const json = (value: object, status = 200) => response.writeHead(status).end(JSON.stringify(value));
      if (request.url === "/mcp") {
        response.writeHead(401).end();
      } else if (request.url?.includes("oauth-protected-resource")) {
        json({ resource: `${origin}/mcp`, authorization_servers: [origin] });
      } else if (request.url === "/register") {
        json({ client_id: "one", client_secret: "the-secret-0123456789" }, 201);
      } else if (request.url?.startsWith("/authorize")) {
        response.writeHead(400).end("<title>x</title>\u001b[31mRed\u001b[0m and\u0000 loud <script>alert(1)</script>");
      } else {
        json({
          issuer: origin,
          authorization_endpoint: `${origin}/authorize`,
          token_endpoint: `${origin}/token`,
          registration_endpoint: `${origin}/register`,
          response_types_supported: ["code"],
          code_challenge_methods_supported: ["S256"],
        });
      }
    });
    const url = `${await listenForTest(hostile)}/mcp`;
    const { exitCode, stdout } = await callCli(["doctor", "--as", "sdk-v1", "--url", url]);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/Red\s+and\s+loud/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    expect(stdout).not.toContain("the-secret");
    expect(stdout).not.toContain("alert");
  });

  it.each([
    [["--as", "claud"], /Unknown client "claud"\. Did you mean claude\? The clients are claude, .*spring|go-sdk/],
    [["--as", "claude", "--offline"], /--offline/],
    [["--as", "claude", "--token"], /--token/],
    [["--url", "https://mcp.example.com/mcp"], /--url needs --as/],
    [["--as", "claude", "--url", "mcp.example.com"], /is not an http or https URL/],
    [["--as", "claude", "--url", "ftp://mcp.example.com"], /is not an http or https URL/],
    [["--as", "claude", "--url", "https://user:password@mcp.example.com/mcp"], /must not contain a user name/],
    [["--as", "claude"], /Add --url/],
  ])("%j is a wrong call", async (args, said) => {
    const { exitCode, stderr } = await callCli(["doctor", ...args]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(said);
    expect(stderr).not.toContain("password@");
  });
});

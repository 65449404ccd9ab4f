import { describe, expect, it } from "vitest";
import { McpClient } from "../../proxy/testing/mcp-client.ts";
import { useProxy } from "../../proxy/testing/proxy-fixture.ts";
import { callCli } from "../testing/call-cli.ts";
import { AUTH0 } from "../testing/diagnosis.ts";

const proxy = useProxy();
const REDIRECT_URI = "https://claude.ai/api/mcp/auth_callback";

/** The variables of the server that is running. */
function env(changes: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    ...proxy.auth0.env(proxy.server.address),
    [`${AUTH0}JWT_SIGNING_KEY`]: "a signing key of more than thirty-two bytes",
    ...changes,
  };
}

const create = (args: readonly string[], changes?: Readonly<Record<string, string>>) =>
  callCli(["client", "create", ...args], { env: env(changes) });

describe("client create", () => {
  it("makes a pair that logs users in at the running server, with the redirect URIs that were given", async () => {
    const other = "https://claude.com/api/mcp/auth_callback";
    const { exitCode, stdout } = await create([
      "--redirect",
      REDIRECT_URI,
      "--redirect",
      other,
      "--name",
      "Claude",
      "--json",
    ]);
    expect(exitCode).toBe(0);
    const created = JSON.parse(stdout);
    expect(created).toMatchObject({
      redirect_uris: [REDIRECT_URI, other],
      authorization_endpoint: `${proxy.server.address}/authorize`,
      token_endpoint: `${proxy.server.address}/token`,
    });
    for (const redirectUri of [REDIRECT_URI, other]) {
      const client = new McpClient(proxy.server, redirectUri);
      client.id = created.client_id;
      client.secret = created.client_secret;
      const tokens = await client.logIn();
      expect((await client.refresh(tokens.refresh_token)).status).toBe(200);
      client.secret = "wrong";
      expect((await client.refresh(tokens.refresh_token)).body.error).toBe("invalid_client");
      client.secret = undefined;
      expect((await client.refresh(tokens.refresh_token)).body.error).toBe("invalid_client");
    }
    const elsewhere = new McpClient(proxy.server, "https://evil.example/cb");
    elsewhere.id = created.client_id;
    expect((await fetch(elsewhere.authorizeUrl(), { redirect: "manual" })).status).toBe(400);
  });

  it("prints the pair unbroken, what else dialogs ask for, and how long it is good", async () => {
    const { stdout, stderr } = await create(["--redirect", REDIRECT_URI]);
    const lines = stdout.split("\n");
    const following = (label: string) => lines[lines.indexOf(label) + 1];
    expect(following("Client ID")).toMatch(/^[\w.-]{100,}$/);
    expect(following("Client secret")).toMatch(/^[\w-]{43}$/);
    expect(following("Token URL")).toBe(`${proxy.server.address}/token`);
    expect(stdout.replaceAll("\n", " ")).toContain(`as long as ${AUTH0}JWT_SIGNING_KEY stays the same`);
    expect(stderr).toBe("");
  });

  it.each([
    ["no redirect URI", [], {}, 2, "--redirect"],
    ["a redirect URI that can't be one", ["--redirect", "http://client.example.com/cb"], {}, 1, "http"],
    [
      "one that the server does not allow",
      ["--redirect", REDIRECT_URI],
      { [`${AUTH0}ALLOWED_CLIENT_REDIRECT_URIS`]: '["http://localhost:*"]' },
      1,
      "ALLOWED_CLIENT_REDIRECT_URIS",
    ],
    ["a server without authorization", ["--redirect", REDIRECT_URI], { FASTMCP_SERVER_AUTH: "none" }, 1, "none"],
    [
      "a server that issues no tokens",
      ["--redirect", REDIRECT_URI],
      {
        FASTMCP_SERVER_AUTH: "REMOTE",
        FASTMCP_SERVER_AUTH_REMOTE_ISSUER: "https://as.example.com",
        FASTMCP_SERVER_AUTH_REMOTE_JWKS_URI: "https://as.example.com/jwks",
        FASTMCP_SERVER_AUTH_REMOTE_BASE_URL: "http://127.0.0.1:2",
      },
      1,
      "at the identity provider",
    ],
  ])("fails for %s", async (_what, args, changes, code, message) => {
    const { exitCode, stdout, stderr } = await create(args, changes);
    expect([exitCode, stdout]).toEqual([code, ""]);
    expect(stderr.replaceAll(/\s+/g, " ")).toContain(message);
  });
});

import { startDevAuth0 } from "dev-auth0";
import { describe, expect, it, onTestFinished } from "vitest";
import { callCli, dotenv } from "./testing/call-cli.ts";
import { AUTH0, BASE_URL } from "./testing/diagnosis.ts";

const secrets = {
  [`${AUTH0}CLIENT_SECRET`]: "the-client-secret-0123456789",
  [`${AUTH0}JWT_SIGNING_KEY`]: "the-signing-key-0123456789-0123456789",
  [`${AUTH0}JWT_SIGNING_KEY_PREVIOUS`]: '["the-previous-key-0123456789-0123456789"]',
  [`${AUTH0}JWT_SIGNING_KEY_REGISTRATIONS`]: '["the-retired-key-0123456789-0123456789"]',
  [`${AUTH0}EXTRA_TOKEN_PARAMS`]: '{"hint":"the-extra-parameter-0123456789"}',
  FASTMCP_STORAGE_URL: "redis://user:the-redis-password-0123456789@127.0.0.1:2",
};

const PARTS = [
  "the-client-secret",
  "the-signing-key",
  "the-previous-key",
  "the-retired-key",
  "the-extra-parameter",
  "the-redis-password",
];

describe("Security rule 11: no command prints a secret", () => {
  it.each([
    [["doctor"]],
    [["doctor", "--json"]],
    [["doctor", "--offline"]],
    [["doctor", "--token"]],
    [["doctor", "--as", "claude"]],
    [["doctor", "--as", "go-sdk", "--json"]],
    [["env"]],
    [["env", "--example"]],
    [["migrate"]],
    [["setup", "auth0"]],
    [["setup", "auth0", "--cli"]],
    [["setup", "auth0", "--terraform"]],
    [["client", "create", "--redirect", "https://claude.ai/api/mcp/auth_callback"]],
    [["keys", "rotate"]],
    [["keys", "rotate", "--leaked"]],
    [["tools", "--as", "alice"]],
    [["login", "--as", "alice"]],
    [["call", "current_weather", "{}", "--as", "alice"]],
    [["revoke", "--subject", "auth0|alice"]],
  ])("%j", async (args) => {
    const auth0 = await startDevAuth0();
    onTestFinished(() => auth0.close());
    for (const changes of [{}, { [`${AUTH0}BASE_URL`]: "not a url" }]) {
      const variables = { ...auth0.env(BASE_URL), ...secrets, ...changes };
      const { stdout, stderr } = await callCli(args, { files: { ".env": dotenv(variables) }, stdin: "x.y.z" });
      expect(stdout + stderr).not.toBe("");
      for (const part of PARTS) {
        expect(stdout + stderr).not.toContain(part);
      }
    }
  });
});

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

/** Runs a server with an SDK in which the masking of errors has no effect, until it ends. */
async function start(server: string, env: Record<string, string>) {
  const child = spawn(process.execPath, ["--import", fixture("doctored-sdk.mjs"), fixture(server)], {
    env: { PATH: process.env.PATH, FASTMCP_ENV_FILE: "", FASTMCP_SERVER_AUTH: "none", FASTMCP_PORT: "0", ...env },
    stdio: ["pipe", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const timeout = setTimeout(() => child.kill("SIGKILL"), 30_000);
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  clearTimeout(timeout);
  return { code, stderr };
}

describe("a server whose SDK leaves its protections without effect", () => {
  it.each([
    ["over HTTP", "http-server.mjs", { FASTMCP_TRANSPORT: "http" }],
    ["on stdio", "stdio-server.mjs", { FASTMCP_TRANSPORT: "stdio" }],
  ])("refuses to start, and says which and what to do: %s", async (_where, server, env) => {
    const { code, stderr } = await start(server, env);
    expect(code, stderr).toBe(1);
    expect(stderr).toContain("no effect with it: masking of handler errors, concealment of hidden resources.");
    expect(stderr).toMatch(/Install @modelcontextprotocol\/server \d+\.\d+\.\d+, or update mcp-env-auth/);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

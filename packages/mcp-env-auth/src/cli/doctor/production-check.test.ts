import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { diagnoseEnvironment } from "../testing/diagnosis.ts";
import { checklistLines } from "./production-check.ts";

const PAGE = readFileSync(new URL("../../../../../docs/deploy/checklist.md", import.meta.url), "utf8");
const AUTH0 = "FASTMCP_SERVER_AUTH_AUTH0_";

/** What an operator has who went through the checklist. */
const READY: Readonly<Record<string, string>> = {
  FASTMCP_SERVER_AUTH: "auth0",
  [`${AUTH0}CONFIG_URL`]: "https://tenant.eu.auth0.com/.well-known/openid-configuration",
  [`${AUTH0}CLIENT_ID`]: "client-id",
  [`${AUTH0}CLIENT_SECRET`]: "hunter22hunter22",
  [`${AUTH0}AUDIENCE`]: "https://api.example.com",
  [`${AUTH0}BASE_URL`]: "https://mcp.example.com",
  [`${AUTH0}JWT_SIGNING_KEY`]: "a random text of at least 32 characters",
  FASTMCP_STORAGE_URL: "redis://redis:6379",
  FASTMCP_TRUST_PROXY: "1",
  FASTMCP_OPERATOR_NAME: "Acme Inc.",
  FASTMCP_HELP_URL: "https://acme.example.com/help",
};

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "production-"));
  writeFileSync(join(cwd, ".env"), "FASTMCP_PORT=8000\n", { mode: 0o600 });
});
afterEach(() => rmSync(cwd, { recursive: true }));

/** What the check says about lines that are not in order. */
async function wrong(changes: Readonly<Record<string, string | undefined>> = {}): Promise<string[]> {
  const { of } = await diagnoseEnvironment({ ...READY, ...changes }, { offline: true, production: true, cwd });
  const findings = of("production");
  expect(findings).toHaveLength(checklistLines.length);
  return findings
    .filter(({ status }) => status !== "ok")
    .map(({ status, message, fix = "" }) => `${status}: ${message} ${fix}`);
}

describe("doctor --production", () => {
  it("checks lines of docs/deploy/checklist.md, which has twenty", () => {
    const rows = Array.from(PAGE.matchAll(/^\| (\d+) \| (.+?) \| (.+) \| (✓?) ?\|$/gm), ([, ...cells]) => cells);
    expect(rows.map(([number]) => Number(number))).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    expect(rows.filter(([, , , tick]) => tick === "✓").map(([, line]) => line)).toEqual(
      checklistLines.map(({ line }) => line),
    );
    expect(rows.filter(([, , command]) => !command?.includes("`") && !command?.startsWith("stop a replica"))).toEqual(
      [],
    );
  });

  it("finds nothing in a configuration that is ready", async () => {
    expect(await wrong()).toEqual([]);
  });

  it("says nothing without the option", async () => {
    const { of } = await diagnoseEnvironment(READY, { offline: true, cwd });
    expect(of("production")).toEqual([]);
  });

  it.each([
    [
      "an http address",
      { [`${AUTH0}BASE_URL`]: "http://localhost:8000" },
      "failure: BASE_URL is http://localhost:8000",
    ],
    ["development mode", { FASTMCP_DEV: "true" }, "failure: FASTMCP_DEV is true"],
    ["NODE_ENV", { NODE_ENV: "development" }, "failure: NODE_ENV is development"],
    [
      "no signing key",
      { [`${AUTH0}JWT_SIGNING_KEY`]: undefined },
      "warning: FASTMCP_SERVER_AUTH_AUTH0_JWT_SIGNING_KEY",
    ],
    ["an old key", { [`${AUTH0}JWT_SIGNING_KEY_PREVIOUS`]: "x".repeat(32) }, "JWT_SIGNING_KEY_PREVIOUS is set."],
    ["no Redis", { FASTMCP_STORAGE_URL: undefined }, "warning: FASTMCP_STORAGE_URL is memory://"],
    [
      "a far Redis",
      { FASTMCP_STORAGE_URL: "redis://a.example.com" },
      "a.example.com is reached without TLS. Use rediss",
    ],
    ["no count of proxies", { FASTMCP_TRUST_PROXY: undefined }, "warning: FASTMCP_TRUST_PROXY is 0"],
    ["no rate limit", { FASTMCP_RATE_LIMIT: "0" }, "warning: FASTMCP_RATE_LIMIT is 0"],
    ["any origin", { FASTMCP_HTTP_ALLOWED_ORIGINS: "*" }, "FASTMCP_HTTP_ALLOWED_ORIGINS has *."],
    ["open metrics", { FASTMCP_METRICS_PORT: "9464", FASTMCP_METRICS_HOST: "0.0.0.0" }, "METRICS_HOST is 0.0.0.0"],
    ["DEBUG", { FASTMCP_LOG_LEVEL: "debug" }, "warning: FASTMCP_LOG_LEVEL is DEBUG"],
    ["no help", { FASTMCP_HELP_URL: undefined }, "Set FASTMCP_OPERATOR_NAME and FASTMCP_HELP_URL"],
  ])("points out %s, and nothing else", async (_case, changes, expected) => {
    expect(await wrong(changes)).toEqual([expect.stringContaining(expected)]);
  });

  it("points out an open server", async () => {
    expect(await wrong({ FASTMCP_SERVER_AUTH: "none" })).toEqual([
      expect.stringContaining("failure: Nothing protects the server. Set FASTMCP_SERVER_AUTH"),
    ]);
  });

  it.skipIf(process.platform === "win32")("points out an env file that others may read", async () => {
    chmodSync(join(cwd, ".env"), 0o644);
    expect(await wrong()).toEqual([expect.stringContaining("Run chmod 600")]);
  });
});

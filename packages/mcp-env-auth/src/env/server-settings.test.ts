import { describe, expect, it } from "vitest";
import { readFields } from "./read-fields.ts";
import { checkServerSettings, SERVER_PREFIX, serverFields } from "./server-settings.ts";
import { environmentOf } from "./testing/environment-of.ts";

const read = (variables: Record<string, string>) => readFields(serverFields, SERVER_PREFIX, environmentOf(variables));

describe("the server's settings", () => {
  it("have FastMCP's defaults, and ours", () => {
    expect(read({}).values).toEqual({
      host: "127.0.0.1",
      port: 8000,
      dev: false,
      streamableHttpPath: "/mcp",
      logLevel: "INFO",
      logFormat: "auto",
      logStream: "stderr",
      landingPage: true,
      logSubjects: false,
      logArguments: "none",
      transport: "http",
      httpAllowedHosts: [],
      httpAllowedOrigins: [],
      storageUrl: "memory://",
      rateLimit: 120,
      scopeDescriptions: {},
      quotaPerUser: 0,
      quotaPerClient: 0,
      maxBodyBytes: 4_194_304,
      maxBodyValues: 50_000,
      maxSubscriptions: 1024,
      maxCallsPerUser: 32,
      upstreamMaxProcesses: 32,
      upstreamIdentity: "jwt",
      upstreamTimeout: 300,
      trustProxy: 0,
      accessTokenTtl: 3600,
      sessionTtl: 2_592_000,
      metricsHost: "127.0.0.1",
      tokenEpoch: "",
      challengeDialect: "auto",
      tokenFormat: "sealed",
      sdkFastPath: true,
    });
  });

  it.each([
    ["FASTMCP_HOST", "0.0.0.0", { host: "0.0.0.0" }],
    ["FASTMCP_PORT", "0", { port: 0 }],
    ["fastmcp_port", "9000", { port: 9000 }],
    ["FASTMCP_STREAMABLE_HTTP_PATH", "api/mcp", { streamableHttpPath: "/api/mcp" }],
    ["FASTMCP_LOG_LEVEL", "debug", { logLevel: "DEBUG" }],
    ["FASTMCP_LOG_LEVEL", "Critical", { logLevel: "CRITICAL" }],
    ["FASTMCP_TRANSPORT", "stdio", { transport: "stdio" }],
    ["FASTMCP_TRANSPORT", "streamable-http", { transport: "http" }],
    [
      "FASTMCP_HTTP_ALLOWED_HOSTS",
      "A.example, b.example:8080 [::1]",
      { httpAllowedHosts: ["a.example", "b.example:8080", "[::1]"] },
    ],
    ["FASTMCP_HTTP_ALLOWED_HOSTS", "", { httpAllowedHosts: [] }],
    ["FASTMCP_HTTP_ALLOWED_HOSTS", "*", { httpAllowedHosts: ["*"] }],
    [
      "FASTMCP_HTTP_ALLOWED_ORIGINS",
      '["https://App.example/", "http://x:80"]',
      { httpAllowedOrigins: ["https://app.example", "http://x"] },
    ],
    ["FASTMCP_HTTP_ALLOWED_ORIGINS", "vscode-webview://abc", { httpAllowedOrigins: ["vscode-webview://abc"] }],
    ["FASTMCP_STORAGE_URL", "redis://h", { storageUrl: "redis://h" }],
    ["FASTMCP_RATE_LIMIT", "0", { rateLimit: 0 }],
    ["FASTMCP_TRUST_PROXY", "2", { trustProxy: 2 }],
    ["FASTMCP_ACCESS_TOKEN_TTL", "60", { accessTokenTtl: 60 }],
    ["FASTMCP_SESSION_TTL", "86400", { sessionTtl: 86_400 }],
    ["FASTMCP_TOKEN_EPOCH", "2", { tokenEpoch: "2" }],
    ["FASTMCP_TOKEN_EPOCH", "2\r", { tokenEpoch: "2\r" }],
    ["FASTMCP_CHALLENGE_DIALECT", "ChatGPT", { challengeDialect: "chatgpt" }],
    ["FASTMCP_CHALLENGE_DIALECT", "claude", { challengeDialect: "claude" }],
    ["FASTMCP_TOKEN_FORMAT", "Sealed", { tokenFormat: "sealed" }],
    ["FASTMCP_TOKEN_FORMAT", "reference", { tokenFormat: "reference" }],
    ["FASTMCP_SDK_FAST_PATH", "false", { sdkFastPath: false }],
    ["FASTMCP_SDK_FAST_PATH", "1", { sdkFastPath: true }],
  ])("read %s=%s", (variable, value, expected) => {
    const { values, problems } = read({ [variable]: value });
    expect(problems).toEqual([]);
    expect(values).toMatchObject(expected);
  });

  it.each([
    ["FASTMCP_PORT", "65536", "from 0 to 65535"],
    ["FASTMCP_PORT", "", "whole number"],
    ["FASTMCP_LOG_LEVEL", "loud", "DEBUG, INFO, WARNING, ERROR, CRITICAL"],
    ["FASTMCP_TRANSPORT", "sse", "gone from MCP"],
    ["FASTMCP_HTTP_ALLOWED_HOSTS", "https://a.example", "without https://"],
    ["FASTMCP_HTTP_ALLOWED_HOSTS", "*.a.example", "no host name"],
    ["FASTMCP_HTTP_ALLOWED_ORIGINS", "a.example", "scheme://host"],
    ["FASTMCP_HTTP_ALLOWED_ORIGINS", "https://a.example/x", "no path"],
    ["FASTMCP_STORAGE_URL", "", "It is empty"],
    ["FASTMCP_RATE_LIMIT", "-1", "at least 0"],
    ["FASTMCP_ACCESS_TOKEN_TTL", "3601", "too large"],
    ["FASTMCP_ACCESS_TOKEN_TTL", "0", "too small"],
    ["FASTMCP_TOKEN_FORMAT", "opaque", "sealed, reference"],
    ["FASTMCP_SDK_FAST_PATH", "slow", "true or false"],
  ])("refuse %s=%s", (variable, value, reason) => {
    expect(read({ [variable]: value }).problems).toEqual([{ variable, message: expect.stringContaining(reason) }]);
  });

  it("refuse tokens of format reference without a Redis to keep them in", () => {
    const wrong = (storageUrl: string) => checkServerSettings({ tokenFormat: "reference", storageUrl });
    expect(wrong("memory://")).toEqual([
      { variable: "FASTMCP_TOKEN_FORMAT", message: expect.stringContaining("FASTMCP_STORAGE_URL") },
    ]);
    expect(wrong("redis://localhost:6379")).toEqual([]);
    expect(wrong("rediss://localhost:6379")).toEqual([]);
    expect(checkServerSettings({ tokenFormat: "sealed", storageUrl: "memory://" })).toEqual([]);
  });

  it("keep the storage URL and its password secret", () => {
    const { origins, secrets } = read({ FASTMCP_STORAGE_URL: "redis://:hunter22@h" });
    expect(secrets).toContain("hunter22");
    expect(JSON.stringify(origins)).not.toContain("hunter22");
  });
});

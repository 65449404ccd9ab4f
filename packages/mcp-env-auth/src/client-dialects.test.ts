import { describe, expect, it } from "vitest";
import { DIALECTS, isDialect, KNOWN_CLIENTS, knownClient } from "./client-dialects.ts";

describe("the table of clients", () => {
  it.each(KNOWN_CLIENTS)("has a source and words for $client", ({ dialect, source, ...client }) => {
    expect(DIALECTS).toContain(dialect);
    expect(new URL(source.url).protocol).toBe("https:");
    expect(source.date).toMatch(/^2026-\d\d-\d\d$/);
    const words = [client.document, client.name, client.clientInfo, client.userAgent].filter((word) => word);
    expect(words.length).toBeGreaterThan(1);
    for (const word of words) {
      // A word in the middle of something else names nobody, and nothing global keeps a position.
      expect(word?.source).toMatch(/^\^/);
      expect(word?.flags).toBe("");
    }
  });
});

describe("a client is known by its own words", () => {
  it.each([
    [{ document: "https://chatgpt.com/oauth/client.json" }, "ChatGPT"],
    [{ document: "https://chatgpt.com/oauth/kDmjx77UnKOM/client.json" }, "ChatGPT"],
    [{ document: "https://chatgpt.com/oauth/codex/client.json" }, "Codex"],
    [{ document: "https://claude.ai/oauth/mcp-oauth-client-metadata" }, "Claude"],
    [{ document: "https://claude.ai/oauth/claude-code-client-metadata" }, "Claude Code"],
    [{ document: "https://vscode.dev/oauth/client-metadata.json" }, "Visual Studio Code"],
    [{ name: "ChatGPT" }, "ChatGPT"],
    [{ name: "Claude" }, "Claude"],
    [{ name: "Claude Code (weather)" }, "Claude Code"],
    [{ name: "Codex" }, "Codex"],
    [{ name: "Visual Studio Code" }, "Visual Studio Code"],
    [{ name: "Cursor" }, "Cursor"],
    [{ clientInfo: "openai-mcp" }, "ChatGPT"],
    [{ clientInfo: "Anthropic/ClaudeAI" }, "Claude"],
    [{ clientInfo: "claude-ai" }, "Claude"],
    [{ clientInfo: "claude-code" }, "Claude Code"],
    [{ clientInfo: "codex-mcp-client" }, "Codex"],
    [{ clientInfo: "cursor-vscode" }, "Cursor"],
    [{ userAgent: "openai-mcp/1.0.0" }, "ChatGPT"],
    [{ userAgent: "openai-mcp/1.0.0 (+https://openai.com/bot)" }, "ChatGPT"],
    [{ userAgent: "Claude-User" }, "Claude"],
    [{ userAgent: "claude-code/2.1.197 (cli)" }, "Claude Code"],
    [{ userAgent: "Claude-User (claude-code/2.0.0; +https://support.anthropic.com/)" }, "Claude Code"],
  ])("%j is %s", (words, client) => {
    expect(knownClient(words)?.client).toBe(client);
  });

  it.each([
    {},
    { document: "https://chatgpt.com.evil.example/oauth/client.json" },
    { document: "https://evil.example/https://chatgpt.com/" },
    { document: "http://chatgpt.com/oauth/client.json" },
    { document: "s0me-registered-id" },
    { name: "Not ChatGPT" },
    { name: "chatgpt" },
    { clientInfo: "openai-mcp-inspector" },
    { userAgent: "Mozilla/5.0 openai-mcp/1.0.0" },
    { userAgent: "Claude-Userland/1" },
  ])("%j is nobody", (words) => {
    expect(knownClient(words)).toBeUndefined();
  });

  it("the id that it logged in with counts before what a request says", () => {
    const words = { name: "Claude", clientInfo: "openai-mcp", userAgent: "openai-mcp/1.0.0" };
    expect(knownClient(words)?.client).toBe("Claude");
    expect(knownClient({ ...words, name: "My own client" })?.client).toBe("ChatGPT");
  });
});

it("a dialect is one of the table's words, whatever a token holds", () => {
  expect(["sdk", "auto", "constructor", 1, null, undefined].filter(isDialect)).toEqual(["sdk"]);
});

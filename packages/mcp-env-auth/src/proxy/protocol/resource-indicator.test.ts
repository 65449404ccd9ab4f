import { describe, expect, it } from "vitest";
import { checkResource } from "./resource-indicator.ts";

const OURS = "https://mcp.example.com/mcp";

describe("Security rule 7: only our own resource can be asked for", () => {
  it.each([
    [undefined, OURS],
    [OURS, OURS],
    ["HTTPS://MCP.example.com/mcp", OURS],
    ["https://mcp.example.com/mcp/", OURS],
    ["https://MCP.EXAMPLE.COM/mcp/", OURS],
    [OURS, "https://mcp.example.com/mcp/"],
    ["https://mcp.example.com", "https://mcp.example.com/"],
    ["https://mcp.example.com/", "https://mcp.example.com"],
  ])("takes %s for %s", (requested, ours) => {
    expect(() => checkResource(requested, ours)).not.toThrow();
  });

  it.each([
    "https://mcp.example.com/mcp//",
    "https://mcp.example.com/mcp/?a=b",
    "https://mcp.example.com/mcp?/",
    "https://mcp.example.com/MCP",
    "https://mcp.example.com:443/mcp",
    "https://mcp.example.com/mcp#part",
    "https://mcp.example.com/mcp#",
    "https://mcp.example.com/mcp?a=b",
    "https://mcp.example.com/other",
    "https://mcp.example.com/",
    "https://mcp.example.com/x/../mcp",
    "https://mcp.example.com:8443/mcp",
    "http://mcp.example.com/mcp",
    "https://user@mcp.example.com/mcp",
    "https://evil.example/mcp",
    "mcp.example.com/mcp",
    "*",
  ])("refuses %s as invalid_target", (requested) => {
    expect(() => checkResource(requested, OURS)).toThrow(expect.objectContaining({ code: "invalid_target" }));
  });
});

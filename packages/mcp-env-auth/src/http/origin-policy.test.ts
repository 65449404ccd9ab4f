import { describe, expect, it } from "vitest";
import { createOriginPolicy } from "./origin-policy.ts";

const policyFor = (baseUrl: string | undefined, allowed: { hosts?: string[]; origins?: string[] } = {}) =>
  createOriginPolicy({
    baseUrl: baseUrl === undefined ? undefined : new URL(baseUrl),
    allowedHosts: allowed.hosts ?? [],
    allowedOrigins: allowed.origins ?? [],
  });

describe("Security rule 10: Host and Origin are checked", () => {
  const published = policyFor("https://mcp.example.com/api", {
    hosts: ["internal.example"],
    origins: ["https://app.example"],
  });

  it.each([
    "mcp.example.com",
    "MCP.example.com:443",
    "localhost:8000",
    "127.0.0.1",
    "[::1]:8000",
    "internal.example:80",
  ])("answers to the Host %s", (host) => expect(published.allowsHost(host)).toBe(true));

  it.each([
    undefined,
    "",
    "evil.example",
    "mcp.example.com.evil.example",
    "localhost.evil.example",
    "[::2]",
    "127.0.0.1:1@evil.example",
    "127.0.0.1:x",
  ])("refuses the Host %s", (host) => expect(published.allowsHost(host)).toBe(false));

  it.each([undefined, "https://mcp.example.com", "https://app.example"])("takes the Origin %s", (origin) =>
    expect(published.allowsOrigin(origin)).toBe(true),
  );

  it.each([
    "null",
    "",
    "http://mcp.example.com",
    "https://mcp.example.com:8443",
    "http://localhost:3000",
    "https://evil.example",
  ])("refuses the Origin %j on a public server", (origin) => expect(published.allowsOrigin(origin)).toBe(false));

  it.each(["http://localhost:3000", "http://127.0.0.1:6274", "https://[::1]:1"])(
    "takes the loopback Origin %s on a loopback server",
    (origin) => expect(policyFor("http://127.0.0.1:8000").allowsOrigin(origin)).toBe(true),
  );

  it.each(["null", "http://localhost.evil.example", "ftp://localhost", "http://evil.example"])(
    "refuses the Origin %s on a loopback server",
    (origin) => expect(policyFor("http://127.0.0.1:8000").allowsOrigin(origin)).toBe(false),
  );

  it("takes anything where the operator says so", () => {
    const open = policyFor(undefined, { hosts: ["*"], origins: ["*"] });
    expect(open.allowsHost("anything")).toBe(true);
    expect(open.allowsOrigin("null")).toBe(true);
  });
});

describe("Security rule 10: an MCP endpoint that is not under BASE_URL", () => {
  const policy = createOriginPolicy({
    baseUrl: new URL("https://auth.example.com"),
    resource: new URL("https://mcp.example.com/mcp"),
    allowedHosts: [],
    allowedOrigins: [],
  });

  it("has a host and an origin of its own, and no other has one", () => {
    expect(["auth.example.com", "mcp.example.com", "evil.example.com"].map((host) => policy.allowsHost(host))).toEqual([
      true,
      true,
      false,
    ]);
    expect(policy.allowsOrigin("https://mcp.example.com")).toBe(true);
    expect(policy.allowsOrigin("http://mcp.example.com")).toBe(false);
  });
});

import { describe, expect, it } from "vitest";
import { locateProtectedResourceMetadata } from "./protected-resource-metadata.ts";

const protectedBy = (resource: string | undefined, authorizationServers = ["https://mcp.example.com/"]) => ({
  resource,
  authorizationServers,
  loginScopes: ["openid", "offline_access", "weather:read"],
});
const options = { mcpPath: "/mcp", serverName: "Weather" };

describe("protected resource metadata", () => {
  it("is served at the path-inserted and at the root form (RFC 9728 section 3.1)", () => {
    const metadata = locateProtectedResourceMetadata(protectedBy("https://mcp.example.com/mcp"), options);
    expect(metadata?.paths).toEqual([
      "/.well-known/oauth-protected-resource/mcp",
      "/.well-known/oauth-protected-resource",
    ]);
    expect(metadata?.url).toBe("https://mcp.example.com/.well-known/oauth-protected-resource/mcp");
  });

  it("under a BASE_URL with a path lies under that path and at the host's root", () => {
    const metadata = locateProtectedResourceMetadata(protectedBy("https://example.com/api/mcp"), options);
    expect(metadata?.url).toBe("https://example.com/api/.well-known/oauth-protected-resource/mcp");
    expect(metadata?.paths).toContain("/.well-known/oauth-protected-resource/api/mcp");
  });

  it("never lists offline_access", () => {
    const metadata = locateProtectedResourceMetadata(protectedBy("https://mcp.example.com/mcp"), options);
    expect(metadata?.document).toEqual({
      resource: "https://mcp.example.com/mcp",
      authorization_servers: ["https://mcp.example.com/"],
      scopes_supported: ["openid", "weather:read"],
      bearer_methods_supported: ["header"],
      resource_name: "Weather",
      dpop_signing_alg_values_supported: expect.arrayContaining(["ES256"]),
    });
  });

  it("names no scopes where there are none, rather than an empty list (RFC 9728 section 3.2)", () => {
    const location = { ...protectedBy("https://mcp.example.com/mcp"), loginScopes: ["offline_access"] };
    expect(locateProtectedResourceMetadata(location, options)?.document).not.toHaveProperty("scopes_supported");
  });

  it("does not exist without an authorization server or without BASE_URL", () => {
    expect(locateProtectedResourceMetadata(protectedBy("https://mcp.example.com/mcp", []), options)).toBeUndefined();
    expect(locateProtectedResourceMetadata(protectedBy(undefined), options)).toBeUndefined();
  });
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { useAttackedServer } from "../support/attacked-server.ts";
import { sendRaw } from "../support/raw-http.ts";

const attacked = useAttackedServer();
let deployed: Awaited<ReturnType<typeof attacked.launch>>;

beforeAll(async () => {
  deployed = await attacked.launch({ baseUrl: "https://mcp.example.com" });
});
afterAll(() => deployed?.close());

const ENDPOINTS = ["/mcp", "/register", "/authorize", "/token", "/revoke", "/.well-known/oauth-authorization-server"];

describe("CVE-2026-48710: a Host that is not ours reaches nothing, and changes no path", () => {
  it.each([
    "evil.example",
    "evil.example:443",
    "mcp.example.com.evil.example",
    "evil.example/mcp.example.com",
    "mcp.example.com@evil.example",
    "evil.example#mcp.example.com",
    "mcp.example.com, evil.example",
    "mcp.example.com:443:80",
    "mcp.example.com:999999",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "0",
    "0x7f000001",
    "[::ffff:127.0.0.1]",
    "mcp.example.com/healthz?",
    "/healthz",
    "*",
  ])("%s", async (Host) => {
    for (const path of ENDPOINTS) {
      const answer = await sendRaw(deployed.origin, { path, headers: { Host } });
      expect([path, answer.status]).toEqual([path, 403]);
      expect(answer.text).not.toContain("evil");
    }
  });

  it("an empty one, and none", async () => {
    expect((await sendRaw(deployed.origin, { path: "/mcp", headers: { Host: "" } })).status).toBe(403);
  });

  it("its own name in any case and with any port is served", async () => {
    for (const Host of ["mcp.example.com", "MCP.example.com", "mcp.example.com:8443"]) {
      expect((await sendRaw(deployed.origin, { path: "/mcp", headers: { Host } })).status).toBe(401);
    }
  });

  it("no Host makes a protected path one that is open", async () => {
    for (const Host of ["mcp.example.com/healthz", "mcp.example.com?", "mcp.example.com#"]) {
      const answer = await sendRaw(deployed.origin, { method: "POST", path: "/mcp", headers: { Host } });
      expect(answer.status).toBe(403);
    }
  });

  it.each(["/mcp/", "//mcp", "/mcp//", "/./mcp", "/x/../mcp", "/%6dcp", "/mcp;a=b", "/MCP", "/mcp%2f", "/mcp\\"])(
    "no spelling of the path gets by the token: %s",
    async (path) => {
      const answer = await sendRaw(attacked.origin, {
        method: "POST",
        path,
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" }),
      });
      expect([308, 401, 404, 400]).toContain(answer.status);
      expect(answer.text).not.toContain("whoami");
    },
  );

  it.each(["X-HTTP-Method-Override", "X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Host", "X-Forwarded-For"])(
    "no %s changes what is asked",
    async (name) => {
      const answer = await sendRaw(attacked.origin, { method: "POST", path: "/mcp", headers: { [name]: "/healthz" } });
      expect(answer.status).toBe(401);
    },
  );

  it.each(["http://evil.example/mcp/", "http://evil.example/mcp/?a=/", "//evil.example/mcp/"])(
    "a request line that names another host (%s) sends nobody there",
    async (path) => {
      const { status, headers } = await sendRaw(attacked.origin, { path });
      expect([308, 404, 401]).toContain(status);
      expect(String(headers.location ?? "")).not.toContain("evil.example");
    },
  );
});

describe("an Origin that is not ours may not call the MCP endpoint", () => {
  it.each([
    "https://evil.example",
    "null",
    "https://mcp.example.com.evil.example",
    "https://evil.example?https://mcp.example.com",
    "http://mcp.example.com",
    "https://mcp.example.com:8443",
    "https://sub.mcp.example.com",
    "http://localhost:3000",
    "http://127.0.0.1",
    "file://",
    "chrome-extension://abcdef",
    "",
  ])("%j, at a server on the internet", async (Origin) => {
    for (const method of ["POST", "GET", "OPTIONS", "DELETE"]) {
      const answer = await sendRaw(deployed.origin, {
        method,
        path: "/mcp",
        headers: { Host: "mcp.example.com", Origin },
      });
      expect([method, answer.status]).toEqual([method, 403]);
      // Any page may read that it is refused, and nothing of it differs by who asks.
      expect(answer.headers["access-control-allow-origin"]).toBe("*");
      expect(answer.headers).not.toHaveProperty("access-control-allow-credentials");
      expect(JSON.parse(answer.text)).toEqual({
        error: "access_denied",
        error_description:
          "This Origin may not call the server. Its operator can allow it with FASTMCP_HTTP_ALLOWED_ORIGINS.",
      });
    }
  });

  it("passes a preflight and is refused after it, before its token is looked at", async () => {
    const Origin = "https://evil.example";
    const preflight = await sendRaw(deployed.origin, {
      method: "OPTIONS",
      path: "/mcp",
      headers: {
        Host: "mcp.example.com",
        Origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, content-type",
      },
    });
    expect([preflight.status, preflight.headers["access-control-allow-origin"]]).toEqual([204, "*"]);
    const call = await sendRaw(deployed.origin, {
      method: "POST",
      path: "/mcp",
      headers: {
        Host: "mcp.example.com",
        Origin,
        Authorization: "Bearer none",
        "Content-Type": "application/json",
      },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" }),
    });
    expect(call.status).toBe(403);
    const logged = deployed.lines.filter(({ fields }) => "origin" in fields && fields.origin === Origin);
    expect(logged).toHaveLength(1);
  });

  it.each([
    "https://evil.example",
    "null",
    "http://localhost.evil.example",
    "http://127.0.0.1.evil.example",
    "http://2130706433.evil.example",
  ])("%j, at a server on this computer", async (Origin) => {
    const answer = await sendRaw(attacked.origin, { method: "POST", path: "/mcp", headers: { Origin } });
    expect(answer.status).toBe(403);
  });

  it("even with a good token", async () => {
    const { accessToken } = await attacked.login();
    const headers = { Origin: "https://evil.example", Authorization: `Bearer ${accessToken}` };
    expect((await sendRaw(attacked.origin, { method: "POST", path: "/mcp", headers })).status).toBe(403);
  });

  it("and two of them, of which one is ours, are none", async () => {
    const Origin = "https://mcp.example.com, https://evil.example";
    const answer = await sendRaw(deployed.origin, {
      method: "POST",
      path: "/mcp",
      headers: { Host: "mcp.example.com", Origin },
    });
    expect(answer.status).toBe(403);
  });

  it("its own may, and is not allowed to send cookies", async () => {
    const headers = { Host: "mcp.example.com", Origin: "https://mcp.example.com" };
    const answer = await sendRaw(deployed.origin, { method: "POST", path: "/mcp", headers });
    expect(answer.status).toBe(401);
    expect(answer.headers["access-control-allow-origin"]).toBe("https://mcp.example.com");
    expect(answer.headers["access-control-allow-credentials"]).toBeUndefined();
    expect(String(answer.headers.vary)).toContain("Origin");
  });
});

describe("endpoints for every Origin take no cookies from one", () => {
  it.each([
    "/register",
    "/token",
    "/revoke",
    "/.well-known/oauth-authorization-server",
    "/.well-known/oauth-protected-resource",
  ])("%s", async (path) => {
    const answer = await sendRaw(attacked.origin, {
      method: "OPTIONS",
      path,
      headers: { Origin: "https://a.example" },
    });
    expect([answer.status, answer.headers["access-control-allow-origin"]]).toEqual([204, "*"]);
    expect(answer.headers["access-control-allow-credentials"]).toBeUndefined();
  });

  it.each(["/authorize", "/consent", "/auth/callback", "/healthz"])("and %s is for none", async (path) => {
    for (const method of ["OPTIONS", "GET", "POST"]) {
      const answer = await sendRaw(attacked.origin, { method, path, headers: { Origin: "https://a.example" } });
      expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
    }
  });
});

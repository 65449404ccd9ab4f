import { describe, expect, it, onTestFinished } from "vitest";
import { silentLogger } from "../logger.ts";
import { createServer, type ProtectedServer } from "../server.ts";
import type { AccessRequirements } from "./access-requirements.ts";

const JWT = {
  FASTMCP_ENV_FILE: "",
  FASTMCP_SERVER_AUTH: "JWT",
  FASTMCP_SERVER_AUTH_JWT_JWKS_URI: "https://issuer.example.com/jwks.json",
  FASTMCP_SERVER_AUTH_JWT_ISSUER: "https://issuer.example.com/",
};

function serverWith(
  rule: AccessRequirements & { readonly authorize?: () => boolean },
  env: Record<string, string>,
): ProtectedServer {
  const server = createServer({ name: "test", version: "1", env, logger: silentLogger });
  server.registerTool("open", {}, () => "open");
  server.registerTool("guarded", rule, () => "guarded");
  onTestFinished(() => server.close());
  return server;
}

describe("a rule that nothing could enforce stops the start", () => {
  it.each([
    [{ requiredScopes: ["s"] }],
    [{ anyScope: ["s"] }],
    [{ requiredPermissions: ["p"] }],
    [{ requiredRoles: ["r"] }],
    [{ requiredOrganizations: ["org_acme"] }],
    [{ visibility: "hidden" as const }],
    [{ authorize: () => true }],
  ])("in a server that was asked to be open: %j", async (rule) => {
    const server = serverWith(rule, { FASTMCP_ENV_FILE: "", FASTMCP_SERVER_AUTH: "none" });
    await expect(server.app()).rejects.toThrow(/^guarded: the authorization fields .* can't be enforced/);
  });

  it("where nothing says which claim lists the roles, and names the variable that does", async () => {
    const server = serverWith({ requiredRoles: ["editor"] }, JWT);
    await expect(server.app()).rejects.toThrow(
      /^FASTMCP_SERVER_AUTH_JWT_ROLES_CLAIM: is not set\. guarded: required roles can't be enforced/,
    );
    const configured = serverWith(
      { requiredRoles: ["editor"] },
      { ...JWT, FASTMCP_SERVER_AUTH_JWT_ROLES_CLAIM: "https://example.com/roles" },
    );
    await expect(configured.app()).resolves.toBeDefined();
  });

  it("where a provider of one's own says nothing of roles", async () => {
    const auth = { baseUrl: undefined, authenticate: () => Promise.reject(new Error("unreached")) as never };
    const server = createServer({
      name: "test",
      version: "1",
      auth,
      env: { FASTMCP_ENV_FILE: "" },
      logger: silentLogger,
    });
    server.registerTool("guarded", { requiredRoles: ["editor"] }, () => "guarded");
    await expect(server.app()).rejects.toThrow("give it `roles`");
  });
});

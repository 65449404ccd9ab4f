import { systemClock } from "../../lib/clock.ts";
import { silentLogger } from "../../logger.ts";
import { createMemoryGuardStore } from "../../store/memory-guard-store.ts";
import type { AuthProviderContext } from "../auth-provider.ts";

/** What a server with an MCP endpoint at `/mcp` gives its provider. */
export function createTestContext(overrides: Partial<AuthProviderContext> = {}): AuthProviderContext {
  const clock = overrides.clock ?? systemClock;
  return {
    mcpPath: "/mcp",
    serverName: "Test server",
    registrationScopes: [],
    scopesAtLogin: [],
    store: createMemoryGuardStore({ clock }),
    accessTokenTtl: 3600,
    sessionTtl: 86_400,
    tokenEpoch: "",
    tokenFormat: "sealed",
    clock,
    logger: silentLogger,
    ...overrides,
  };
}

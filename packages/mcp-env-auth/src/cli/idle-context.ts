import type { ServerSettings } from "../env/server-settings.ts";
import { type Clock, systemClock } from "../lib/clock.ts";
import { type Logger, silentLogger } from "../logger.ts";
import type { AuthProviderContext } from "../providers/auth-provider.ts";
import type { GuardStore } from "../store/guard-store.ts";
import { createMemoryGuardStore } from "../store/memory-guard-store.ts";

/** The settings of a server that its provider is told of. */
export type IdleSettings = Pick<ServerSettings, "streamableHttpPath"> &
  Omit<
    AuthProviderContext,
    "mcpPath" | "serverName" | "registrationScopes" | "scopesAtLogin" | "store" | "clock" | "logger"
  >;

export interface IdleContextOptions {
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** Default: an empty one in memory. */
  readonly store?: GuardStore;
}

/** What a server would give its provider, for one that serves nothing. The scopes of its tools are not known. */
export function idleContext(settings: IdleSettings, options: IdleContextOptions = {}): AuthProviderContext {
  const { clock = systemClock, logger = silentLogger, store = createMemoryGuardStore({ clock }) } = options;
  return {
    ...settings,
    mcpPath: settings.streamableHttpPath,
    serverName: "MCP server",
    registrationScopes: [],
    scopesAtLogin: [],
    store,
    clock,
    logger,
  };
}

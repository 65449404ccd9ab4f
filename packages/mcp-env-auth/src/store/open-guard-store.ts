import { ConfigError } from "../errors.ts";
import type { Clock } from "../lib/clock.ts";
import { parseUrl } from "../lib/url.ts";
import type { Logger } from "../logger.ts";
import { type GuardStore, STORAGE_VARIABLE } from "./guard-store.ts";
import { createMemoryGuardStore } from "./memory-guard-store.ts";

export interface GuardStoreOptions {
  /**
   * What tells the entries of servers that share a Redis apart, such as BASE_URL. The same in every replica. Default:
   * nothing.
   */
  readonly namespace?: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * The guard store that FASTMCP_STORAGE_URL names: `memory://`, `redis://` or `rediss://` (TLS). A Redis that can't be
 * reached does not stop the start; this waits for it half a second at most. The Redis client is only loaded when it is
 * used.
 *
 * @throws ConfigError when the URL is none of these. Its value is never shown, since it may hold a password.
 */
export async function openGuardStore(url: string, options: GuardStoreOptions): Promise<GuardStore> {
  switch (parseUrl(url)?.protocol) {
    case "memory:":
      return createMemoryGuardStore(options);
    case "redis:":
    case "rediss:": {
      const { createRedisGuardStore } = await import("./redis-guard-store.ts");
      return createRedisGuardStore({ ...options, url });
    }
    default:
      throw new ConfigError([
        {
          variable: STORAGE_VARIABLE,
          message:
            "is not a storage URL. Set it to memory:// or to redis://user:password@host:6379 (rediss:// for TLS).",
        },
      ]);
  }
}

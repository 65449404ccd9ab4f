import { loadConfiguration } from "../../configuration/load-configuration.ts";
import type { ServerSettings } from "../../env/server-settings.ts";
import { silentLogger } from "../../logger.ts";
import type { Authentication } from "../../providers/auth-provider.ts";
import { type GuardStore, GuardStoreUnavailable } from "../../store/guard-store.ts";
import { openGuardStore } from "../../store/open-guard-store.ts";
import type { CliContext } from "../command.ts";
import { idleContext } from "../idle-context.ts";
import { createTerminal } from "../terminal.ts";

/** The logins of a server whose replicas share a Redis. */
export interface SharedLogins {
  readonly settings: ServerSettings;
  readonly store: GuardStore;
  /** Absent: the provider keeps none. */
  readonly records: Authentication["loginRecords"];
}

/**
 * Opens the Redis of the server that the environment describes, and closes it after `work`.
 *
 * @param withoutRedis What to do where there is none: a sentence.
 * @returns The exit code of `work`, or 1 with a message where there are no logins to reach, or Redis does not answer.
 * @throws ConfigError
 */
export async function withSharedLogins(
  context: CliContext,
  withoutRedis: string,
  work: (logins: SharedLogins) => Promise<number>,
): Promise<number> {
  const { settings, provider } = await loadConfiguration({
    processEnv: context.env,
    cwd: context.cwd,
    transport: "http",
  });
  if (provider === "none") {
    return fail(context, "FASTMCP_SERVER_AUTH is none: the server has no sessions.");
  }
  if (provider.upstream?.kind === "tokens") {
    return fail(
      context,
      "The server accepts the identity provider's own tokens and issues none. Sessions are at the provider: end them there.",
    );
  }
  if (settings.storageUrl.startsWith("memory:")) {
    return fail(
      context,
      `FASTMCP_STORAGE_URL names no Redis, so no other process can reach what the server knows. ${withoutRedis}`,
    );
  }
  const namespace = provider.baseUrl?.href;
  const { clock } = context;
  const store = await openGuardStore(settings.storageUrl, {
    ...(namespace === undefined ? {} : { namespace }),
    clock,
    logger: silentLogger,
  });
  try {
    const { loginRecords } = await provider.authenticate(idleContext(settings, { clock, store }));
    return await work({ settings, store, records: loginRecords });
  } catch (error) {
    if (!(error instanceof GuardStoreUnavailable)) {
      throw error;
    }
    return fail(context, `${error.message} Check FASTMCP_STORAGE_URL and the Redis server, and run this again.`);
  } finally {
    await store.close();
  }
}

function fail({ stderr, env }: CliContext, message: string): number {
  stderr.write(`${createTerminal(stderr, env).style("red", message)}\n`);
  return 1;
}

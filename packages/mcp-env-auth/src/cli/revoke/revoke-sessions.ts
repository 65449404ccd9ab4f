import { loadConfiguration } from "../../configuration/load-configuration.ts";
import { silentLogger } from "../../logger.ts";
import { LONGEST_ACCESS_TOKEN } from "../../proxy/tokens/denials.ts";
import { identityHash } from "../../proxy/tokens/sealed-tokens.ts";
import { DENIAL_OF_ALL, denialUntil, denies } from "../../store/guard-entry.ts";
import { type GuardStore, GuardStoreUnavailable } from "../../store/guard-store.ts";
import { openGuardStore } from "../../store/open-guard-store.ts";
import type { CliContext } from "../command.ts";
import { createTerminal } from "../terminal.ts";

/** `end`: the sessions that there are. `block`: those of later logins too. `undo`: neither any longer. */
export type RevokeMode = "end" | "block" | "undo";

/** Whose tokens are denied. */
export type RevokeTarget = (
  | { readonly subject: string; readonly client?: undefined }
  | { readonly client: string; readonly subject?: undefined }
) & { readonly mode: RevokeMode };

/** How the log names a client: `identityHash` of its id. */
const HASH = /^[A-Za-z0-9_-]{22}$/;

/**
 * The command `revoke`.
 *
 * @throws ConfigError
 */
export async function revoke(target: RevokeTarget, context: CliContext): Promise<number> {
  const { settings, provider } = await loadConfiguration({
    processEnv: context.env,
    cwd: context.cwd,
    transport: "http",
  });
  if (provider === "none") {
    return fail(context, "FASTMCP_SERVER_AUTH is none: the server has no sessions to end.");
  }
  if (provider.upstream?.kind === "tokens") {
    return fail(
      context,
      "The server accepts the identity provider's own tokens and issues none. End the session there.",
    );
  }
  if (settings.storageUrl.startsWith("memory:")) {
    return fail(
      context,
      "FASTMCP_STORAGE_URL names no Redis, so no other process can reach what the server has denied. To end all sessions, change FASTMCP_TOKEN_EPOCH to any other text in every replica and start them again; MCP clients stay registered, and their users log in again. With FASTMCP_STORAGE_URL=redis://… this command ends the sessions of one user or client at once.",
    );
  }
  const namespace = provider.baseUrl?.href;
  const store = await openGuardStore(settings.storageUrl, {
    ...(namespace === undefined ? {} : { namespace }),
    clock: context.clock,
    logger: silentLogger,
  });
  try {
    const ttl = Math.max(settings.sessionTtl, LONGEST_ACCESS_TOKEN);
    const now = context.clock();
    context.stdout.write(`${describe(target, await carryOut(target, store, now, ttl), now + ttl)}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof GuardStoreUnavailable)) {
      throw error;
    }
    return fail(context, `${error.message} Check FASTMCP_STORAGE_URL and the Redis server, and run this again.`);
  } finally {
    await store.close();
  }
}

/** Settles with what holds now: whoever is blocked already stays so. */
async function carryOut(target: RevokeTarget, store: GuardStore, now: number, ttl: number): Promise<RevokeMode> {
  const { subject, client, mode } = target;
  const [kind, id] =
    subject === undefined
      ? (["deny-client", HASH.test(client) ? client : identityHash(client)] as const)
      : (["deny-subject", identityHash(subject)] as const);
  if (mode === "undo") {
    await store.release(kind, id);
    return mode;
  }
  const block = mode === "block" || denies(await store.get(kind, id));
  await store.set(kind, id, block ? DENIAL_OF_ALL : denialUntil(now), ttl);
  return block ? "block" : "end";
}

function describe({ subject, client }: RevokeTarget, mode: RevokeMode, end: number): string {
  const who = subject === undefined ? `the client ${shorten(client)}` : `the user ${subject}`;
  const until = new Date(end * 1000).toISOString();
  switch (mode) {
    case "undo":
      return `Tokens of ${who} are accepted again, as far as they have not ended.`;
    case "block":
      return `Tokens of ${who} are refused by all replicas within two seconds, those of new logins too, until ${until}. To lift that before: the same command with --undo.`;
    case "end":
      return `The sessions that ${who} has now are refused by all replicas within two seconds. New logins are not: for that, the same command with --block.`;
  }
}

function shorten(client: string): string {
  return client.length > 60 ? `${client.slice(0, 24)}… (${identityHash(client)} in the log)` : client;
}

function fail({ stderr, env }: CliContext, message: string): number {
  stderr.write(`${createTerminal(stderr, env).style("red", message)}\n`);
  return 1;
}

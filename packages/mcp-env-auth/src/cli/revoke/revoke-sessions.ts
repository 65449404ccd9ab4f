import { LONGEST_ACCESS_TOKEN } from "../../proxy/tokens/denials.ts";
import { identityHash } from "../../proxy/tokens/sealed-tokens.ts";
import { DENIAL_OF_ALL, denialUntil, denies } from "../../store/guard-entry.ts";
import { type GuardStore, GuardStoreUnavailable } from "../../store/guard-store.ts";
import type { CliContext } from "../command.ts";
import { type SharedLogins, withSharedLogins } from "./shared-logins.ts";

const WITHOUT_REDIS =
  "To end all sessions, change FASTMCP_TOKEN_EPOCH to any other text in every replica and start them again; MCP clients stay registered, and their users log in again. With FASTMCP_STORAGE_URL=redis://… this command ends the sessions of one user or client at once.";

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
export function revoke(target: RevokeTarget, context: CliContext): Promise<number> {
  return withSharedLogins(context, WITHOUT_REDIS, async ({ settings, store, records }) => {
    const denial = denialOf(target);
    const ttl = Math.max(settings.sessionTtl, LONGEST_ACCESS_TOKEN);
    const now = context.clock();
    const earlier = await store.get(...denial);
    const mode = await carryOut(target.mode, denial, earlier, { store, now, ttl });
    const matching = mode === "undo" ? "" : describeMatching(await countMatching(denial, earlier, records));
    context.stdout.write(`${describe(target, mode, now + ttl)}${matching}\n`);
    return 0;
  });
}

type Denial = readonly [kind: "deny-client" | "deny-subject", id: string];

function denialOf({ subject, client }: RevokeTarget): Denial {
  return subject === undefined ? ["deny-client", clientHash(client)] : ["deny-subject", identityHash(subject)];
}

/**
 * How many recorded logins the denial has ended that an `earlier` one had not; `undefined` where the records can't be
 * read. The denial comes first: it must not fail, or wait, for a list.
 */
async function countMatching(
  [kind, id]: Denial,
  earlier: string | undefined,
  records: SharedLogins["records"],
): Promise<number | undefined> {
  try {
    const found = await records?.list(kind);
    return found?.records.filter(
      ({ subject, clientHash: client, since }) =>
        (kind === "deny-client" ? client : identityHash(subject)) === id && !denies(earlier, since),
    ).length;
  } catch (error) {
    if (error instanceof GuardStoreUnavailable) {
      return undefined;
    }
    throw error;
  }
}

function describeMatching(matching: number | undefined): string {
  if (matching === undefined) {
    return " Whether any login matched is unknown: there is no list of logins to compare with.";
  }
  return matching > 0
    ? ` Logins ended: ${matching}.`
    : " Nothing matched: Redis knows no such login. Check the spelling with the command sessions. Machines, and logins of earlier versions that have not been renewed, are not listed; the denial counts for them as well.";
}

function clientHash(client: string): string {
  return HASH.test(client) ? client : identityHash(client);
}

/** Settles with what holds now: whoever is blocked already stays so. */
async function carryOut(
  mode: RevokeMode,
  denial: Denial,
  earlier: string | undefined,
  { store, now, ttl }: { readonly store: GuardStore; readonly now: number; readonly ttl: number },
): Promise<RevokeMode> {
  if (mode === "undo") {
    await store.release(...denial);
    return mode;
  }
  const block = mode === "block" || denies(earlier);
  await store.set(...denial, block ? DENIAL_OF_ALL : denialUntil(now), ttl);
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

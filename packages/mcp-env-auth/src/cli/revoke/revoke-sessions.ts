import { LONGEST_ACCESS_TOKEN } from "../../proxy/tokens/denials.ts";
import { identityHash } from "../../proxy/tokens/sealed-tokens.ts";
import { DENIAL_OF_ALL, denialUntil, denies } from "../../store/guard-entry.ts";
import type { GuardStore } from "../../store/guard-store.ts";
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
    const matching = target.mode === "undo" ? undefined : await countMatching(target, records);
    const ttl = Math.max(settings.sessionTtl, LONGEST_ACCESS_TOKEN);
    const now = context.clock();
    const mode = await carryOut(target, store, now, ttl);
    context.stdout.write(`${[describe(target, mode, now + ttl), describeMatching(matching)].join("")}\n`);
    return 0;
  });
}

/** How many logins the denial is of, of those that are recorded. */
async function countMatching({ subject, client }: RevokeTarget, records: SharedLogins["records"]): Promise<number> {
  const found = await records.list();
  return found.records.filter((record) =>
    subject === undefined ? record.clientHash === clientHash(client ?? "") : record.subject === subject,
  ).length;
}

function describeMatching(matching: number | undefined): string {
  if (matching === undefined) {
    return "";
  }
  return matching > 0
    ? ` Logins ended: ${matching}.`
    : " Nothing matched: Redis knows no such login. Check the spelling with the command sessions. Machines, and logins of earlier versions that have not been renewed, are not listed; the denial counts for them as well.";
}

function clientHash(client: string): string {
  return HASH.test(client) ? client : identityHash(client);
}

/** Settles with what holds now: whoever is blocked already stays so. */
async function carryOut(target: RevokeTarget, store: GuardStore, now: number, ttl: number): Promise<RevokeMode> {
  const { subject, client, mode } = target;
  const [kind, id] =
    subject === undefined
      ? (["deny-client", clientHash(client)] as const)
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

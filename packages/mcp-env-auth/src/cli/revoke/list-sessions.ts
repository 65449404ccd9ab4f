import { printable } from "../../env/terminal-text.ts";
import { DAY } from "../../lib/clock.ts";
import type { LoginRecord } from "../../proxy/tokens/login-records.ts";
import { identityHash } from "../../proxy/tokens/sealed-tokens.ts";
import type { CliContext } from "../command.ts";
import { withSharedLogins } from "./shared-logins.ts";

/** Which logins are listed, and how. */
export interface SessionsQuery {
  readonly subject?: string | undefined;
  /** The client's id, or the 22 characters by which the log names it. */
  readonly client?: string | undefined;
  readonly json: boolean;
}

const WITHOUT_REDIS = "With FASTMCP_STORAGE_URL=redis://… this command lists the logins that it knows.";

/** As many lines fit where a person reads. */
const MAX_LINES = 1000;

/**
 * The command `sessions`.
 *
 * @throws ConfigError
 */
export function listSessions(query: SessionsQuery, context: CliContext): Promise<number> {
  return withSharedLogins(context, WITHOUT_REDIS, async ({ records }) => {
    if (records === undefined) {
      context.stderr.write("This provider keeps no records of logins.\n");
      return 1;
    }
    const list = await records.list();
    const found = list.records
      .filter((record) => matches(record, query))
      .sort((one, other) => other.lastUse - one.lastUse);
    if (query.json) {
      context.stdout.write(`${JSON.stringify(found.map(toJson), null, 2)}\n`);
    } else {
      context.stdout.write(describe(found, context.clock()));
    }
    if (list.unreadable > 0) {
      context.stderr.write(
        `Records under other keys, and so not shown: ${list.unreadable}. They belong to an earlier signing key, application or FASTMCP_TOKEN_EPOCH, whose sessions have ended.\n`,
      );
    }
    return 0;
  });
}

function matches({ subject, clientHash }: LoginRecord, query: SessionsQuery): boolean {
  const { client } = query;
  return (
    (query.subject === undefined || subject === query.subject) &&
    (client === undefined || clientHash === client || clientHash === identityHash(client))
  );
}

function toJson({ clientHash, clientName, since, lastUse, expiresAt, ...rest }: LoginRecord) {
  return {
    ...rest,
    client: clientHash,
    clientName,
    ...{ since: toDate(since), lastUse: toDate(lastUse), expiresAt: toDate(expiresAt) },
  };
}

function toDate(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

function describe(records: readonly LoginRecord[], now: number): string {
  if (records.length === 0) {
    return "No logins. Those of earlier versions are listed once they are renewed; machines are not listed.\n";
  }
  const header = ["USER", "CLIENT", "SINCE", "LAST USE", "LOGIN"];
  const rows = records
    .slice(0, MAX_LINES)
    .map((record) => [
      printable(record.organization === undefined ? record.subject : `${record.subject} (${record.organization})`),
      printable(record.clientName === undefined ? record.clientHash : `${record.clientName} (${record.clientHash})`),
      toDate(record.since).slice(0, 16).replace("T", " "),
      ago(now - record.lastUse),
      record.login,
    ]);
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const lines = [header, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const more = records.length > MAX_LINES ? [`… and ${records.length - MAX_LINES} more: --json lists all`] : [];
  return `${[...lines, ...more].join("\n")}\n`;
}

/** A span of time, roughly. */
function ago(seconds: number): string {
  const [size, unit] = [
    [DAY, "d"],
    [3600, "h"],
    [60, "min"],
  ].find(([length]) => seconds >= Number(length)) ?? [0, ""];
  return size === 0 ? "now" : `${Math.floor(seconds / Number(size))} ${unit} ago`;
}

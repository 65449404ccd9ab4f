import { BoundedMap } from "../../lib/bounded-map.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../logger.ts";
import { createKeyring, type RootKeys } from "../../sealing/keyring.ts";
import { type PayloadField, packPayload, unpackPayload } from "../../sealing/payload.ts";
import type { GuardClass, GuardStore } from "../../store/guard-store.ts";
import { denialsOfSession } from "./denials.ts";
import { identityHash } from "./sealed-tokens.ts";

/** A login that has not ended, as an operator sees it. Times are seconds since the Unix epoch. */
export interface LoginRecord {
  /** As the log names it. */
  readonly login: string;
  readonly subject: string;
  /** Absent: a login through none. */
  readonly organization?: string | undefined;
  /** As the log names the client. */
  readonly clientHash: string;
  /** What the client calls itself, or the host of its document. Not verified. */
  readonly clientName?: string | undefined;
  readonly since: number;
  /** The last token that was issued, or the last call: up to a minute late. */
  readonly lastUse: number;
  /** When it ends unless it is renewed. */
  readonly expiresAt: number;
}

/** What is known of all logins: the records, and how many could not be opened with this configuration's keys. */
export interface LoginList {
  readonly records: readonly LoginRecord[];
  readonly unreadable: number;
}

/** Records of logins, for operators. They decide nothing. */
export interface LoginRecords {
  /** Notes a login, or that it was renewed. Never fails, and nothing waits for it. */
  note(record: Omit<LoginRecord, "lastUse">): void;
  /** Notes a call. Writes once a minute for each login, in each process. */
  use(login: string): void;
  /**
   * Those that are not denied, or only by a denial of the class `ignored`.
   *
   * @throws GuardStoreUnavailable
   */
  list(ignored?: GuardClass): Promise<LoginList>;
}

export interface LoginRecordsOptions {
  readonly rootKeys: RootKeys;
  readonly issuer: string;
  readonly tokenEpoch: string;
  readonly providerClassPath: string;
  readonly upstreamClientId: string;
  /** FASTMCP_SESSION_TTL, seconds. */
  readonly sessionTtl: number;
  readonly store: GuardStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Seconds between two notes of calls. */
const USE_INTERVAL = 60;

/** How many logins that called a moment ago are remembered. Beyond that, some are noted more often. */
const MAX_RECENT = 10_000;

const MAX_CLIENT_NAME = 100;

/**
 * Records in the directory of the store. Each is sealed under a key of its own, bound to issuer, provider and epoch, so
 * that a reader of the store learns nothing, and names its login, so that none passes for another's. Absent where the
 * store has no directory: then nobody could list them.
 */
export function createLoginRecords(options: LoginRecordsOptions): LoginRecords | undefined {
  const { store, clock, logger, sessionTtl } = options;
  const { directory } = store;
  if (directory === undefined) {
    return undefined;
  }
  const { issuer, tokenEpoch, providerClassPath, upstreamClientId } = options;
  const context = ["login records", issuer, tokenEpoch, providerClassPath, upstreamClientId];
  const keyring = createKeyring(options.rootKeys, context);
  const recent = new BoundedMap<true>({ capacity: MAX_RECENT, whenFull: "evict", clock });

  const seal = (fields: readonly PayloadField[]) => keyring.seal("record", packPayload(fields));
  async function open(sealed: string): Promise<readonly unknown[] | undefined> {
    const opened = await keyring.open("record", sealed);
    return opened && unpackPayload(opened.payload)?.fields;
  }

  async function write(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      logger.debug({ event: "login-not-recorded", err: error }, "The store could not keep the record of a login");
    }
  }

  async function readRecord(id: string, value: string, mark: string | undefined): Promise<LoginRecord | undefined> {
    const record = toRecord(await open(value));
    if (record === undefined || identityHash(record.login) !== id) {
      return undefined;
    }
    const [login, used] = (mark === undefined ? undefined : await open(mark)) ?? [];
    return login === record.login && typeof used === "number" && used > record.lastUse
      ? { ...record, lastUse: used }
      : record;
  }

  return {
    note({ login, subject, organization, clientHash, clientName, since, expiresAt }) {
      const now = Math.floor(clock());
      recent.set(login, true, now + USE_INTERVAL);
      void write(async () => {
        const name = clientName?.slice(0, MAX_CLIENT_NAME) ?? null;
        const fields = [login, subject, organization ?? null, clientHash, name, since, now, expiresAt];
        await directory.put(identityHash(login), await seal(fields), Math.max(1, expiresAt - now));
      });
    },

    use(login) {
      if (recent.has(login)) {
        return;
      }
      const now = Math.floor(clock());
      recent.set(login, true, now + USE_INTERVAL);
      void write(async () => directory.mark(identityHash(login), await seal([login, now]), sessionTtl));
    },

    async list(ignored) {
      const records: LoginRecord[] = [];
      let unreadable = 0;
      for await (const page of directory.pages()) {
        const read = await Promise.all(page.map(({ id, value, mark }) => readRecord(id, value, mark)));
        unreadable += read.filter((record) => record === undefined).length;
        for (const record of read) {
          if (record !== undefined && (await store.denied(denialsOfRecord(record, ignored))) === undefined) {
            records.push(record);
          }
        }
      }
      return { records, unreadable };
    },
  };
}

function denialsOfRecord({ login, subject, clientHash, since }: LoginRecord, ignored: GuardClass | undefined) {
  const session = { family: login, loginTime: since, subjectHash: identityHash(subject), clientHash };
  return denialsOfSession(session).filter(([kind]) => kind !== ignored);
}

function toRecord(fields: readonly unknown[] | undefined): LoginRecord | undefined {
  const [login, subject, organization, clientHash, clientName, since, lastUse, expiresAt] = fields ?? [];
  if (
    ![login, subject, clientHash].every((text) => typeof text === "string") ||
    ![since, lastUse, expiresAt].every((time) => typeof time === "number")
  ) {
    return undefined;
  }
  return {
    ...{ login: login as string, subject: subject as string, clientHash: clientHash as string },
    ...{ since: since as number, lastUse: lastUse as number, expiresAt: expiresAt as number },
    ...(typeof organization === "string" && { organization }),
    ...(typeof clientName === "string" && { clientName }),
  };
}

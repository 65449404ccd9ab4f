import { randomId } from "../lib/secrets.ts";
import { GuardStoreUnavailable } from "../store/guard-store.ts";
import type { ChannelName, SealedChannels } from "./sealed-channels.ts";
import type { Session } from "./sessions.ts";

/** What the replica that holds the stream of a session is to do. */
export type StreamOrder =
  | { readonly act: "subscribe" | "unsubscribe"; readonly uri: string }
  /** The stream is somewhere else now, or the session is over. */
  | { readonly act: "end" };

/** What came of an order: done, or why not. */
export interface StreamReport {
  readonly refused?: string | undefined;
}

/** Reaches the replica that holds the stream of a session. */
export interface StreamRelay {
  /**
   * Has `obey` called with each order for the stream of `session`: `undefined` where another replica is to report.
   * Returns what ends it.
   *
   * @throws GuardStoreUnavailable
   */
  listen(session: Session, obey: (order: StreamOrder) => Promise<StreamReport | undefined>): Promise<() => void>;
  /** Resolves with `undefined` where no replica holds the stream. @throws GuardStoreUnavailable, ValueTooLong */
  order(session: Session, order: StreamOrder): Promise<StreamReport | undefined>;
}

/** How long another replica may take to report, in milliseconds. */
const REPORT_TIMEOUT = 3000;

export function createStreamRelay(channels: SealedChannels): StreamRelay {
  return {
    listen: (session, obey) =>
      channels.listen(channelOf(session), async (value) => {
        const { order, reply } = value as { readonly order: StreamOrder; readonly reply: string };
        const report = await obey(order);
        if (report !== undefined) {
          // Without a report, whoever asked gives up after a while, and says so.
          await channels.say(reportChannel(reply), report).catch(() => {});
        }
      }),

    async order(session, order) {
      const reply = randomId();
      let take: (report: StreamReport) => void = () => {};
      const reported = new Promise<StreamReport>((resolve) => {
        take = resolve;
      });
      const stop = await channels.listen(reportChannel(reply), (report) => take(report as StreamReport));
      try {
        const holders = await channels.say(channelOf(session), { order, reply });
        return holders === 0 ? undefined : await inTime(reported);
      } finally {
        stop();
      }
    },
  };
}

async function inTime(reported: Promise<StreamReport>): Promise<StreamReport> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    const error = new GuardStoreUnavailable("Another replica does not answer.");
    timer = setTimeout(() => reject(error), REPORT_TIMEOUT);
  });
  try {
    return await Promise.race([reported, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

function channelOf({ key }: Session): ChannelName {
  return ["stream", key];
}

function reportChannel(reply: string): ChannelName {
  return ["stream report", reply];
}

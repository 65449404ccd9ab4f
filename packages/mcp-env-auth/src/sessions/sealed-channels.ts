import { sha256Base64url } from "../lib/secrets.ts";
import type { MessageBus } from "../store/guard-store.ts";
import type { Sealer } from "./session-id.ts";

/** What tells a channel from all others. */
export type ChannelName = readonly string[];

/** Passes values of JSON among the replicas that share a Redis. */
export interface SealedChannels {
  /** Has `take` called with each value that is said at another replica, or here. Returns what ends it. */
  listen(name: ChannelName, take: (value: unknown) => void): Promise<() => void>;
  /** Resolves with the number of replicas that got the value. @throws ValueTooLong, GuardStoreUnavailable */
  say(name: ChannelName, value: unknown): Promise<number>;
}

/** The most bytes of JSON that pass between replicas at once: what is sealed may not be longer. */
export const MAX_PASSED_BYTES = 48_000;

/** There is more to say than {@link MAX_PASSED_BYTES}. */
export class ValueTooLong extends Error {
  override readonly name = "ValueTooLong";
}

/**
 * Channels through the message bus. What Redis sees of a name is a hash, and of a value what is sealed for that name
 * alone.
 */
export function createSealedChannels(bus: MessageBus, sealer: Sealer): SealedChannels {
  return {
    async listen(name, take) {
      const channel = hashOf(name);
      return bus.subscribe(channel, async (sealed) => {
        const opened = await sealer.open("reply", sealed);
        const [meant, value] = opened === undefined ? [] : parse(opened.payload);
        if (meant === channel && value !== undefined) {
          take(value);
        }
      });
    },

    async say(name, value) {
      const channel = hashOf(name);
      const payload = Buffer.from(JSON.stringify([channel, value]), "utf8");
      if (payload.length > MAX_PASSED_BYTES) {
        throw new ValueTooLong(`What passes between replicas may have ${MAX_PASSED_BYTES} bytes.`);
      }
      return bus.publish(channel, await sealer.seal("reply", payload));
    },
  };
}

function hashOf(name: ChannelName): string {
  return sha256Base64url(JSON.stringify(name));
}

function parse(payload: Uint8Array): [string?, unknown?] {
  return JSON.parse(Buffer.from(payload).toString("utf8")) as [string, unknown];
}

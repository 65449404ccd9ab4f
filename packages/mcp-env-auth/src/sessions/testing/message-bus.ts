import type { MessageBus } from "../../store/guard-store.ts";

/** What passes messages among the replicas of a test, and what passed. */
export function newBus() {
  const listeners = new Map<string, Set<(message: string) => void>>();
  const sent: string[] = [];
  const bus: MessageBus = {
    async subscribe(channel, listener) {
      listeners.set(channel, (listeners.get(channel) ?? new Set()).add(listener));
      return () => void listeners.get(channel)?.delete(listener);
    },
    async publish(channel, message) {
      sent.push(channel, message);
      const found = [...(listeners.get(channel) ?? [])];
      for (const listener of found) {
        listener(message);
      }
      return found.length;
    },
  };
  return { bus, sent };
}

/** A bus while Redis does not answer. */
export function brokenBus(error: Error): MessageBus {
  const down = async () => {
    throw error;
  };
  return { subscribe: down, publish: down };
}

import type { Clock } from "../../clock.ts";
import type { GuardStore } from "../../store/guard-store.ts";

export function createMemoryGuardStore({ clock }: { clock: Clock }): GuardStore {
  const map = new Map<string, { value: string; end: number }>();
  const get = (kind: string, id: string) => {
    const found = map.get(`${kind} ${id}`);
    return found && found.end > clock() ? found.value : undefined;
  };
  return {
    async claim(kind, id, ttl) {
      if (get(kind, id) !== undefined) return false;
      map.set(`${kind} ${id}`, { value: "1", end: clock() + ttl });
      return true;
    },
    async release(kind, id) {
      map.delete(`${kind} ${id}`);
    },
    async get(kind, id) {
      return get(kind, id);
    },
    async set(kind, id, value, ttl) {
      map.set(`${kind} ${id}`, { value, end: clock() + ttl });
    },
    async denied(entries) {
      return entries.find(([kind, id]) => get(kind, id) !== undefined)?.[0];
    },
    async healthy() {
      return true;
    },
    async close() {},
  };
}

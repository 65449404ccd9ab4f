import { describePlace } from "./places.ts";
import { MAX_PLACES, tooManyPlaces } from "./saved-places-limit.ts";
import type { SavedPlaces } from "./saved-places-store.ts";

/** How many users are remembered in memory; whoever has not saved for longest is forgotten first. */
const MAX_OWNERS = 10_000;

/**
 * Opens the store that a URL names: Redis for `redis://…` and `rediss://…`, which outlives the process and is shared by
 * replicas; else this process's memory.
 */
export async function openSavedPlaces(storageUrl = "memory://"): Promise<SavedPlaces> {
  if (!/^rediss?:/i.test(storageUrl)) {
    return savedPlacesInMemory();
  }
  const { savedPlacesInRedis } = await import("./redis-saved-places.ts");
  return savedPlacesInRedis(storageUrl);
}

function savedPlacesInMemory(): SavedPlaces {
  const owners = new Map<string, Set<string>>();
  return {
    async save(owner, place) {
      const places = owners.get(owner) ?? new Set();
      if (places.size >= MAX_PLACES && !places.has(describePlace(place))) {
        throw tooManyPlaces();
      }
      places.add(describePlace(place));
      owners.delete(owner);
      owners.set(owner, places);
      if (owners.size > MAX_OWNERS) {
        owners.delete(owners.keys().next().value as string);
      }
    },
    async list(owner) {
      return [...(owners.get(owner) ?? [])].toSorted();
    },
    async remove(owner, description) {
      return owners.get(owner)?.delete(description) ?? false;
    },
    async close() {},
  };
}

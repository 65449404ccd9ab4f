import { ToolError } from "mcp-env-auth";
import type { Place } from "./places.ts";
import { describePlace } from "./places.ts";

/** The places that users keep, each user's own. `owner` must tell users of all identity providers apart. */
export interface SavedPlaces {
  /** Keeping a place again changes nothing. Rejects with `ToolError` when `owner` has {@link MAX_PLACES}. */
  save(owner: string, place: Place): Promise<void>;
  /** Descriptions such as `Berlin, Germany`, in alphabetical order. */
  list(owner: string): Promise<string[]>;
  /** False when there was no such place. */
  remove(owner: string, description: string): Promise<boolean>;
  close(): Promise<void>;
}

/** How many places one user may keep. */
export const MAX_PLACES = 50;

/** How many users are remembered in memory; whoever has not saved for longest is forgotten first. */
const MAX_OWNERS = 10_000;

/**
 * Opens the store that a URL names: Redis for `redis://…` and `rediss://…`, which
 * outlives the process and is shared by replicas; else this process's memory.
 */
export async function openSavedPlaces(storageUrl = "memory://"): Promise<SavedPlaces> {
  if (!/^rediss?:/i.test(storageUrl)) return savedPlacesInMemory();
  const { savedPlacesInRedis } = await import("./redis-saved-places.ts");
  return savedPlacesInRedis(storageUrl);
}

function savedPlacesInMemory(): SavedPlaces {
  const owners = new Map<string, Set<string>>();
  return {
    async save(owner, place) {
      const places = owners.get(owner) ?? new Set();
      if (places.size >= MAX_PLACES && !places.has(describePlace(place))) throw tooManyPlaces();
      places.add(describePlace(place));
      owners.delete(owner);
      owners.set(owner, places);
      if (owners.size > MAX_OWNERS) owners.delete(owners.keys().next().value as string);
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

export function tooManyPlaces(): ToolError {
  return new ToolError(`You have saved ${MAX_PLACES} places already. Remove one first.`);
}

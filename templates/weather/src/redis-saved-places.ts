import { createHash } from "node:crypto";
import { createClient } from "@redis/client";
import { ToolError } from "mcp-env-auth";
import { describePlace } from "./places.ts";
import { MAX_PLACES, tooManyPlaces } from "./saved-places-limit.ts";
import type { SavedPlaces } from "./saved-places-store.ts";

/** Keeps places in Redis: one set for each user, under a hash of who they are. */
export async function savedPlacesInRedis(url: string): Promise<SavedPlaces> {
  const redis = createClient({ url, disableOfflineQueue: true, socket: { connectTimeout: 2000 } });
  // The client connects again by itself; a command meanwhile says that Redis is away.
  redis.on("error", () => {});
  redis.connect().catch(() => {});

  async function reachable<T>(command: Promise<T>): Promise<T> {
    try {
      return await command;
    } catch (cause) {
      throw new ToolError("Saved places can't be reached at the moment. Try again in a minute.", { cause });
    }
  }

  return {
    async save(owner, place) {
      const key = keyOf(owner);
      await reachable(redis.sAdd(key, describePlace(place)));
      if ((await reachable(redis.sCard(key))) <= MAX_PLACES) {
        return;
      }
      await reachable(redis.sRem(key, describePlace(place)));
      throw tooManyPlaces();
    },
    async list(owner) {
      return (await reachable(redis.sMembers(keyOf(owner)))).toSorted();
    },
    async remove(owner, description) {
      return (await reachable(redis.sRem(keyOf(owner), description))) > 0;
    },
    async close() {
      redis.destroy();
    },
  };
}

function keyOf(owner: string): string {
  return `weather:places:${createHash("sha256").update(owner).digest("base64url")}`;
}

import type { Place } from "./places.ts";

/** The places that users keep, each user's own. `owner` must tell users of all identity providers apart. */
export interface SavedPlaces {
  /** Keeping a place again changes nothing. Rejects with `ToolError` when `owner` has `MAX_PLACES`. */
  save(owner: string, place: Place): Promise<void>;
  /** Descriptions such as `Berlin, Germany`, in alphabetical order. */
  list(owner: string): Promise<string[]>;
  /** False when there was no such place. */
  remove(owner: string, description: string): Promise<boolean>;
  close(): Promise<void>;
}

import { ToolError } from "mcp-env-auth";

/** How many places one user may keep. */
export const MAX_PLACES = 50;

/** The error for a user who has {@link MAX_PLACES}. */
export function tooManyPlaces(): ToolError {
  return new ToolError(`You have saved ${MAX_PLACES} places already. Remove one first.`);
}

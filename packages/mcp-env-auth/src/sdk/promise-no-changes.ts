// A file of its own: a lazy seam. `protect()` uses it before the SDK is loaded, so it imports types only.
import type { McpServer, Server } from "@modelcontextprotocol/server";

/**
 * Has a server for clients up to 2025-11-25 promise no news of changes: over HTTP without sessions, they have no stream
 * for it.
 */
export function promiseNoChanges(built: McpServer | Server): void {
  const server = "server" in built ? built.server : built;
  const { tools, prompts, resources } = server.getCapabilities();
  server.registerCapabilities({
    ...(tools && { tools: { listChanged: false } }),
    ...(prompts && { prompts: { listChanged: false } }),
    ...(resources && { resources: { listChanged: false, subscribe: false } }),
  });
}

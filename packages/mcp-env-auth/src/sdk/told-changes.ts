import type { McpServer, Server, ServerEvent } from "@modelcontextprotocol/server";

/** The changes that a server says it tells of. */
export type ToldChanges = ReadonlySet<ServerEvent["kind"]>;

/** The changes that `built` declares in its capabilities (MCP 2025-11-25, Lifecycle, Capability Negotiation). */
export function toldChanges(built: McpServer | Server): ToldChanges {
  const server = "server" in built ? built.server : built;
  const { tools, prompts, resources } = server.getCapabilities();
  const declared: readonly (readonly [ServerEvent["kind"], boolean | undefined])[] = [
    ["tools_list_changed", tools?.listChanged],
    ["prompts_list_changed", prompts?.listChanged],
    ["resources_list_changed", resources?.listChanged],
    ["resource_updated", resources?.subscribe],
  ];
  return new Set(declared.filter(([, isTold]) => isTold === true).map(([kind]) => kind));
}

/**
 * Has a server for clients up to 2025-11-25 promise news of changes where they have a session, and so may have a stream
 * for it, and none where they have not.
 *
 * @param begin begins the session, of an `initialize`; absent where there can be none.
 */
export function promiseChanges(built: McpServer | Server, begin: (() => void) | undefined): void {
  if (toldChanges(built).size === 0) {
    return;
  }
  if (begin !== undefined) {
    begin();
    return;
  }
  const server = "server" in built ? built.server : built;
  const { tools, prompts, resources } = server.getCapabilities();
  server.registerCapabilities({
    ...(tools && { tools: { listChanged: false } }),
    ...(prompts && { prompts: { listChanged: false } }),
    ...(resources && { resources: { listChanged: false, subscribe: false } }),
  });
}

import type { McpServer, Server, ServerEvent } from "@modelcontextprotocol/server";

/** The lists whose changes anybody may learn of: that a list has changed says nothing of what is in it. */
const LISTS: Readonly<Record<string, ServerEvent>> = {
  "notifications/tools/list_changed": { kind: "tools_list_changed" },
  "notifications/prompts/list_changed": { kind: "prompts_list_changed" },
  "notifications/resources/list_changed": { kind: "resources_list_changed" },
};

const RESOURCE_UPDATED = "notifications/resources/updated";

/**
 * Has the changes that a server for one request tells of itself (`sendToolListChanged` and its like) reach `publish`:
 * its own connection ends with the request. A change of a resource is refused, since it names a URI and no recipients.
 */
export function publishChanges(built: McpServer | Server, publish: (event: ServerEvent) => void): void {
  const server = "server" in built ? built.server : built;
  const notification = server.notification.bind(server);
  server.notification = async (message, options) => {
    const event = Object.hasOwn(LISTS, message.method) ? LISTS[message.method] : undefined;
    if (event !== undefined) {
      publish(event);
      return;
    }
    if (message.method === RESOURCE_UPDATED) {
      throw new Error(
        "sendResourceUpdated() reaches nobody behind protect(), since it doesn't say who may learn of the change. Call notify.resourceUpdated(uri, { to }) of what protect() returned.",
      );
    }
    await notification(message, options);
  };
}

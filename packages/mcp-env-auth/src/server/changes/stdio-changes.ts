import { type McpRequestContext, type McpServer, ResourceNotFoundError } from "@modelcontextprotocol/server";
import type { AccessRules } from "../../authorization/access-policy.ts";
import type { Change, Changes } from "./changes.ts";

/**
 * Tells the client on stdio of changes while `built` serves it. There is only one, without a token, so it does not
 * matter whom a change is meant for. With 2026-07-28 the SDK keeps the client's subscriptions; with revisions up to
 * 2025-11-25 those to resources are kept here, and changed lists are told unasked.
 */
export function notifyOnStdio(
  { server }: McpServer,
  era: McpRequestContext["era"],
  changes: Changes,
  rules: AccessRules,
) {
  const subscribed = new Set<string>();
  const capabilities = server.getCapabilities();
  if (era === "legacy" && capabilities.resources?.subscribe) {
    server.setRequestHandler("resources/subscribe", ({ params: { uri } }) => {
      if (rules({ kind: "resource", name: uri }) === undefined) {
        throw new ResourceNotFoundError(uri);
      }
      subscribed.add(uri);
      return {};
    });
    server.setRequestHandler("resources/unsubscribe", ({ params: { uri } }) => {
      subscribed.delete(uri);
      return {};
    });
  }
  const tell = ({ event }: Change) => {
    if (event.kind === "resources_list_changed") {
      return server.sendResourceListChanged();
    }
    if (event.kind !== "resource_updated" || (era === "legacy" && !subscribed.has(event.uri))) {
      return undefined;
    }
    return server.sendResourceUpdated({ uri: event.uri });
  };
  // Whoever has gone is told nothing.
  const stop = changes.subscribe((change) => void tell(change)?.catch(() => {}));
  const { onclose } = server;
  server.onclose = () => {
    stop();
    onclose?.();
  };
}

import type { ServerNotifier } from "@modelcontextprotocol/server";
import { parseUrl } from "../../lib/url.ts";
import type { ResourceCapabilities } from "../server-options.ts";
import type { Changes, Recipients } from "./changes.ts";

export interface NotifyOptions {
  readonly to: Recipients;
}

/**
 * The SDK's `ServerNotifier`, for what can change while the server runs: its registrations stand still. It reaches
 * subscribed clients (`subscriptions/listen`) of this process, and the client on stdio. Without any it does nothing.
 */
export interface ChangeNotifier {
  /**
   * Sends `notifications/resources/updated` for `uri` to who subscribed to it and may read it: the rule of the resource
   * and its `authorize` are asked for each. What the handler itself refuses is not known here.
   *
   * @param options `to` narrows it, such as to one user where one URI is each user's own. Default: everyone. Without
   * tokens nobody can be told apart: in an open server a function is `to` nobody, and on stdio there is only one
   * client.
   * @throws Error unless the server was created with `capabilities: { resources: { subscribe: true } }`.
   */
  resourceUpdated(uri: string, options?: NotifyOptions): void;
  /**
   * Sends `notifications/resources/list_changed` to who subscribed to it and sees what a template lists.
   *
   * @throws Error unless the server was created with `capabilities: { resources: { listChanged: true } }`.
   */
  resourcesChanged(options?: NotifyOptions): void;
}

export function createChangeNotifier(changes: Changes, declared: ResourceCapabilities): ChangeNotifier {
  return {
    resourceUpdated(uri, options = EVERYONE) {
      needs("resourceUpdated", "subscribe");
      // As lists spell it.
      changes.publish({ kind: "resource_updated", uri: parseUrl(uri)?.href ?? uri }, recipientsIn(options));
    },
    resourcesChanged(options = EVERYONE) {
      needs("resourcesChanged", "listChanged");
      changes.publish({ kind: "resources_list_changed" }, recipientsIn(options));
    },
  };

  function needs(method: string, capability: keyof ResourceCapabilities): void {
    if (declared[capability] === true) {
      return;
    }
    throw new Error(
      `notify.${method}() reaches nobody, since clients subscribe to what is advertised. Create the server with capabilities: { resources: { ${capability}: true } }.`,
    );
  }
}

/**
 * The SDK's `ServerNotifier` for a server behind `protect()`. Nothing here knows who may read what of it, so each call
 * says who is to learn of the change.
 */
export type ProtectedNotifier = {
  readonly [Method in keyof ServerNotifier]: (...args: [...Parameters<ServerNotifier[Method]>, NotifyOptions]) => void;
};

export function createProtectedNotifier(changes: Changes): ProtectedNotifier {
  return {
    toolsChanged: (options) => changes.publish({ kind: "tools_list_changed" }, recipientsIn(options)),
    promptsChanged: (options) => changes.publish({ kind: "prompts_list_changed" }, recipientsIn(options)),
    resourcesChanged: (options) => changes.publish({ kind: "resources_list_changed" }, recipientsIn(options)),
    resourceUpdated: (uri, options) => changes.publish({ kind: "resource_updated", uri }, recipientsIn(options)),
  };
}

const EVERYONE: NotifyOptions = { to: "everyone" };

/** Without types, a misspelt `to` would tell everyone what is meant for one. */
function recipientsIn(options: Partial<NotifyOptions> | undefined): Recipients {
  const to = options?.to;
  if (to === "everyone" || typeof to === "function") {
    return to;
  }
  throw new TypeError(
    'notify needs to know whom: { to: "everyone" }, or a function of the subscriber\'s access token.',
  );
}

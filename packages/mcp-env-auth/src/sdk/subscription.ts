import { AsyncLocalStorage } from "node:async_hooks";
import type { ServerResponse } from "node:http";
import type { ServerEvent, ServerEventBus } from "@modelcontextprotocol/server";
import { drained } from "./web-response.ts";

/** What streams are subscribed to. */
export interface ChangeBus extends ServerEventBus {
  /** Whether the caller of the current request may learn of a change, whoever it is meant for. */
  mayLearn(event: ServerEvent): boolean | Promise<boolean>;
}

/** The stream that a request for `subscriptions/listen` opens, or that of a session. */
export interface Subscription {
  /** Whether the client asked to be told of `event`. */
  wants(event: ServerEvent): boolean;
  /** Whether the client has not taken what was sent to it. */
  isFull(): boolean;
  /** Settles when the stream takes more, or its client has gone. */
  drained(): Promise<void>;
  /** Ends the stream at once, whatever its client has not taken. */
  cut(): void;
}

/** The member of the filter that asks for each kind of list. */
const LISTS = {
  tools_list_changed: "toolsListChanged",
  prompts_list_changed: "promptsListChanged",
  resources_list_changed: "resourcesListChanged",
} as const;

/**
 * The subscription that `body` asks for on `response`.
 *
 * @param end tells the SDK's handler that the client has gone.
 */
export function createSubscription(body: unknown, response: ServerResponse, end: () => void): Subscription {
  const filter = filterIn(body);
  const uris = new Set(Array.isArray(filter.resourceSubscriptions) ? filter.resourceSubscriptions : []);
  return subscriptionOn(response, {
    wants: (event) => (event.kind === "resource_updated" ? uris.has(event.uri) : filter[LISTS[event.kind]] === true),
    end,
  });
}

export interface SubscriptionParts extends Pick<Subscription, "wants"> {
  /** Ends what serves the stream. */
  end(): void;
}

/** A subscription whose changes go out on `response`. */
export function subscriptionOn(response: ServerResponse, { wants, end }: SubscriptionParts): Subscription {
  return {
    wants,
    isFull: () => response.writableNeedDrain,
    drained: async () => (response.writableNeedDrain ? drained(response) : undefined),
    cut() {
      end();
      response.destroy();
    },
  };
}

function filterIn(body: unknown): Readonly<Record<string, unknown>> {
  return (body as { params?: { notifications?: Record<string, unknown> | null } | null }).params?.notifications ?? {};
}

const current = new AsyncLocalStorage<Subscription>();

/** The subscription of the request being served, where it asks for one. */
export function currentSubscription(): Subscription | undefined {
  return current.getStore();
}

/** Runs `callback` with `subscription` as the one that {@link currentSubscription} returns. */
export function runWithSubscription<T>(subscription: Subscription, callback: () => T): T {
  return current.run(subscription, callback);
}

import type { ServerEvent, ServerEventBus } from "@modelcontextprotocol/server";
import { type AccessToken, currentAccessToken, currentTokenExchange, runWithAccessToken } from "../../access-token.ts";
import type { Logger } from "../../logger.ts";
import type { Change, Changes } from "./changes.ts";

/** Whether the caller of the current request may learn of a change, whoever it is meant for. */
export type Audience = (event: ServerEvent) => boolean | Promise<boolean>;

export interface SubscriptionBusOptions {
  readonly changes: Changes;
  readonly mayLearn: Audience;
  /** Whether there are no tokens: only then is a subscriber without one told anything. */
  readonly open: boolean;
  readonly logger: Logger;
}

/**
 * What the SDK's handler subscribes each stream of `subscriptions/listen` to. It does so while it serves the request,
 * so the subscriber is known by that request's token, and every change is held against it.
 */
export function createSubscriptionBus({ changes, mayLearn, open, logger }: SubscriptionBusOptions): ServerEventBus {
  return {
    publish: (event) => changes.publish(event, "everyone"),
    subscribe(listener) {
      const token = currentAccessToken();
      if (token === undefined && !open) {
        return () => {};
      }
      const exchange = currentTokenExchange();
      const asSubscriber = <T>(ask: () => T) =>
        token === undefined ? ask() : runWithAccessToken(token, ask, exchange);
      return changes.subscribe((change) => {
        try {
          if (!isMeantFor(token, change)) {
            return;
          }
          const may = asSubscriber(() => mayLearn(change.event));
          if (may === true) {
            listener(change.event);
          } else if (may !== false) {
            may.then((allowed) => allowed && listener(change.event)).catch(report);
          }
        } catch (error) {
          report(error);
        }
      });
    },
  };

  // In the context of who notifies: as the subscriber, everybody would be the one that getAccessToken() names.
  function isMeantFor(token: AccessToken | undefined, { to }: Change): boolean {
    if (to === "everyone") {
      return true;
    }
    if (token === undefined || typeof to !== "function") {
      return false;
    }
    const answer: unknown = to(token);
    if (typeof answer === "boolean") {
      return answer;
    }
    logger.warn({}, "notify: `to` gave neither true nor false for a subscriber, who is not told of the change");
    // An async one that fails would end the process.
    Promise.resolve(answer).catch(() => {});
    return false;
  }

  function report(error: unknown): void {
    logger.error({ err: error }, "A subscriber is not told of a change, since it can't be decided whether it may be");
  }
}

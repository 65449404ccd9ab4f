import type { ServerEvent } from "@modelcontextprotocol/server";
import {
  type AccessToken,
  currentAccessToken,
  currentTokenExchange,
  currentUserClaims,
  runWithAccessToken,
} from "../../access-token.ts";
import type { Logger } from "../../logger.ts";
import { type ChangeBus, currentSubscription } from "../../sdk/subscription.ts";
import type { Change, Changes } from "./changes.ts";
import { createPendingChanges } from "./pending-changes.ts";

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
 * What the SDK's handler subscribes each stream of `subscriptions/listen` to, and `sdk/session-stream.ts` each stream
 * of a session. They do so while they serve the request, so the subscriber is known by that request's token, and every
 * change that it subscribed to is held against it.
 */
export function createSubscriptionBus({ changes, mayLearn, open, logger }: SubscriptionBusOptions): ChangeBus {
  return {
    mayLearn,
    publish: (event) => changes.publish(event, "everyone"),
    subscribe(listener) {
      const token = currentAccessToken();
      const subscription = currentSubscription();
      if (subscription === undefined || (token === undefined && !open)) {
        return () => {};
      }
      const [exchange, userClaims] = [currentTokenExchange(), currentUserClaims()];
      const pending = createPendingChanges({
        outlet: subscription,
        mayLearn: (event) =>
          token === undefined
            ? mayLearn(event)
            : runWithAccessToken(token, () => mayLearn(event), exchange, userClaims),
        send: listener,
        onError: report,
        onOverflow(limit) {
          logger.warn(
            { event: "subscription-overrun" },
            `A subscription was ended: more than ${limit} changes waited for its client, which does not read them. It can subscribe again.`,
          );
          subscription.cut();
        },
      });
      const unsubscribe = changes.subscribe((change) => {
        try {
          if (subscription.wants(change.event) && isMeantFor(token, change)) {
            pending.add(change.event);
          }
        } catch (error) {
          report(error);
        }
      });
      return () => {
        unsubscribe();
        pending.stop();
      };
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

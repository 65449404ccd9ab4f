import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import type { ServerEvent } from "@modelcontextprotocol/server";
import { describe, expect, it } from "vitest";
import { type AccessToken, runWithAccessToken } from "../../access-token.ts";
import { createSubscription, runWithSubscription } from "../../sdk/subscription.ts";
import { recordingLogger } from "../../upstream/testing/recording-logger.ts";
import { Changes } from "./changes.ts";
import { createSubscriptionBus, type SubscriptionBusOptions } from "./subscription-bus.ts";

const alice: AccessToken = {
  token: "t",
  clientId: "c",
  scopes: [],
  expiresAt: 2e9,
  claims: {},
  subject: "alice",
};

const updated = (uri: string): ServerEvent => ({ kind: "resource_updated", uri });

function bus(options: Partial<SubscriptionBusOptions> = {}) {
  const changes = new Changes();
  const logger = recordingLogger();
  const made = createSubscriptionBus({ changes, mayLearn: () => true, open: false, logger, ...options });
  const told: ServerEvent[] = [];
  const response = Object.assign(new EventEmitter(), { writableNeedDrain: false, destroyed: false });
  const destroy = () => Object.assign(response, { destroyed: true }).emit("close");
  const subscribe = (notifications: object) => {
    const body = { method: "subscriptions/listen", params: { notifications } };
    const stream = createSubscription(
      body,
      Object.assign(response, { destroy }) as unknown as ServerResponse,
      () => {},
    );
    return runWithSubscription(stream, () => made.subscribe((event) => void told.push(event)));
  };
  return { changes, logger, told, response, subscribe, made };
}

describe("a subscriber", () => {
  it("without a token is told nothing where there are tokens", () => {
    const { changes, told, subscribe } = bus();
    const unsubscribe = subscribe({ resourceSubscriptions: ["a:1"], toolsListChanged: true });
    changes.publish(updated("a:1"), "everyone");
    changes.publish({ kind: "tools_list_changed" }, "everyone");
    expect(told).toEqual([]);
    expect(unsubscribe).not.toThrow();
  });

  it("without a token is told where there are none", () => {
    const { changes, told, subscribe } = bus({ open: true });
    subscribe({ resourceSubscriptions: ["a:1"] });
    changes.publish(updated("a:1"), "everyone");
    changes.publish(updated("a:1"), () => true);
    expect(told).toEqual([updated("a:1")]);
  });

  it("whose stream nobody knows is told nothing", () => {
    const { changes, told, made } = bus({ open: true });
    made.subscribe((event) => void told.push(event));
    changes.publish(updated("a:1"), "everyone");
    expect(told).toEqual([]);
  });

  it("is asked about only when it subscribed to what changed", () => {
    const asked: ServerEvent[] = [];
    const recipients: string[] = [];
    const { changes, told, subscribe } = bus({
      mayLearn(event) {
        asked.push(event);
        return true;
      },
    });
    runWithAccessToken(alice, () => subscribe({ resourceSubscriptions: ["a:1"], promptsListChanged: true }));
    const to = ({ subject }: AccessToken) => recipients.push(subject) > 0;
    changes.publish(updated("a:2"), to);
    changes.publish(updated("a:10"), to);
    changes.publish({ kind: "resources_list_changed" }, to);
    changes.publish({ kind: "tools_list_changed" }, to);
    expect([asked, recipients]).toEqual([[], []]);
    changes.publish(updated("a:1"), to);
    changes.publish({ kind: "prompts_list_changed" }, to);
    expect(told).toEqual([updated("a:1"), { kind: "prompts_list_changed" }]);
    expect([asked, recipients]).toEqual([told, ["alice", "alice"]]);
  });

  it("that does not read is cut when too much waits for it, and the log says so", () => {
    const { changes, told, logger, response, subscribe } = bus();
    const uris = Array.from({ length: 1001 }, (_, index) => `a:${index}`);
    const unsubscribe = runWithAccessToken(alice, () => subscribe({ resourceSubscriptions: uris }));
    response.writableNeedDrain = true;
    for (const uri of uris.slice(1)) {
      changes.publish(updated(uri), "everyone");
    }
    expect([response.destroyed, logger.lines]).toEqual([false, []]);
    changes.publish(updated("a:0"), "everyone");
    expect(response.destroyed).toBe(true);
    expect(logger.lines).toMatchObject([{ level: "warn", fields: { event: "subscription-overrun" } }]);
    expect(told).toEqual([]);
    unsubscribe();
  });

  it("is told nothing after it has unsubscribed", async () => {
    const { changes, told, subscribe } = bus({ mayLearn: async () => true });
    const unsubscribe = runWithAccessToken(alice, () => subscribe({ resourceSubscriptions: ["a:1"] }));
    changes.publish(updated("a:1"), "everyone");
    unsubscribe();
    changes.publish(updated("a:1"), "everyone");
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toEqual([]);
  });
});

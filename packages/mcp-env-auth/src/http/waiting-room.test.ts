import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { createWaitingRoom } from "./waiting-room.ts";

const connected = () => new EventEmitter() as ServerResponse;
const full = "too many requests wait";

describe("where requests wait for what is being loaded", () => {
  it("there is no more room than that, until it is loaded", async () => {
    let loaded = () => {};
    const promise = new Promise<void>((resolve) => {
      loaded = resolve;
    });
    const waitFor = createWaitingRoom(2);
    const waiting = [waitFor(promise, connected()), waitFor(promise, connected())];
    await expect(waitFor(promise, connected())).rejects.toThrow(full);
    loaded();
    await Promise.all(waiting);
    await Promise.all([waitFor(promise, connected()), waitFor(promise, connected())]);
  });

  it("whoever leaves makes room for another", async () => {
    const waitFor = createWaitingRoom(1);
    const never = new Promise<void>(() => {});
    const response = connected();
    const left = waitFor(never, response);
    response.emit("close");
    await left;
    const other = connected();
    const waits = waitFor(never, other);
    await expect(waitFor(never, connected())).rejects.toThrow(full);
    other.emit("close");
    await waits;
  });

  it("nobody waits for what could not be loaded, and nothing listens on", async () => {
    const broken = Promise.reject(new Error("broken"));
    const waitFor = createWaitingRoom(1);
    for (const response of [connected(), connected()]) {
      await waitFor(broken, response);
      expect(response.eventNames()).toEqual([]);
    }
  });
});

import { describe, expect, it } from "vitest";
import { createBodyRoom, NoRoomForBody } from "./body-room.ts";

const stays = () => {};

describe("room for large bodies", () => {
  it("is shared: one user has a third of it, and others theirs", async () => {
    const room = createBodyRoom(90, 0);
    await room.take("alice", 20, stays);
    await expect(room.take("alice", 20, stays)).rejects.toBeInstanceOf(NoRoomForBody);
    await room.take("alice", 10, stays);
    await room.take("bob", 30, stays);
    await room.take("carol", 30, stays);
    await expect(room.take("dave", 1, stays)).rejects.toBeInstanceOf(NoRoomForBody);
  });

  it("is never all of those who take more than one body", async () => {
    const room = createBodyRoom(90, 0);
    const held: Record<string, number> = {};
    for (const user of ["alice", "bob", "carol", "dave"]) {
      held[user] = 0;
      for (let more = true; more; ) {
        more = await room.take(user, 1, stays).then(
          () => true,
          () => false,
        );
        held[user] += more ? 1 : 0;
      }
    }
    expect(held).toEqual({ alice: 30, bob: 30, carol: 15, dave: 7 });
    await expect(room.take("erin", 8, stays)).resolves.toBeDefined();
  });

  it("is given back of a body that turned out to be smaller", async () => {
    const room = createBodyRoom(90);
    const first = await room.take("alice", 30, stays);
    const second = room.take("alice", 20, stays);
    first.shrinkTo(40);
    first.shrinkTo(10);
    await expect(second).resolves.toBeDefined();
    first.giveBack();
    first.giveBack();
    first.shrinkTo(0);
    await expect(room.take("alice", 10, stays)).resolves.toBeDefined();
    await expect(createBodyRoom(90, 0).take("alice", 31, stays)).resolves.toBeDefined();
  });

  it("is waited for by nobody when the server stops, while those who fit still get it", async () => {
    const room = createBodyRoom(90);
    await room.take("alice", 30, stays);
    const waiting = room.take("alice", 30, stays);
    room.close();
    await expect(waiting).rejects.toBeInstanceOf(NoRoomForBody);
    await expect(room.take("alice", 30, stays)).rejects.toThrow("The server is stopping");
    await expect(room.take("bob", 20, stays)).resolves.toBeDefined();
  });

  it("has a place for one body of any size", async () => {
    const room = createBodyRoom(90, 0);
    const { giveBack } = await room.take("alice", 1000, stays);
    await expect(room.take("bob", 1, stays)).rejects.toBeInstanceOf(NoRoomForBody);
    giveBack();
    await expect(room.take("bob", 1000, stays)).resolves.toBeDefined();
  });

  it("goes to who waits for it, once it is given back, and counts that once", async () => {
    const room = createBodyRoom(90);
    const { giveBack } = await room.take("alice", 30, stays);
    const order: string[] = [];
    const waiting = [1, 2].map(async (which) => {
      const done = await room.take("alice", 30, stays);
      order.push(`begins ${which}`);
      return done;
    });
    giveBack();
    giveBack();
    (await waiting[0])?.giveBack();
    await waiting[1];
    expect(order).toEqual(["begins 1", "begins 2"]);
    await expect(createBodyRoom(90, 0).take("alice", 30, stays)).resolves.toBeDefined();
  });

  it("is not kept for those who have gone", async () => {
    const room = createBodyRoom(90);
    const { giveBack } = await room.take("alice", 30, stays);
    let leave = stays;
    const gone = room.take("alice", 30, (callback) => {
      leave = callback;
    });
    leave();
    await expect(gone).rejects.toBeInstanceOf(NoRoomForBody);
    giveBack();
    await expect(room.take("alice", 30, stays)).resolves.toBeDefined();
  });

  it("lets only so many wait", async () => {
    const room = createBodyRoom(90);
    await room.take("alice", 30, stays);
    const leave: (() => void)[] = [];
    const waiting = Array.from({ length: 32 }, () => room.take("alice", 30, (callback) => leave.push(callback)));
    await expect(room.take("alice", 30, stays)).rejects.toThrow("wait to be served");
    await expect(room.take("bob", 30, stays)).resolves.toBeDefined();
    for (const callback of leave) {
      callback();
    }
    const refused = { status: "rejected", reason: expect.any(NoRoomForBody) };
    expect(await Promise.allSettled(waiting)).toEqual(Array.from({ length: 32 }, () => refused));
  });
});

import { getHeapStatistics } from "node:v8";

/** What can't have room now: 503. */
export class NoRoomForBody extends Error {
  override readonly name = "NoRoomForBody";
}

/** For a body to get room. A client waits longer for the answer to a call. */
const MAX_WAIT_MS = 10_000;

/** How many bodies of one user may wait for room. */
const MAX_WAITING = 32;

/** Room that a body has taken. */
export interface TakenRoom {
  /** Gives back what the body turned out not to need. */
  shrinkTo(bytes: number): void;
  giveBack(): void;
}

/** Room for the large bodies that are being read or served at once. */
export interface BodyRoom {
  /**
   * Takes `bytes` of the room, waiting for up to ten seconds until they are there.
   *
   * @param user whose share they are of.
   * @param whenGone calls back when nobody wants them any more.
   * @throws NoRoomForBody
   */
  take(user: string, bytes: number, whenGone: (leave: () => void) => void): Promise<TakenRoom>;
  /** From now on nobody waits: what gets no room at once is refused. */
  close(): void;
}

interface Waiting {
  readonly user: string;
  readonly bytes: number;
  readonly begin: () => void;
  readonly leave: () => void;
}

/**
 * A body and what it is parsed into take a few times its bytes, and dozens of the largest at once would end a process
 * of a small heap. One user may take a third of the room, and no more than is then left for others: so however many
 * users take all they can, there is room for the next.
 *
 * @param total bytes: by default three eighths of what V8 may use.
 * @param patience milliseconds.
 */
export function createBodyRoom(
  total: number = (getHeapStatistics().heap_size_limit * 3) / 8,
  patience: number = MAX_WAIT_MS,
): BodyRoom {
  const share = total / 3;
  const takenBy = new Map<string, number>();
  const waiting = new Set<Waiting>();
  let taken = 0;
  let isClosed = false;

  function fits(user: string, bytes: number): boolean {
    const own = takenBy.get(user) ?? 0;
    if (own > 0) {
      return own + bytes <= Math.min(share, total - taken - bytes);
    }
    // Whoever has nothing may have any one body: the operator may allow bodies that are larger than a share.
    return taken === 0 || taken + bytes <= total;
  }

  function hold(user: string, bytes: number): TakenRoom {
    taken += bytes;
    takenBy.set(user, (takenBy.get(user) ?? 0) + bytes);
    let held = bytes;
    const shrinkTo = (needed: number) => {
      const spare = held - needed;
      if (spare > 0) {
        held = needed;
        giveBack(user, spare);
      }
    };
    return { shrinkTo, giveBack: () => shrinkTo(0) };
  }

  function giveBack(user: string, bytes: number): void {
    taken -= bytes;
    const own = (takenBy.get(user) ?? 0) - bytes;
    if (own > 0) {
      takenBy.set(user, own);
    } else {
      takenBy.delete(user);
    }
    for (const next of waiting) {
      if (fits(next.user, next.bytes)) {
        next.begin();
      }
    }
  }

  function wait(user: string, bytes: number, whenGone: (leave: () => void) => void): Promise<TakenRoom> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        if (waiting.delete(next)) {
          clearTimeout(timer);
          reject(new NoRoomForBody("Too many large requests are being served. Send this one again later."));
        }
      };
      const next: Waiting = {
        user,
        bytes,
        leave,
        begin() {
          waiting.delete(next);
          clearTimeout(timer);
          resolve(hold(user, bytes));
        },
      };
      const timer = setTimeout(leave, patience);
      waiting.add(next);
      whenGone(leave);
    });
  }

  return {
    async take(user, bytes, whenGone) {
      if (fits(user, bytes)) {
        return hold(user, bytes);
      }
      if (isClosed) {
        throw new NoRoomForBody("The server is stopping. Send this request again.");
      }
      if ([...waiting].filter((one) => one.user === user).length >= MAX_WAITING) {
        throw new NoRoomForBody("Too many of your large requests wait to be served. Send this one again later.");
      }
      return wait(user, bytes, whenGone);
    },
    close() {
      isClosed = true;
      for (const { leave } of [...waiting]) {
        leave();
      }
    },
  };
}

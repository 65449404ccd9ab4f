import type { ServerEvent } from "@modelcontextprotocol/server";

/** The most changes that wait for one client. */
const MAX_PENDING = 1000;

/** How many of them go out in one turn of the event loop, so that a client that reads again holds up nobody else. */
const PER_TURN = 16;

/** Where changes go. */
export interface Outlet {
  /** Whether the client has not taken what was sent to it. */
  isFull(): boolean;
  /** Settles when it takes more, or has gone. */
  drained(): Promise<void>;
}

export interface PendingChangesOptions {
  readonly outlet: Outlet;
  /** Whether the client may learn of a change. Asked when it is its turn, so once for all that came meanwhile. */
  readonly mayLearn: (event: ServerEvent) => boolean | Promise<boolean>;
  readonly send: (event: ServerEvent) => void;
  /** Told when it can't be decided whether the client may learn of a change: it does not. */
  readonly onError: (error: unknown) => void;
  /** Told when more changes wait than may. None is sent after that. */
  readonly onOverflow: (limit: number) => void;
  /** Default 1,000. */
  readonly limit?: number;
}

/** The changes that one client is still to be told of. */
export interface PendingChanges {
  add(event: ServerEvent): void;
  /** Forgets what waits, and all that comes. */
  stop(): void;
}

/**
 * Keeps changes for a client until it takes them: each resource and each list once, however often it changed. A change
 * that comes while it is being decided whether the client may learn of one before is decided by itself, after that.
 */
export function createPendingChanges(options: PendingChangesOptions): PendingChanges {
  const { outlet, mayLearn, send, onError, onOverflow, limit = MAX_PENDING } = options;
  const waiting = new Map<string, ServerEvent>();
  const underDecision = new Set<string>();
  let sentInTurn = 0;
  let isResting = false;
  let isStopped = false;

  return {
    add(event) {
      if (isStopped) {
        return;
      }
      waiting.set(keyOf(event), event);
      if (waiting.size > limit) {
        stop();
        onOverflow(limit);
        return;
      }
      pump();
    },
    stop,
  };

  function stop(): void {
    isStopped = true;
    waiting.clear();
  }

  function pump(): void {
    for (const [key, event] of waiting) {
      if (sentInTurn >= PER_TURN || outlet.isFull()) {
        rest();
        return;
      }
      if (!underDecision.has(key)) {
        waiting.delete(key);
        decide(key, event);
      }
    }
  }

  function decide(key: string, event: ServerEvent): void {
    try {
      const may = mayLearn(event);
      if (typeof may === "boolean") {
        deliver(may, event);
        return;
      }
      underDecision.add(key);
      may
        .then((allowed) => deliver(allowed, event))
        .catch(onError)
        .finally(() => {
          underDecision.delete(key);
          pump();
        });
    } catch (error) {
      onError(error);
    }
  }

  function deliver(may: boolean, event: ServerEvent): void {
    if (may !== true || isStopped) {
      return;
    }
    sentInTurn += 1;
    rest();
    send(event);
  }

  /** Goes on in the next turn of the event loop, or when the client has taken what was sent. */
  function rest(): void {
    if (isResting) {
      return;
    }
    isResting = true;
    setImmediate(async () => {
      await outlet.drained();
      isResting = false;
      sentInTurn = 0;
      pump();
    });
  }
}

function keyOf(event: ServerEvent): string {
  return event.kind === "resource_updated" ? `uri ${event.uri}` : event.kind;
}

/**
 * What a message waits for: `call`, places of what runs handlers for as long as those like; `list`, places of lists,
 * which are long and quickly made.
 */
export type TurnKind = "call" | "list";

/** The turn that a body has to take. */
export interface NeededTurn {
  readonly kind: TurnKind;
  /** How many of its messages are to be answered. */
  readonly messages: number;
}

/**
 * Answered in moments whatever is registered, and needed to go on. A subscription lasts, and has a limit of its own.
 */
const WITHOUT_TURN: ReadonlySet<unknown> = new Set(["initialize", "ping", "server/discover", "subscriptions/listen"]);

/** Whether requests of a method take turns. What is unknown does: behind `protect()`, it may run anything. */
export function takesTurn(method: string): boolean {
  return !WITHOUT_TURN.has(method);
}

/**
 * The turn that a body takes, judged from the body alone; `undefined` where nothing in it takes one, such as
 * notifications, answers and `ping`. A batch takes one turn, which is that of a call as soon as one of it is.
 */
export function turnFor(body: unknown): NeededTurn | undefined {
  if (!Array.isArray(body)) {
    const kind = kindOf(body);
    return kind && ONE[kind];
  }
  const kinds = body.map(kindOf).filter((kind) => kind !== undefined);
  if (kinds.length === 0) {
    return undefined;
  }
  return { kind: kinds.includes("call") ? "call" : "list", messages: kinds.length };
}

const ONE: Readonly<Record<TurnKind, NeededTurn>> = {
  call: { kind: "call", messages: 1 },
  list: { kind: "list", messages: 1 },
};

function kindOf(message: unknown): TurnKind | undefined {
  if (typeof message !== "object" || message === null) {
    return undefined;
  }
  const { id, method } = message as { readonly id?: unknown; readonly method?: unknown };
  if (id === undefined || typeof method !== "string" || !takesTurn(method)) {
    return undefined;
  }
  return method.endsWith("/list") ? "list" : "call";
}

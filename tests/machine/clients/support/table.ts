/** What a person does with a client, in this order. */
export const STEPS = [
  "log in",
  "list",
  "call",
  "step up",
  "missing permission",
  "come back tomorrow",
  "new signing key",
  "log out",
] as const;
export type Step = (typeof STEPS)[number];

/** A step that ends otherwise. `…` in `sees` and `request` stands for anything. */
export interface Shortfall {
  /** The exact text that the person reads, of the client or of the page in the browser. Empty where they wait. */
  readonly sees: string;
  /** What they do next. */
  readonly next: string;
  /** A request that proves that the client is at fault, as `describeExchange` writes it. */
  readonly request?: string;
}

/** A step that the client has no way to take, and why. It is not tried. */
export interface NotPossible {
  readonly notPossible: string;
}

export type Cell = "passed" | Shortfall | NotPossible;

/** What is recorded of a client, in its `cells.json`; docs/clients shows it. */
export interface RecordedClient {
  readonly client: string;
  readonly version: string;
  /** The page in docs/clients. */
  readonly page: string;
  /** What `doctor --as` calls it: its replay must send what the client sends. */
  readonly recording?: string;
  /** Broken servers at which the two differ, and why. */
  readonly differs?: Readonly<Record<string, string>>;
  readonly cells: Readonly<Record<Step, Cell>>;
}

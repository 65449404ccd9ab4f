/** What a client can be asked for, as `initialize` says it (MCP 2025-11-25, Lifecycle, Capability Negotiation). */
export type ClientCapabilities = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

interface Known {
  readonly capability: string;
  readonly member?: string;
  /** What stands for it. */
  readonly value: object | true;
}

/** A bit of each. Sessions hold these bits: add new ones at the end. */
const KNOWN: readonly Known[] = [
  { capability: "elicitation", value: {} },
  { capability: "elicitation", member: "form", value: {} },
  { capability: "elicitation", member: "url", value: {} },
  { capability: "sampling", value: {} },
  { capability: "sampling", member: "tools", value: {} },
  { capability: "sampling", member: "context", value: {} },
  { capability: "roots", value: {} },
  { capability: "roots", member: "listChanged", value: true },
];

/** The first three bits of {@link KNOWN}. */
const ELICITATION = 0b111;
const WITHOUT_MODE = 0b001;
const FORM = 0b010;

/**
 * The bits of what `declared` says a client can be asked for; 0 for nothing. All else that it says is left out.
 * `elicitation` without a mode stands for forms (MCP 2025-11-25, Elicitation, Capabilities).
 */
export function encodeCapabilities(declared: unknown): number {
  let bits = 0;
  for (const [index, { capability, member, value }] of KNOWN.entries()) {
    const found = memberOf(declared, capability);
    const said = member === undefined ? found : memberOf(found, member);
    if (value === true ? said === true : isObject(said)) {
      bits |= 1 << index;
    }
  }
  return (bits & ELICITATION) === WITHOUT_MODE ? bits | FORM : bits;
}

/** The capabilities that {@link encodeCapabilities} made `bits` of. */
export function decodeCapabilities(bits: number): ClientCapabilities {
  const capabilities: Record<string, Record<string, unknown>> = {};
  for (const [index, { capability, member, value }] of KNOWN.entries()) {
    if ((bits & (1 << index)) === 0) {
      continue;
    }
    capabilities[capability] ??= {};
    if (member !== undefined) {
      capabilities[capability][member] = value;
    }
  }
  return capabilities;
}

function memberOf(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

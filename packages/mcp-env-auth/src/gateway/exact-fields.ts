import { INVALID_REQUEST } from "../http/json-rpc.ts";
import { InvalidMessage } from "../http/mcp-refusals.ts";

/** What a message is judged by, by where it stands. */
const FIELDS = new Set(["jsonrpc", "id", "method", "params", "result", "error"]);
const PARAMETERS = new Set(["name", "uri", "ref", "arguments", "_meta"]);

/**
 * Refuses a message with a field such as `Method`, or `Name` among its params. Some languages take it for the field in
 * lower case: such an upstream would run something else than what was judged.
 *
 * @throws InvalidMessage
 */
export function checkFieldNames(body: unknown): void {
  for (const message of Array.isArray(body) ? body : [body]) {
    check(message, FIELDS, "");
    const { params } = (message ?? {}) as { readonly params?: { readonly ref?: unknown } | null };
    check(params, PARAMETERS, "params.");
    check(params?.ref, PARAMETERS, "params.ref.");
  }
}

function check(value: unknown, names: ReadonlySet<string>, where: string): void {
  if (typeof value !== "object" || value === null) {
    return;
  }
  const misspelt = Object.keys(value).find((name) => isVariant(name, names));
  if (misspelt !== undefined) {
    const text = `${where}${misspelt}`.slice(0, 40);
    throw new InvalidMessage(INVALID_REQUEST, `Unknown field ${JSON.stringify(text)}. Field names are case-sensitive.`);
  }
}

/** Go folds more than the case of ASCII: `ſ` (U+017F) counts as `s`, and the Kelvin sign as `k`. */
function isVariant(name: string, names: ReadonlySet<string>): boolean {
  const folded = name.normalize("NFKC").toLowerCase();
  return folded !== name && names.has(folded);
}
